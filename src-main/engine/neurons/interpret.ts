/** Making a model's neuron map: which topic each neuron stands for, and how honest that is. */
import type {
  AlignmentSummary,
  EngineContext,
  EngineParams,
  EngineResult,
  LabelledClip,
  NeuronScores,
} from '../../engine-host/contract/index.ts'
import { checkShapes, eachOnce } from '../captioner/feature-transform.ts'
import { neuronCount, neuronPart, topicHeadMasks } from '../captioner/parameters.ts'
import type { Architecture } from '../captioner/parameters.ts'
import { resolveDevice } from '../graph/session.ts'
import { createRandom } from '../../common/random.ts'
import { activations, frameActivations } from './activations.ts'
import { falseDiscoveryRates } from './alignment/false-discovery.ts'
import { DRAWS, measureAlignment } from './alignment/measure.ts'
import type { Alignment, PairFigures } from './alignment/measure.ts'
import { measureOverTime } from './alignment/over-time.ts'
import type { Frames } from './alignment/over-time.ts'
import { bearingOf } from './alignment/ranking.ts'
import type { Activations } from './alignment/sparse-probe.ts'
import { failures } from './failures.ts'
import { alignmentOfPair, writeNeuronMap } from './neuron-map.ts'
import type { NeuronMapFile } from './neuron-map.ts'
import { predictionDifference } from './prediction-difference.ts'
import type { ClipSet } from './prediction-difference.ts'
import { isProbe, withNeurons } from './source.ts'
import type { NeuronSource } from './source.ts'
import { deadAt, deviationOf, meanVector } from './statistics.ts'

/** A neuron is polysemantic when another topic reaches this share of what its own has. */
const NEAR_TOP = 0.8
/** Another topic counts where the neuron answers to it: q of the pair at most this. */
const SIGNIFICANT = 0.05

type InterpretParams = EngineParams<'neurons.interpret'>

/** Measures the map and writes it into the model's folder. Throws NOT_READY without clips. */
export async function interpret(
  params: InterpretParams,
  context: EngineContext,
): Promise<EngineResult<'neurons.interpret'>> {
  const clips = eachOnce([...params.clips, ...params.train, ...params.heldOut])
  const { longest } = await checkShapes(clips, Infinity, context.signal)
  const options = { device: resolveDevice(params.device), frames: longest }
  return withNeurons(params.modelDir, options, (loaded) => interpretModel(loaded, params, context))
}

async function interpretModel(
  loaded: NeuronSource,
  params: InterpretParams,
  context: EngineContext,
): Promise<EngineResult<'neurons.interpret'>> {
  const started = performance.now()
  const { architecture } = loaded.model
  if (params.clips.length === 0 || params.train.length === 0) {
    throw failures.noClips()
  }
  const means = await measureMeans(loaded, params, context)
  const [delta, ...shuffledDeltas] = await measureDeltas(loaded, means, params, context)
  if (!delta) {
    throw new Error('no deltas')
  }
  const alignment = params.heldOut.length === 0 ? null : await align(architecture, params, means, context)
  const map = { ...mapOf(architecture, params, means, { delta, shuffledDeltas }), alignment }
  await writeNeuronMap(params.modelDir, map)
  const neurons = correctForNeurons(scoreNeurons(architecture, map, means.clips))
  const mean = (figure: 'shuffled' | 'delta'): number =>
    neurons.reduce((sum, scores) => sum + scores[figure], 0) / neurons.length
  return {
    neurons,
    shuffledBaseline: mean('shuffled'),
    meanDelta: mean('delta'),
    alignment: alignment && describeAlignment(alignment),
    overTime: params.truth && (await alignOverTime(loaded, params, params.truth, context)),
    seconds: (performance.now() - started) / 1000,
  }
}

/** v-bar of clips, [N][D]. */
interface Means {
  clips: Float32Array[]
  train: Float32Array[]
  heldOut: Float32Array[]
}

async function measureMeans(
  loaded: NeuronSource,
  { clips, train, heldOut }: InterpretParams,
  { signal, progress }: EngineContext,
): Promise<Means> {
  const distinct = [...new Map([...clips, ...train, ...heldOut].map((clip) => [clip.id, clip])).values()]
  const report = (done: number) => {
    progress({ phase: 'encoding clips', done, total: distinct.length, unit: 'clips' })
  }
  const encoded = await activations(loaded, distinct, signal, { report })
  const meanOfClip = new Map(encoded.map(({ id, mean }) => [id, mean]))
  const meansOf = (labelled: readonly LabelledClip[]) => labelled.map(({ id }) => meanOfClip.get(id)!)
  return { clips: meansOf(clips), train: meansOf(train), heldOut: meansOf(heldOut) }
}

/** delta, [D, K], over the training clips as they are labelled, and then under each shuffle of their topics. */
function measureDeltas(
  { model }: NeuronSource,
  means: Means,
  { train, reference, videoSet, shuffles, seed, device }: InterpretParams,
  { signal, progress }: EngineContext,
): Promise<Float32Array[]> {
  const D = neuronCount(model.architecture)
  const random = createRandom(seed)
  const topics = train.map((clip) => clip.topics)
  const shuffled = Array.from({ length: shuffles }, (): ClipSet => random.shuffle([...topics]))
  return predictionDifference(model, means.train, {
    reference: reference === 'mean' ? meanVector(means.train, D) : new Float32Array(D),
    sets: [videoSet === 'all' ? 'all' : topics, ...shuffled],
    device: resolveDevice(device),
    signal,
    report: (done) => {
      progress({ phase: 'prediction differences', done, total: train.length, unit: 'clips' })
    },
  })
}

/** Held-out alignment, by the activations that the map is made of. */
function align(
  architecture: Architecture,
  { train, heldOut, seed }: InterpretParams,
  means: Means,
  context: EngineContext,
): Promise<Alignment> {
  const D = neuronCount(architecture)
  const activationsOf = (rows: readonly Float32Array[], clips: readonly LabelledClip[]): Activations => ({
    neurons: Array.from({ length: D }, (_, j) => Float32Array.from(rows, (row) => row[j]!)),
    bearing: bearingOf(
      clips.map(({ topics }) => topics),
      architecture.topics,
    ),
  })
  return measureAlignment(
    { train: activationsOf(means.train, train), heldOut: activationsOf(means.heldOut, heldOut) },
    seed,
    context,
  )
}

/** What is known of an alignment beside its pairs. */
const describeAlignment = ({ tests, bearing, probes, oneNeuron }: Alignment): AlignmentSummary => ({
  tests,
  draws: DRAWS,
  topics: probes.map((ofTopic, k) => ({ bearing: bearing[k]!, probes: ofTopic })),
  oneNeuron,
})

/** Neurons against what training clips, and those held out, show over time. */
async function alignOverTime(
  loaded: NeuronSource,
  { train, heldOut }: InterpretParams,
  { concepts, clips }: NonNullable<InterpretParams['truth']>,
  context: EngineContext,
): Promise<EngineResult<'neurons.interpret'>['overTime']> {
  const shownBy = new Map(clips.map(({ id, frames }) => [id, frames]))
  const D = neuronCount(loaded.model.architecture)
  const framesOf = async (labelled: readonly LabelledClip[]): Promise<Frames> => {
    const known = labelled.filter(({ id }) => shownBy.has(id))
    const encoded = await frameActivations(loaded, known, context.signal, (done) => {
      context.progress({ phase: 'encoding frames', done, total: known.length, unit: 'clips' })
    })
    const conceptsOf = known.flatMap(({ id }, i) => {
      const [shown, frames] = [shownBy.get(id)!, encoded[i]!.length / D]
      if (shown.length !== frames) {
        throw failures.otherFrames({ clipId: id, frames, shown: shown.length })
      }
      return shown
    })
    const activation = concatenated(encoded)
    const neurons = Array.from({ length: D }, (_, j) =>
      Float32Array.from(conceptsOf, (_concepts, frame) => activation[frame * D + j]!),
    )
    return { neurons, conceptsOf }
  }
  const frames = { train: await framesOf(train), heldOut: await framesOf(heldOut) }
  return frames.train.conceptsOf.length === 0 || frames.heldOut.conceptsOf.length === 0
    ? null
    : {
        frames: frames.heldOut.conceptsOf.length,
        ...(await measureOverTime({ ...frames, concepts }, context)),
      }
}

function mapOf(
  architecture: Architecture,
  { clips, train }: InterpretParams,
  means: Means,
  { delta, shuffledDeltas }: { delta: Float32Array; shuffledDeltas: readonly Float32Array[] },
): Omit<NeuronMapFile, 'alignment'> {
  const [D, K] = [neuronCount(architecture), architecture.topics]
  const largest = (deltas: Float32Array, j: number): number =>
    deltas.subarray(j * K, (j + 1) * K).reduce((a, b) => Math.max(a, b), -Infinity)
  return {
    topics: K,
    delta,
    firstLearnt: D - 2 * architecture.settings.encoderSize,
    shuffled: Float32Array.from(
      { length: D },
      (_, j) => shuffledDeltas.reduce((sum, deltas) => sum + largest(deltas, j), 0) / shuffledDeltas.length,
    ),
    bearing: meansByTopic(means.train, train, K, true),
    absent: meansByTopic(means.train, train, K, false),
    clipIds: Float32Array.from(clips, ({ id }) => id),
    clipMeans: concatenated(means.clips),
  }
}

/**
 * Mean of v-bar over the clips that bear (or do not bear) each topic, [D, K]; the mean over all where there
 * is none.
 */
function meansByTopic(
  means: readonly Float32Array[],
  clips: readonly LabelledClip[],
  K: number,
  bears: boolean,
): Float32Array {
  const D = means[0]?.length ?? 0
  const out = new Float32Array(D * K)
  const overall = meanVector(means, D)
  for (let k = 0; k < K; k++) {
    const chosen = means.filter((_, i) => clips[i]?.topics.includes(k) === bears)
    const mean = chosen.length > 0 ? meanVector(chosen, D) : overall
    mean.forEach((x, j) => {
      out[j * K + k] = x
    })
  }
  return out
}

function concatenated(rows: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0))
  let end = 0
  for (const row of rows) {
    out.set(row, end)
    end += row.length
  }
  return out
}

/** `means`: v-bar of the clips of the map, [N][D]. */
function scoreNeurons(
  architecture: Architecture,
  { topics: K, delta, shuffled, alignment }: NeuronMapFile,
  means: readonly Float32Array[],
): NeuronScores[] {
  const deviations = Array.from(shuffled, (_, j) => deviationOf(means.map((mean) => mean[j] ?? 0)))
  const isTied = topicHeadMasks(architecture).size > 0
  const deadFrom = deadAt(deviations)
  return deviations.map((deviation, j) => {
    const deltaOf = (k: number): number => delta[j * K + k] ?? 0
    const order = Array.from({ length: K }, (_, k) => k).sort((a, b) => deltaOf(b) - deltaOf(a) || a - b)
    const [topic = 0, runnerUp = topic] = order
    const [best, second] = [deltaOf(topic), deltaOf(runnerUp)]
    const dead = deviation <= deadFrom
    const named = alignment && best > 0 ? { ...alignment, neuron: j, topic, topics: K } : null
    return {
      neuron: j,
      part: isProbe(architecture) ? 'activation' : neuronPart(architecture, j),
      topic,
      delta: best,
      runnerUp,
      margin: best - second,
      shuffled: shuffled[j] ?? 0,
      dead,
      polysemantic:
        !dead &&
        best > 0 &&
        (isTied ? named !== null && answersToAnother(named) : K > 1 && second >= NEAR_TOP * best),
      alignment: named && alignmentOfPair(named, j * K + topic),
    }
  })
}

/** A neuron and the topic that it stands for. */
interface NamedNeuron extends PairFigures {
  neuron: number
  topic: number
  topics: number
}

/**
 * Whether a neuron answers to another topic about as well as to its own. A tied head lets it lower one topic alone, so
 * that prediction differences can't say it; held-out clips can, by the area under the curve over chance.
 */
function answersToAnother({ auc, q, neuron, topic, topics: K }: NamedNeuron): boolean {
  const gainOf = (k: number): number => auc[neuron * K + k]! - 0.5
  return Array.from({ length: K }, (_, k) => k).some(
    (k) =>
      k !== topic &&
      q[neuron * K + k]! <= SIGNIFICANT &&
      gainOf(k) > 0 &&
      gainOf(k) >= NEAR_TOP * gainOf(topic),
  )
}

/**
 * What a neuron stands for was found on training clips, so that there is one test a neuron on the held-out ones: q is
 * corrected for these, and not for all pairs.
 */
function correctForNeurons(neurons: readonly NeuronScores[]): NeuronScores[] {
  const q = falseDiscoveryRates(Float64Array.from(neurons, ({ alignment }) => alignment?.p ?? NaN))
  return neurons.map((scores, j) => ({
    ...scores,
    alignment: scores.alignment && { ...scores.alignment, q: q[j]! },
  }))
}
