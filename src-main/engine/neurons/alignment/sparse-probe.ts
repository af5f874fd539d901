/**
 * Sparse probing (Gurnee et al., "Finding neurons in a haystack", 2023): how well a topic is read off the best 1, 4 or
 * 16 neurons by logistic regression. Neurons are chosen and weights fitted on training clips alone; the scores
 * are of clips that were held out.
 */
import { fitLogistic, logisticScores } from './logistic-regression.ts'
import type { Samples } from './logistic-regression.ts'
import { rankClips, scoreRanking, tellsApart } from './ranking.ts'
import type { Bearing, Ranking, RankingTables } from './ranking.ts'

/** How many neurons are read. */
export const PROBE_SIZES = [1, 4, 16] as const

/** v-bar of clips by neuron, [D][N], and the topics of the clips. */
export interface Activations {
  neurons: readonly Float32Array[]
  bearing: Bearing
}

/** How a probe of a topic does on held-out clips. */
export interface Probe {
  /** The neurons that it reads, the one that tells the topic best on the training clips first. */
  neurons: number[]
  precision: number
  auc: number
}

/** The same with the ranking of the held-out clips that it makes. */
export interface RankedProbe {
  probe: Probe
  ranking: Ranking
}

/**
 * The neurons that tell a topic best by themselves, `count` of them: those whose area under the curve on the
 * training clips (`areas`, [D]) is farthest from chance, to either side, as the regression can weigh them
 * negatively.
 */
export function bestReaders(areas: Float64Array, count: number): number[] {
  const distance = (neuron: number): number => Math.abs(areas[neuron]! - 0.5)
  return Array.from(areas.keys())
    .sort((a, b) => distance(b) - distance(a) || a - b)
    .slice(0, count)
}

/**
 * Reads a topic off `readers`, whose activations are standardised by their mean and deviation over the training
 * clips; null where the topic does not tell the training clips, or those held out, apart.
 */
export function probeTopic(
  { topic, readers }: { topic: number; readers: readonly number[] },
  { train, heldOut }: { train: Activations; heldOut: Activations },
  { places, harmonics }: RankingTables,
): RankedProbe | null {
  if (!tellsApart(train.bearing, topic) || !tellsApart(heldOut.bearing, topic)) {
    return null
  }
  const scales = readers.map((neuron) => scaleOf(train.neurons[neuron]!))
  const weights = fitLogistic(samplesOf(train, topic, readers, scales))
  const scores = logisticScores(samplesOf(heldOut, topic, readers, scales), weights)
  const ranking = rankClips(scores, places)
  const { precision, area } = scoreRanking(ranking, heldOut.bearing, harmonics)
  return { probe: { neurons: [...readers], precision: precision[topic]!, auc: area[topic]! }, ranking }
}

interface Scale {
  mean: number
  deviation: number
}

/** Of a neuron that does not vary the deviation is 1. */
function scaleOf(values: Float32Array): Scale {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length
  return { mean, deviation: variance > 0 ? Math.sqrt(variance) : 1 }
}

function samplesOf(
  { neurons, bearing: { topicsOf } }: Activations,
  topic: number,
  readers: readonly number[],
  scales: readonly Scale[],
): Samples {
  const width = readers.length
  const features = new Float64Array(topicsOf.length * width)
  readers.forEach((neuron, i) => {
    const { mean, deviation } = scales[i]!
    neurons[neuron]!.forEach((x, row) => {
      features[row * width + i] = (x - mean) / deviation
    })
  })
  return { features, width, positive: Uint8Array.from(topicsOf, (topics) => Number(topics.includes(topic))) }
}
