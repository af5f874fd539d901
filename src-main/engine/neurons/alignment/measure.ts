/**
 * Held-out alignment: do neurons answer to topics in clips that the model has not learnt from? For every neuron
 * and topic, how high the topic's clips stand in the ranking by the neuron's mean activation, and whether that is
 * more than chance; for every topic, how well a few neurons tell it.
 *
 * Memory: 4 bytes x neurons x (held-out and training clips + 4 x topics), and 8 bytes x DRAWS for each number of
 * clips that a topic has. Time: neurons x clips x (log clips + topics of a clip) for the rankings, DRAWS x topics
 * x clips of a topic for the permutations, topics x training clips x 16^2 / 2 a Newton step for the probes, 1,000 x
 * topics x held-out clips for the interval of one neuron's.
 */
import { createRandom } from '../../../common/random.ts'
import type { Random } from '../../../common/random.ts'
import { breather } from '../../../common/breather.ts'
import type { EngineContext } from '../../../engine-host/contract/index.ts'
import { throwIfCancelled } from '../../cancellation.ts'
import { harmonicNumbers } from '../../metrics/mean-average-precision.ts'
import { falseDiscoveryRates } from './false-discovery.ts'
import { chancePrecisions, permutationP } from './permutation.ts'
import { rankClips, scoreRanking, tellsApart } from './ranking.ts'
import type { Bearing, RankingTables } from './ranking.ts'
import { scoreOneNeuron } from './one-neuron.ts'
import type { OneNeuron, TopicRanking } from './one-neuron.ts'
import { bestReaders, PROBE_SIZES, probeTopic } from './sparse-probe.ts'
import type { Activations, Probe } from './sparse-probe.ts'

/** Random rankings to each number of clips: the smallest p-value is 1 in 10,001. */
export const DRAWS = 10_000

/** By neuron and topic, [D, K] row-major; NaN where the topic does not tell the held-out clips apart. */
export interface PairFigures {
  precision: Float32Array
  auc: Float32Array
  p: Float32Array | Float64Array
  /** p corrected for the number of pairs. */
  q: Float32Array | Float64Array
}

export interface Alignment extends PairFigures {
  /** Pairs that were tested. */
  tests: number
  /** By topic, how many of the held-out clips bear it. */
  bearing: Uint32Array
  /** By topic, the probes of 1, 4 and 16 neurons (of fewer where there are fewer); none where it can't be told. */
  probes: Probe[][]
  /** Those of one neuron, over all topics that can be told; null: none can. */
  oneNeuron: OneNeuron | null
}

/** Throws CancelledError on abort. */
export async function measureAlignment(
  { train, heldOut }: { train: Activations; heldOut: Activations },
  seed: number,
  context: EngineContext,
): Promise<Alignment> {
  throwIfCancelled(context.signal)
  const random = createRandom(seed)
  const chance = await sampleChance(heldOut.bearing, random, context)
  const pairs = await scorePairs(heldOut, chance, random, context)
  const q = falseDiscoveryRates(pairs.p)
  const { probes, rankings } = await probeTopics({ train, heldOut }, context)
  return {
    ...pairs,
    q,
    tests: q.reduce((count, value) => count + Number(!Number.isNaN(value)), 0),
    bearing: heldOut.bearing.counts,
    probes,
    oneNeuron: await scoreOneNeuron(rankings, seed, context.signal),
  }
}

/** Average precisions by chance, by how many clips bear a topic. */
async function sampleChance(
  bearing: Bearing,
  random: Random,
  { signal, progress }: EngineContext,
): Promise<ReadonlyMap<number, Float64Array>> {
  const breathe = breather(signal)
  const topics = Array.from(bearing.counts.keys()).filter((topic) => tellsApart(bearing, topic))
  const sizes = [...new Set(topics.map((topic) => bearing.counts[topic]!))].sort((a, b) => a - b)
  const chance = new Map<number, Float64Array>()
  for (const [done, size] of sizes.entries()) {
    await breathe()
    const numbers = { clips: bearing.topicsOf.length, bearing: size, draws: DRAWS }
    chance.set(size, chancePrecisions(numbers, random.fork()))
    progress({ phase: 'permutations', done: done + 1, total: sizes.length, unit: 'topic sizes' })
  }
  return chance
}

async function scorePairs(
  { neurons, bearing }: Activations,
  chance: ReadonlyMap<number, Float64Array>,
  random: Random,
  { signal, progress }: EngineContext,
): Promise<Omit<PairFigures, 'q'> & { p: Float64Array }> {
  const breathe = breather(signal)
  const K = bearing.counts.length
  const pairs = neurons.length * K
  const [precision, auc] = [new Float32Array(pairs), new Float32Array(pairs)]
  const p = new Float64Array(pairs).fill(NaN)
  const { places, harmonics } = rankingTables(bearing)
  for (const [j, values] of neurons.entries()) {
    await breathe()
    // Ties of each neuron in an order of its own: else neurons that are often zero would share their luck.
    random.shuffle(places)
    const scores = scoreRanking(rankClips(values, places), bearing, harmonics)
    precision.set(scores.precision, j * K)
    auc.set(scores.area, j * K)
    for (let k = 0; k < K; k++) {
      if (tellsApart(bearing, k)) {
        p[j * K + k] = permutationP(scores.drawn[k]!, chance.get(bearing.counts[k]!)!)
      }
    }
    progress({ phase: 'held-out alignment', done: j + 1, total: neurons.length, unit: 'neurons' })
  }
  return { precision, auc, p }
}

/** The probes of every topic, and how the first neuron of each ranks the held-out clips. */
async function probeTopics(
  activations: { train: Activations; heldOut: Activations },
  { signal, progress }: EngineContext,
): Promise<{ probes: Probe[][]; rankings: TopicRanking[] }> {
  const breathe = breather(signal)
  const areas = await trainingAreas(activations.train, signal)
  const tables = rankingTables(activations.heldOut.bearing)
  const { topicsOf } = activations.heldOut.bearing
  const probes: Probe[][] = []
  const rankings: TopicRanking[] = []
  for (const [topic, ofTopic] of areas.entries()) {
    const readers = bestReaders(ofTopic, Math.max(...PROBE_SIZES))
    const sizes = [...new Set(PROBE_SIZES.map((size) => Math.min(size, readers.length)))]
    const ofSizes: Probe[] = []
    for (const size of sizes) {
      await breathe()
      const ranked = probeTopic({ topic, readers: readers.slice(0, size) }, activations, tables)
      if (ranked === null) {
        continue
      }
      ofSizes.push(ranked.probe)
      if (size === 1) {
        const positive = Uint8Array.from(topicsOf, (topics) => Number(topics.includes(topic)))
        rankings.push({ ranking: ranked.ranking, positive })
      }
    }
    probes.push(ofSizes)
    progress({ phase: 'sparse probes', done: topic + 1, total: areas.length, unit: 'topics' })
  }
  return { probes, rankings }
}

/** The area under the curve of every neuron on the training clips, by topic, [K][D]. */
async function trainingAreas(
  { neurons, bearing }: Activations,
  signal: AbortSignal,
): Promise<Float64Array[]> {
  const breathe = breather(signal)
  const { places, harmonics } = rankingTables(bearing)
  const areas = Array.from(bearing.counts, () => new Float64Array(neurons.length))
  for (const [j, values] of neurons.entries()) {
    await breathe()
    scoreRanking(rankClips(values, places), bearing, harmonics).area.forEach((area, k) => {
      areas[k]![j] = area
    })
  }
  return areas
}

/** What rankings of clips need: the order of ties as the clips stand, and harmonic numbers. */
const rankingTables = ({ topicsOf }: Bearing): RankingTables => ({
  places: Uint32Array.from(topicsOf.keys()),
  harmonics: harmonicNumbers(topicsOf.length),
})
