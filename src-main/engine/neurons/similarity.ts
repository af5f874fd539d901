/** Likeness by v-bar, from the maps alone: of neurons of several runs, and of clips. */
import { VitrineError } from '../../contract/index.ts'
import type { EngineContext, EngineParams, EngineResult } from '../contract.ts'
import { createPacer } from '../pacer.ts'
import { readNeuronMap } from './neuron-map.ts'
import type { NeuronMapFile } from './neuron-map.ts'

const size = (map: NeuronMapFile): number => map.shuffled.length

/** The topic with the largest delta of each neuron, [D]. */
function bestTopics({ delta, topics, shuffled }: NeuronMapFile): Uint32Array {
  return Uint32Array.from(shuffled, (_, j) => {
    let best = 0
    for (let k = 1; k < topics; k++) if (delta[j * topics + k]! > delta[j * topics + best]!) best = k
    return best
  })
}

/** v-bar of some clips by neuron, each row less its mean and of length 1 (zero for a neuron that does not vary): [D][rows]. */
function standardised(map: NeuronMapFile, rows: readonly number[]): Float64Array[] {
  const D = size(map)
  return Array.from({ length: D }, (_, j) => {
    const own = Float64Array.from(rows, (row) => map.clipMeans[row * D + j]!)
    const mean = own.reduce((sum, x) => sum + x, 0) / Math.max(1, own.length)
    const length = Math.sqrt(own.reduce((sum, x) => sum + (x - mean) ** 2, 0))
    return own.map((x) => (length > 1e-9 ? (x - mean) / length : 0))
  })
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** See `neuronStability` of the contract. Time: neurons squared times clips, for each other model. */
export async function stability({ modelDir, others }: EngineParams<'neurons.stability'>, { signal, progress }: EngineContext): Promise<EngineResult<'neurons.stability'>> {
  const pause = createPacer(signal)
  const map = await readNeuronMap(modelDir)
  const topics = bestTopics(map)
  const totals = Array.from({ length: size(map) }, () => ({ correlation: 0, sameTopic: 0 }))
  for (const [done, folder] of others.entries()) {
    const other = await readNeuronMap(folder)
    const otherTopics = bestTopics(other)
    const rowOf = new Map(Array.from(other.clipIds, (id, row) => [id, row]))
    const shared = Array.from(map.clipIds, (id, row) => [row, rowOf.get(id)] as const).filter((pair): pair is readonly [number, number] => pair[1] !== undefined)
    const mine = standardised(map, shared.map(([row]) => row))
    const theirs = standardised(other, shared.map(([, row]) => row))
    for (const [j, own] of mine.entries()) {
      if (pause.due()) await pause()
      let [best, at] = [-Infinity, 0]
      theirs.forEach((their, i) => {
        const correlation = dot(own, their)
        if (correlation > best) [best, at] = [correlation, i]
      })
      const total = totals[j]!
      total.correlation += Math.max(0, best) / others.length
      if (topics[j] === otherTopics[at]) total.sameTopic += 1
    }
    progress({ phase: 'comparing runs', done: done + 1, total: others.length, unit: 'models' })
  }
  return { neurons: totals.map((total, neuron) => ({ neuron, ...total })) }
}

/** See the contract. Throws NOT_FOUND for a clip that the map was not made of. */
export async function neighbours({ modelDir, clipId, most }: EngineParams<'neurons.neighbours'>): Promise<EngineResult<'neurons.neighbours'>> {
  const map = await readNeuronMap(modelDir)
  const [D, N] = [size(map), map.clipIds.length]
  const place = map.clipIds.indexOf(clipId)
  if (place < 0) throw new VitrineError('NOT_FOUND', `Clip ${clipId} is not in the neuron map.`, 'Interpret the neurons again.')
  const means = new Float64Array(D)
  for (let row = 0; row < N; row++) for (let j = 0; j < D; j++) means[j]! += map.clipMeans[row * D + j]! / N
  const centred = (row: number): Float64Array => means.map((mean, j) => map.clipMeans[row * D + j]! - mean)
  const own = centred(place)
  const length = Math.sqrt(dot(own, own))
  const cosines = Array.from({ length: N }, (_, row) => {
    const other = centred(row)
    return { row, cosine: dot(own, other) / Math.max(1e-12, length * Math.sqrt(dot(other, other))) }
  })
  const order = cosines.filter(({ row }) => row !== place).sort((a, b) => b.cosine - a.cosine || a.row - b.row)
  return { clipIds: order.slice(0, most).map(({ row }) => map.clipIds[row]!) }
}
