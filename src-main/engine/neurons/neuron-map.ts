/**
 * The neuron map of a model: which topic each neuron stands for, how honest that is, and what interventions
 * need.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { VitrineError } from '#contract'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { encodeSafetensors, readSafetensors } from '../../formats/safetensors.ts'
import type { FloatTensor } from '../../formats/safetensors.ts'
import type {
  EngineContext,
  EngineParams,
  EngineResult,
  LabelledClip,
  NeuronScores,
} from '../../engine-host/contract/index.ts'
import { batchSizeFor, GREEDY } from '../captioner/decoder.ts'
import { withModel } from '../captioner/ready.ts'
import type { ReadyModel } from '../captioner/ready.ts'
import { neuronCount, neuronPart } from '../captioner/parameters.ts'
import { resolveDevice } from '../graph/session.ts'
import { createRandom } from '../../common/random.ts'
import { activations } from './activations.ts'
import { predictionDifference } from './prediction-difference.ts'
import type { ClipSet } from './prediction-difference.ts'

const FILE = 'neurons.safetensors'
/** A neuron is dead when its deviation over the clips is below this share of the median neuron's. */
const DEAD_SHARE = 0.01
/** A neuron is polysemantic when its runner-up reaches this share of its best topic's delta. */
const NEAR_TOP = 0.8

/** What a map file holds. */
export interface NeuronMapFile {
  topics: number
  /** delta(j, k), [D, K]. */
  delta: Float32Array
  /**
   * The first neuron that is learnt; those before are the frame's features, which no correction can change.
   */
  firstLearnt: number
  /** A neuron's largest delta under shuffled topics, mean over the shuffles, [D]. */
  shuffled: Float32Array
  /** Mean of v-bar_j over the training clips that bear topic k, and over those that do not, [D, K]. */
  bearing: Float32Array
  absent: Float32Array
  /** The clips that the map was made of, [N], and their v-bar, [N, D]. */
  clipIds: Float32Array
  clipMeans: Float32Array
}

type InterpretParams = EngineParams<'neurons.interpret'>

/** Measures the map and writes it into the model's folder. Throws NOT_READY without clips. */
export function interpret(
  params: InterpretParams,
  context: EngineContext,
): Promise<EngineResult<'neurons.interpret'>> {
  return withModel(params.modelDir, { decoding: GREEDY, device: resolveDevice(params.device) }, (ready) =>
    measure(params, ready, context),
  )
}

async function measure(
  params: InterpretParams,
  ready: ReadyModel,
  { signal, progress }: EngineContext,
): Promise<EngineResult<'neurons.interpret'>> {
  const { modelDir, clips, train, reference, videoSet, shuffles, seed } = params
  const started = performance.now()
  const { model } = ready
  if (clips.length === 0 || train.length === 0) {
    throw new VitrineError(
      'NOT_READY',
      'There are no clips to interpret the neurons with.',
      'Import clips and compute their features.',
    )
  }
  const { architecture } = model
  const [D, K] = [neuronCount(architecture), architecture.topics]
  const all = [...new Map([...clips, ...train].map((clip) => [clip.id, clip])).values()]
  const report = (done: number) => {
    progress({ phase: 'encoding clips', done, total: all.length, unit: 'clips' })
  }
  const encoded = await activations(ready, all, signal, { report })
  const meanOfClip = new Map(encoded.map(({ id, mean }) => [id, mean]))
  const meansOf = (of: readonly LabelledClip[]) =>
    of.map(({ id }) => meanOfClip.get(id) ?? new Float32Array(D))
  const means = meansOf(clips)
  const trainMeans = meansOf(train)

  const random = createRandom(seed)
  const vectors = clips.map(({ topics }) => topics)
  const sets: ClipSet[] = [videoSet === 'all' ? 'all' : vectors]
  for (let s = 0; s < shuffles; s++) {
    sets.push(random.shuffle([...vectors]))
  }
  const silent = reference === 'mean' ? averageOf(trainMeans, D) : new Float32Array(D)
  const [delta, ...underShuffle] = await predictionDifference(
    model,
    means,
    silent,
    sets,
    resolveDevice(params.device),
    signal,
    (done) => {
      progress({ phase: 'prediction differences', done, total: clips.length, unit: 'clips' })
    },
  )
  if (!delta) {
    throw new Error('no deltas')
  }
  const largest = (of: Float32Array, j: number): number =>
    of.subarray(j * K, (j + 1) * K).reduce((a, b) => Math.max(a, b), -Infinity)
  const shuffled = Float32Array.from(
    { length: D },
    (_, j) => underShuffle.reduce((sum, of) => sum + largest(of, j), 0) / underShuffle.length,
  )

  const deviations = Float64Array.from({ length: D }, (_, j) =>
    deviationOf(means.map((mean) => mean[j] ?? 0)),
  )
  const median = [...deviations].sort((a, b) => a - b)[Math.floor(D / 2)] ?? 0
  const neurons = Array.from({ length: D }, (_, j): NeuronScores => {
    const order = Array.from({ length: K }, (_, k) => k).sort(
      (a, b) => (delta[j * K + b] ?? 0) - (delta[j * K + a] ?? 0) || a - b,
    )
    const [topic = 0, runnerUp = topic] = order
    const [best, second] = [delta[j * K + topic] ?? 0, delta[j * K + runnerUp] ?? 0]
    const dead = (deviations[j] ?? 0) <= DEAD_SHARE * median
    return {
      neuron: j,
      part: neuronPart(architecture, j),
      topic,
      delta: best,
      runnerUp,
      margin: best - second,
      shuffled: shuffled[j] ?? 0,
      dead,
      polysemantic: !dead && best > 0 && runnerUp !== topic && second >= NEAR_TOP * best,
    }
  })

  const file = new Map<string, FloatTensor>([
    ['delta', { shape: [D, K], data: delta }],
    ['first_learnt', { shape: [1], data: Float32Array.of(D - 2 * architecture.settings.encoderSize) }],
    ['shuffled', { shape: [D], data: shuffled }],
    ['bearing', { shape: [D, K], data: topicMeans(trainMeans, train, K, D, true) }],
    ['absent', { shape: [D, K], data: topicMeans(trainMeans, train, K, D, false) }],
    ['clip_ids', { shape: [clips.length], data: Float32Array.from(clips, ({ id }) => id) }],
    ['clip_means', { shape: [clips.length, D], data: flatten(means, D) }],
  ])
  await writeFileAtomic(join(modelDir, FILE), encodeSafetensors(file))
  const meanOf = (of: (scores: NeuronScores) => number) =>
    neurons.reduce((sum, scores) => sum + of(scores), 0) / D
  return {
    neurons,
    shuffledBaseline: meanOf((scores) => scores.shuffled),
    meanDelta: meanOf((scores) => scores.delta),
    seconds: (performance.now() - started) / 1000,
  }
}

/** The stored map of a model. Throws NOT_READY when there is none yet. */
export async function readNeuronMap(modelDir: string): Promise<NeuronMapFile> {
  const path = join(modelDir, FILE)
  const there = await stat(path).then(
    () => true,
    () => false,
  )
  if (!there) {
    throw new VitrineError(
      'NOT_READY',
      'The neurons of this model have not been interpreted.',
      'Run "Interpret neurons" for it first.',
    )
  }
  const tensors = await readSafetensors(path)
  const take = (name: string): FloatTensor => {
    const tensor = tensors.get(name)
    if (!tensor) {
      throw new VitrineError('BAD_INPUT', `${path} has no ${name}.`, 'Interpret the neurons again.')
    }
    return tensor
  }
  const delta = take('delta')
  return {
    topics: delta.shape[1] ?? 0,
    delta: delta.data,
    firstLearnt: take('first_learnt').data[0] ?? 0,
    shuffled: take('shuffled').data,
    bearing: take('bearing').data,
    absent: take('absent').data,
    clipIds: take('clip_ids').data,
    clipMeans: take('clip_means').data,
  }
}

/** delta of the stored map. Throws NOT_READY. */
export async function neuronMatrix({
  modelDir,
}: EngineParams<'neurons.matrix'>): Promise<EngineResult<'neurons.matrix'>> {
  const { topics, delta } = await readNeuronMap(modelDir)
  return { topics, delta }
}

/** Bins of a neuron's histogram. */
const BINS = 24

/** How many values fall into each of equally wide bins; the last one holds the largest. */
function histogramOf(values: Float32Array): { from: number; to: number; counts: number[] } {
  const from = values.reduce((a, b) => Math.min(a, b), Infinity)
  const to = values.reduce((a, b) => Math.max(a, b), -Infinity)
  const counts = new Array<number>(BINS).fill(0)
  for (const value of values) {
    counts[to > from ? Math.min(BINS - 1, Math.floor((BINS * (value - from)) / (to - from))) : 0]! += 1
  }
  return values.length === 0 ? { from: 0, to: 0, counts } : { from, to, counts }
}

/**
 * One neuron's deltas and histogram, the clips that the map was made of in the order of how they excite it,
 * and the first `most` of them frame by frame.
 */
export async function neuronDetail(
  { modelDir, neuron, clips, most, device }: EngineParams<'neurons.neuron'>,
  { signal }: EngineContext,
): Promise<EngineResult<'neurons.neuron'>> {
  const map = await readNeuronMap(modelDir)
  const D = map.shuffled.length
  if (neuron < 0 || neuron >= D) {
    throw new VitrineError('NOT_FOUND', `There is no neuron ${neuron}; this model has neurons 0 to ${D - 1}.`)
  }
  const meanOf = new Map(Array.from(map.clipIds, (id, i) => [id, map.clipMeans[i * D + neuron] ?? 0]))
  const known = clips.filter(({ id }) => meanOf.has(id))
  known.sort((a, b) => (meanOf.get(b.id) ?? 0) - (meanOf.get(a.id) ?? 0) || a.id - b.id)
  const found = await withModel(
    modelDir,
    { decoding: GREEDY, device: resolveDevice(device), batchSize: batchSizeFor(GREEDY, most) },
    (ready) => activations(ready, known.slice(0, most), signal, { course: neuron }),
  )
  return {
    deltas: [...map.delta.subarray(neuron * map.topics, (neuron + 1) * map.topics)],
    histogram: histogramOf(map.clipIds.map((_, i) => map.clipMeans[i * D + neuron] ?? 0)),
    order: known.map(({ id }) => id),
    clips: found.map(({ id, mean, course }) => ({ id, mean: mean[neuron] ?? 0, activation: course })),
  }
}

function flatten(rows: readonly Float32Array[], width: number): Float32Array {
  const out = new Float32Array(rows.length * width)
  rows.forEach((row, i) => {
    out.set(row, i * width)
  })
  return out
}

function averageOf(rows: readonly Float32Array[], width: number): Float32Array {
  const total = new Float64Array(width)
  for (const row of rows) {
    row.forEach((x, j) => {
      total[j] = (total[j] ?? 0) + x
    })
  }
  return Float32Array.from(total, (x) => x / Math.max(1, rows.length))
}

/**
 * Mean of v-bar over the clips that bear (or do not bear) each topic, [D, K]; the mean over all where there
 * is none.
 */
function topicMeans(
  means: readonly Float32Array[],
  clips: readonly LabelledClip[],
  K: number,
  D: number,
  bears: boolean,
): Float32Array {
  const out = new Float32Array(D * K)
  const overall = averageOf(means, D)
  for (let k = 0; k < K; k++) {
    const chosen = means.filter((_, i) => clips[i]?.topics.includes(k) === bears)
    const average = chosen.length > 0 ? averageOf(chosen, D) : overall
    average.forEach((x, j) => {
      out[j * K + k] = x
    })
  }
  return out
}

/** The standard deviation of values, over their number. */
export function deviationOf(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  return Math.sqrt(values.reduce((total, x) => total + (x - mean) ** 2, 0) / values.length)
}
