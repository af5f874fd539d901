/** Likeness by v-bar, from the maps alone: of neurons of several runs, and of clips. */
import { CancelledError, VitrineError } from '#contract'
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import * as ops from '../graph/ops.ts'
import { compile } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { input } from '../graph/value.ts'
import { readNeuronMap } from './neuron-map.ts'
import type { NeuronMapFile } from './neuron-map.ts'

/** A neuron whose v-bar is this near to its mean, as the length of a row, does not vary. */
const NO_VARIATION = 1e-9
/** Over fewer clips any two neurons correlate. */
const FEWEST_SHARED = 3

const size = (map: NeuronMapFile): number => map.shuffled.length

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
    const own = Float64Array.from(rows, (row) => clipMeans[row * D + j]!)
    const mean = own.reduce((sum, x) => sum + x, 0) / Math.max(1, N)
    const length = Math.sqrt(own.reduce((sum, x) => sum + (x - mean) ** 2, 0))
    if (length > NO_VARIATION) {
      out.set(
        own.map((x) => (x - mean) / length),
        j * N,
      )
    }
  }
  return out
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) {
    sum += a[i]! * b[i]!
  }
  return sum
}

/**
 * Pearson's correlation of each neuron of a map with each of another over the clips that both have, [D, D']
 * row-major.
 */
async function correlations(map: NeuronMapFile, other: NeuronMapFile): Promise<Float32Array> {
  const rowOf = new Map(Array.from(other.clipIds, (id, row) => [id, row]))
  const shared = Array.from(map.clipIds, (id, row) => [row, rowOf.get(id)] as const).filter(
    (pair): pair is readonly [number, number] => pair[1] !== undefined,
  )
  if (shared.length < FEWEST_SHARED) {
    throw new VitrineError(
      'NOT_READY',
      'The neuron maps of these runs have too few clips in common.',
      'Interpret their neurons again.',
    )
  }
  const [mine, theirs] = [
    input('mine', [size(map), shared.length]),
    input('theirs', [size(other), shared.length]),
  ]
  const product = await compile({ correlations: ops.matmul(mine, theirs, false, true) })
  try {
    const fed = {
      mine: tensorFor(
        mine,
        standardised(
          map,
          shared.map(([row]) => row),
        ),
      ),
      theirs: tensorFor(
        theirs,
        standardised(
          other,
          shared.map(([, row]) => row),
        ),
      ),
    }
    return floats(await product.run(fed), 'correlations')
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
    if (signal.aborted) {
      throw new CancelledError()
    }
    const other = await readNeuronMap(folder)
    const otherTopics = bestTopics(other)
    const found = await correlations(map, other)
    totals.forEach((total, j) => {
      const own = found.subarray(j * size(other), (j + 1) * size(other))
      const best = own.reduce((at, correlation, i) => (correlation > own[at]! ? i : at), 0)
      // A neuron that does not vary is like none.
      if (own[best]! <= 0) {
        return
      }
      total.correlation += Math.min(1, own[best]!) / others.length
      if (topics[j] === otherTopics[best]) {
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
  most,
}: EngineParams<'neurons.neighbours'>): Promise<EngineResult<'neurons.neighbours'>> {
  const map = await readNeuronMap(modelDir)
  const [D, N] = [size(map), map.clipIds.length]
  const place = map.clipIds.indexOf(clipId)
  if (place < 0) {
    throw new VitrineError(
      'NOT_FOUND',
      `Clip ${clipId} is not in the neuron map.`,
      'Interpret the neurons again.',
    )
  }
  const means = new Float64Array(D)
  for (let row = 0; row < N; row++) {
    for (let j = 0; j < D; j++) {
      means[j]! += map.clipMeans[row * D + j]! / N
    }
  }
  const centred = (row: number): Float64Array => means.map((mean, j) => map.clipMeans[row * D + j]! - mean)
  const own = centred(place)
  const length = Math.sqrt(dot(own, own))
  const cosines = Array.from({ length: N }, (_, row) => {
    const other = centred(row)
    return { row, cosine: dot(own, other) / Math.max(1e-12, length * Math.sqrt(dot(other, other))) }
  })
  const order = cosines
    .filter(({ row }) => row !== place)
    .sort((a, b) => b.cosine - a.cosine || a.row - b.row)
  return { clipIds: order.slice(0, most).map(({ row }) => map.clipIds[row]!) }
}
