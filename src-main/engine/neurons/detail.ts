/** What the stored map says of all neurons, and of one. */
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { batchSizeFor, GREEDY } from '../captioner/decoding/decoder.ts'
import { resolveDevice } from '../graph/session.ts'
import { activations } from './activations.ts'
import { failures } from './failures.ts'
import { alignmentOfPair, readNeuronMap } from './neuron-map.ts'
import { activationRanges } from './ranges.ts'
import { withNeurons } from './source.ts'

/** Bins of a neuron's histogram. */
const BINS = 24
/** Parts of its range, and clips that are drawn from each. */
const RANGES = { parts: 4, sample: 3 }

/** delta of the stored map. Throws NOT_READY. */
export async function neuronMatrix({
  modelDir,
}: EngineParams<'neurons.matrix'>): Promise<EngineResult<'neurons.matrix'>> {
  const { topics, delta } = await readNeuronMap(modelDir)
  return { topics, delta }
}

/**
 * One neuron's deltas and histogram, the clips that the map was made of in the order of how they excite it,
 * and the first `limit` of them frame by frame, with some from every part of its range.
 */
export async function neuronDetail(
  { modelDir, neuron, clips, limit, device }: EngineParams<'neurons.neuron'>,
  { signal }: EngineContext,
): Promise<EngineResult<'neurons.neuron'>> {
  const map = await readNeuronMap(modelDir)
  const { topics: K, alignment } = map
  const D = map.shuffled.length
  if (neuron < 0 || neuron >= D) {
    throw failures.neuronUnknown({ neuron, last: D - 1 })
  }
  const means = map.clipIds.map((_, row) => map.clipMeans[row * D + neuron] ?? 0)
  const meanOf = new Map(Array.from(map.clipIds, (id, row) => [id, means[row]!]))
  const order = clips.filter(({ id }) => meanOf.has(id))
  order.sort((a, b) => meanOf.get(b.id)! - meanOf.get(a.id)! || a.id - b.id)
  const first = order.slice(0, limit).map(({ id }) => id)
  const ranges = activationRanges(
    order.map(({ id }) => ({ id, mean: meanOf.get(id)! })),
    { ...RANGES, seed: neuron },
  )
  const wanted = new Set([...first, ...ranges.flatMap(({ sampled }) => sampled)])
  const measured = await withNeurons(
    modelDir,
    { device: resolveDevice(device), batchSize: batchSizeFor(GREEDY, wanted.size) },
    (loaded) =>
      activations(
        loaded,
        order.filter(({ id }) => wanted.has(id)),
        signal,
        { course: neuron },
      ),
  )
  const shownById = new Map(
    measured.map(({ id, mean, course }) => [id, { id, mean: mean[neuron] ?? 0, activation: course }]),
  )
  const shown = (ids: readonly number[]) => ids.map((id) => shownById.get(id)!)
  return {
    deltas: [...map.delta.subarray(neuron * K, (neuron + 1) * K)],
    alignment: Array.from({ length: K }, (_, k) => alignment && alignmentOfPair(alignment, neuron * K + k)),
    histogram: histogramOf(means),
    order: order.map(({ id }) => id),
    clips: shown(first),
    ranges: ranges.map(({ from, to, ids, sampled }) => ({ from, to, ids, clips: shown(sampled) })),
  }
}

/** How many values fall into each of equally wide bins; the last one holds the largest. */
function histogramOf(values: Float32Array): { from: number; to: number; counts: number[] } {
  const counts = new Array<number>(BINS).fill(0)
  if (values.length === 0) {
    return { from: 0, to: 0, counts }
  }
  const from = values.reduce((a, b) => Math.min(a, b), Infinity)
  const to = values.reduce((a, b) => Math.max(a, b), -Infinity)
  for (const value of values) {
    const bin = to > from ? Math.min(BINS - 1, Math.floor((BINS * (value - from)) / (to - from))) : 0
    counts[bin]! += 1
  }
  return { from, to, counts }
}
