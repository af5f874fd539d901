/** Likeness by v-bar, from the maps alone: of neurons of several runs, and of clips. */
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { throwIfCancelled } from '../cancellation.ts'
import * as ops from '../graph/ops.ts'
import { compile } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { input } from '../graph/value.ts'
import { failures } from './failures.ts'
import { readNeuronMap } from './neuron-map.ts'
import type { NeuronMapFile } from './neuron-map.ts'
import { dot } from '../vectors.ts'

/** A neuron whose v-bar is this near to its mean, as the length of a row, does not vary. */
const NO_VARIATION = 1e-9
/** Over fewer clips any two neurons correlate. */
const FEWEST_SHARED = 3

const neuronCountOf = (map: NeuronMapFile): number => map.shuffled.length

/** The topic with the largest delta of each neuron, [D]. */
function bestTopics({ delta, topics, shuffled }: NeuronMapFile): Uint32Array {
  return Uint32Array.from(shuffled, (_, j) => {
    let best = 0
    for (let k = 1; k < topics; k++) {
      if (delta[j * topics + k]! > delta[j * topics + best]!) {
        best = k
      }
    }
    return best
  })
}

/**
 * v-bar of some clips by neuron, each row less its mean and of length 1 (zero for a neuron that does not
 * vary): [D, rows].
 */
function standardised({ shuffled, clipMeans }: NeuronMapFile, rows: readonly number[]): Float32Array {
  const [D, N] = [shuffled.length, rows.length]
  const out = new Float32Array(D * N)
  for (let j = 0; j < D; j++) {
    const values = Float64Array.from(rows, (row) => clipMeans[row * D + j]!)
    const mean = values.reduce((sum, x) => sum + x, 0) / Math.max(1, N)
    const length = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0))
    if (length > NO_VARIATION) {
      out.set(
        values.map((x) => (x - mean) / length),
        j * N,
      )
    }
  }
  return out
}

/**
 * Pearson's correlation of each neuron of a map with each of another over the clips that both have, [D, D']
 * row-major.
 */
async function correlations(map: NeuronMapFile, other: NeuronMapFile): Promise<Float32Array> {
  const otherRowOf = new Map(Array.from(other.clipIds, (id, row) => [id, row]))
  const shared = Array.from(map.clipIds, (id, row) => [row, otherRowOf.get(id)] as const).filter(
    (pair): pair is readonly [number, number] => pair[1] !== undefined,
  )
  if (shared.length < FEWEST_SHARED) {
    throw failures.tooFewShared()
  }
  const a = input('a', [neuronCountOf(map), shared.length])
  const b = input('b', [neuronCountOf(other), shared.length])
  const [rows, otherRows] = [shared.map(([row]) => row), shared.map(([, row]) => row)]
  const product = await compile({ correlations: ops.matmul(a, b, { transposeB: true }) })
  try {
    const out = await product.run({
      a: tensorFor(a, standardised(map, rows)),
      b: tensorFor(b, standardised(other, otherRows)),
    })
    return floats(out, 'correlations')
  } finally {
    await product.release()
  }
}

/**
 * See `neuronStability` of the contract. Throws NOT_READY where a map is missing, or shares too few clips.
 */
export async function stability(
  { modelDir, others }: EngineParams<'neurons.stability'>,
  { signal, progress }: EngineContext,
): Promise<EngineResult<'neurons.stability'>> {
  const map = await readNeuronMap(modelDir)
  const topics = bestTopics(map)
  const totals = Array.from(topics, () => ({ correlation: 0, sameTopic: 0 }))
  for (const [done, folder] of others.entries()) {
    throwIfCancelled(signal)
    const other = await readNeuronMap(folder)
    const otherTopics = bestTopics(other)
    const otherNeurons = neuronCountOf(other)
    const correlationsOfAll = await correlations(map, other)
    totals.forEach((total, j) => {
      const ofNeuron = correlationsOfAll.subarray(j * otherNeurons, (j + 1) * otherNeurons)
      const partner = ofNeuron.reduce((best, correlation, i) => (correlation > ofNeuron[best]! ? i : best), 0)
      // A neuron that does not vary is like none.
      if (ofNeuron[partner]! <= 0) {
        return
      }
      total.correlation += Math.min(1, ofNeuron[partner]!) / others.length
      if (topics[j] === otherTopics[partner]) {
        total.sameTopic += 1
      }
    })
    progress({ phase: 'comparing runs', done: done + 1, total: others.length, unit: 'models' })
  }
  return { neurons: totals.map((total, neuron) => ({ neuron, ...total })) }
}

/** See the contract. Throws NOT_FOUND for a clip that the map was not made of. */
export async function neighbours({
  modelDir,
  clipId,
  limit,
}: EngineParams<'neurons.neighbours'>): Promise<EngineResult<'neurons.neighbours'>> {
  const map = await readNeuronMap(modelDir)
  const clipRow = map.clipIds.indexOf(clipId)
  if (clipRow < 0) {
    throw failures.clipNotInMap({ clipId })
  }
  const mean = meanOverClips(map)
  const D = neuronCountOf(map)
  /** A clip's v-bar less the mean of all. */
  const centred = (row: number): Float64Array => mean.map((x, j) => map.clipMeans[row * D + j]! - x)
  const length = (vector: Float64Array): number => Math.sqrt(dot(vector, vector))
  const clip = centred(clipRow)
  const clipLength = length(clip)
  const cosines = Array.from(map.clipIds, (_, row) => {
    const other = centred(row)
    return { row, cosine: dot(clip, other) / Math.max(1e-12, clipLength * length(other)) }
  })
  const nearest = cosines
    .filter(({ row }) => row !== clipRow)
    .sort((a, b) => b.cosine - a.cosine || a.row - b.row)
  return { clipIds: nearest.slice(0, limit).map(({ row }) => map.clipIds[row]!) }
}

/** v-bar, mean over the clips of the map: [D]. */
function meanOverClips({ shuffled, clipIds, clipMeans }: NeuronMapFile): Float64Array {
  const [D, N] = [shuffled.length, clipIds.length]
  const mean = new Float64Array(D)
  for (let row = 0; row < N; row++) {
    for (let j = 0; j < D; j++) {
      mean[j]! += clipMeans[row * D + j]! / N
    }
  }
  return mean
}
