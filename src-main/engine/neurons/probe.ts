/** A topic head for the activations of another system's model: trained here on its mean activations in training clips. */
import { join } from 'node:path'
import type {
  ClipFeatures,
  EngineContext,
  EngineParams,
  EngineResult,
  LabelledClip,
} from '../../engine-host/contract/index.ts'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { encodeSafetensors } from '../../formats/safetensors.ts'
import { breather } from '../../common/breather.ts'
import { readFeatures } from '../captioner/feature-files.ts'
import { parameterTensor } from '../captioner/parameters.ts'
import type { Parameters } from '../captioner/parameters.ts'
import { failures } from './failures.ts'
import { trainHead } from './new-head.ts'
import { headScores, PROBE_FILE, probeArchitecture, probeTensors } from './source.ts'
import { deviationOf, meanVector } from './statistics.ts'

/** A neuron whose deviation is this share of its mean at most says nothing: rounding alone would be read. */
const SMALLEST_SHARE = 1e-5

/** Trains the head and writes it into the model's folder; its scores of all clips. Throws NOT_READY without clips. */
export async function probe(
  { modelDir, frames, topicCount, clips, train, validation, seed }: EngineParams<'neurons.probe'>,
  context: EngineContext,
): Promise<EngineResult<'neurons.probe'>> {
  const means = await meansOf(clips, frames, context)
  const trained = train.flatMap(({ id }) => means.get(id) ?? [])
  const D = trained[0]?.length
  if (D === undefined) {
    throw failures.noClips()
  }
  const scaling = scalingOf(trained, D)
  const examplesOf = (labelled: readonly LabelledClip[]) =>
    labelled.map(({ id, topics }) => ({ mean: scaled(means.get(id)!, scaling), topics }))
  const { mAP, parameters } = await trainHead(
    probeArchitecture(D, topicCount, frames),
    // Without validation clips the training clips stand in for them.
    { train: examplesOf(train), validation: examplesOf(validation.length > 0 ? validation : train) },
    seed,
    context,
  )
  const head = ofRawActivations(parameters, scaling)
  await writeFileAtomic(join(modelDir, PROBE_FILE), encodeSafetensors(probeTensors(head, frames)))
  return {
    neurons: D,
    mAP,
    scores: clips.map(({ id }) => ({ id, topics: headScores(head, means.get(id)!) })),
  }
}

/** The mean activation of each clip, [D], by id. */
async function meansOf(
  clips: readonly ClipFeatures[],
  frames: number,
  { signal, progress }: EngineContext,
): Promise<Map<number, Float32Array>> {
  const breathe = breather(signal)
  const means = new Map<number, Float32Array>()
  for (const clip of clips) {
    await breathe()
    const { rows, size, data } = await readFeatures(clip, frames)
    const rowsOf = Array.from({ length: rows }, (_, row) => data.subarray(row * size, (row + 1) * size))
    means.set(clip.id, meanVector(rowsOf, size))
    progress({ phase: 'reading activations', done: means.size, total: clips.length, unit: 'clips' })
  }
  return means
}

/** Mean of each neuron over the training clips, and one over its deviation: other systems have units of their own. */
interface Scaling {
  mean: Float32Array
  /** 0 for a neuron that does not vary. */
  factor: Float32Array
}

function scalingOf(means: readonly Float32Array[], D: number): Scaling {
  const mean = meanVector(means, D)
  const factor = Float32Array.from(mean, (average, j) => {
    const deviation = deviationOf(means.map((ofClip) => ofClip[j]!))
    return deviation > SMALLEST_SHARE * Math.abs(average) ? 1 / deviation : 0
  })
  return { mean, factor }
}

const scaled = (row: Float32Array, { mean, factor }: Scaling): Float32Array =>
  row.map((x, j) => (x - mean[j]!) * factor[j]!)

/** The same f of activations that are not scaled: with factors g and means m, g W for W, and b - m g W for b. */
function ofRawActivations(parameters: Parameters, { mean, factor }: Scaling): Parameters {
  const { shape, data } = parameterTensor(parameters, 'topics.hidden')
  const P = shape[1]!
  const weights = data.map((weight, i) => weight * factor[Math.floor(i / P)]!)
  const bias = Float64Array.from(parameterTensor(parameters, 'topics.hidden_bias').data)
  weights.forEach((weight, i) => {
    bias[i % P]! -= mean[Math.floor(i / P)]! * weight
  })
  return new Map([
    ...parameters,
    ['topics.hidden', { shape, data: weights }],
    ['topics.hidden_bias', { shape: [P], data: Float32Array.from(bias) }],
  ])
}
