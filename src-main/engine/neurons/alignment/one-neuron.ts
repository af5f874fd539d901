/**
 * One figure for how well single neurons tell topics on held-out clips: the mean over topics of the average precision
 * of one neuron. It is the same measurement for every captioner, whatever head it was trained with, and for one that
 * was trained without topics. Its interval is by resampling the held-out clips: neurons were chosen on training clips,
 * so that none is chosen anew. A clip that is drawn twice ranks next to its copy, which lifts every precision: the
 * interval is of the draws less that lift.
 */
import { createRandom } from '../../../common/random.ts'
import { breather } from '../../../common/breather.ts'
import { harmonicNumbers, precisionOfTie } from '../../metrics/mean-average-precision.ts'
import { percentileInterval } from '../../metrics/resampling.ts'
import type { Ranking } from './ranking.ts'

/** Resamplings of the held-out clips. */
const SAMPLES = 1000

/** Held-out clips as one neuron ranks them for a topic, and which of them bear it, [N]. */
export interface TopicRanking {
  ranking: Ranking
  positive: Uint8Array
}

export interface OneNeuron {
  /** Mean average precision, 0 to 1, ties in random order, with its 95% bootstrap interval over the clips. */
  precision: number
  low: number
  high: number
  /** What rankings at random would have. */
  chance: number
  /** Topics that the mean is over: those that tell the held-out clips apart. */
  topics: number
}

/**
 * Null without topics. A resample of which no clip, or every one, bears a topic says nothing of it: its mean is over
 * the others. Time: SAMPLES x topics x clips. Throws CancelledError on abort.
 */
export async function scoreOneNeuron(
  rankings: readonly TopicRanking[],
  seed: number,
  signal: AbortSignal,
): Promise<OneNeuron | null> {
  const clips = rankings[0]?.positive.length
  if (clips === undefined) {
    return null
  }
  const breathe = breather(signal)
  const harmonics = harmonicNumbers(clips)
  const everyClip = new Uint32Array(clips).fill(1)
  const random = createRandom(seed)
  const drawn: number[] = []
  const weights = new Uint32Array(clips)
  for (let sample = 0; sample < SAMPLES; sample++) {
    await breathe()
    weights.fill(0)
    for (let i = 0; i < clips; i++) {
      weights[random.below(clips)]! += 1
    }
    const mean = meanPrecision(rankings, weights, harmonics)
    drawn.push(...(mean === null ? [] : [mean]))
  }
  const precision = meanPrecision(rankings, everyClip, harmonics)
  return precision === null
    ? null
    : {
        precision,
        ...intervalAround(precision, drawn),
        chance: meanPrecision(rankings.map(atRandom), everyClip, harmonics) ?? NaN,
        topics: rankings.length,
      }
}

/** The percentile interval of the draws, moved so that their mean is the figure itself; within 0 to 1. */
function intervalAround(precision: number, drawn: readonly number[]): { low: number; high: number } {
  const lift = drawn.reduce((sum, value) => sum + value, 0) / drawn.length - precision
  const { low, high } = percentileInterval(Float64Array.from(drawn))
  return { low: Math.max(0, low - lift), high: Math.min(1, high - lift) }
}

/** Over the topics that clips, each as often as its weight says, tell apart; null where there are none. */
function meanPrecision(
  rankings: readonly TopicRanking[],
  weights: Uint32Array,
  harmonics: Float64Array,
): number | null {
  const precisions = rankings
    .map((ranking) => weightedPrecision(ranking, weights, harmonics))
    .filter((precision) => precision !== null)
  return precisions.length === 0
    ? null
    : precisions.reduce((sum, precision) => sum + precision, 0) / precisions.length
}

/** Copies of a clip are a tie, as they have the same activation. */
function weightedPrecision(
  { ranking: { order, ties }, positive }: TopicRanking,
  weights: Uint32Array,
  harmonics: Float64Array,
): number | null {
  let [start, above, sum] = [0, 0, 0]
  for (let t = 0; t + 1 < ties.length; t++) {
    let [size, tied] = [0, 0]
    for (let i = ties[t]!; i < ties[t + 1]!; i++) {
      const clip = order[i]!
      size += weights[clip]!
      tied += weights[clip]! * positive[clip]!
    }
    if (size > 0) {
      sum += precisionOfTie({ start, size, above, tied }, harmonics)
    }
    start += size
    above += tied
  }
  return above === 0 || above === start ? null : sum / above
}

/** The same clips in one tie. */
const atRandom = ({ ranking: { order }, positive }: TopicRanking): TopicRanking => ({
  ranking: { order, ties: Uint32Array.of(0, order.length) },
  positive,
})
