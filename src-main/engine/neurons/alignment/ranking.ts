/**
 * Clips ranked by how strongly a neuron answers to them, and how high the clips of every topic stand there. One
 * sort and one walk serve all topics of a neuron, so the time grows with clips x (log clips + topics of a clip).
 */
import { precisionOfTie } from '../../metrics/mean-average-precision.ts'

/** Which topics each of N clips bears, and how many clips bear each of K topics. */
export interface Bearing {
  topicsOf: readonly (readonly number[])[]
  counts: Uint32Array
}

export function bearingOf(topicsOf: readonly (readonly number[])[], topics: number): Bearing {
  const counts = new Uint32Array(topics)
  for (const topic of topicsOf.flat()) {
    counts[topic]! += 1
  }
  return { topicsOf, counts }
}

/** Whether a topic tells clips apart: some bear it and some don't. */
export const tellsApart = ({ topicsOf, counts }: Bearing, topic: number): boolean =>
  counts[topic]! > 0 && counts[topic]! < topicsOf.length

/** Clips by falling activation; those with the same one are a tie. */
export interface Ranking {
  /** Clips, the one with the largest activation first, [N]. */
  order: Uint32Array
  /** Where each tie begins in `order`, and N at the end. */
  ties: Uint32Array
}

/** What is made once for all rankings of the same clips. */
export interface RankingTables {
  /** Where each clip stands within its tie: a permutation of 0..N-1. */
  places: Uint32Array
  /** As `harmonicNumbers`, to N. */
  harmonics: Float64Array
}

/** A key of 52 bits holds an activation and a clip's place. */
const PLACES = 2 ** 20
const SIGN = 0x8000_0000
const ALL_BITS = 0xffff_ffff

/**
 * Ranks clips by `values` [N], which are finite; N is at most 2^20. Within a tie they stand by `places`, a
 * permutation of 0..N-1.
 */
export function rankClips(values: Float32Array, places: Uint32Array): Ranking {
  const N = values.length
  if (N > PLACES) {
    throw new RangeError(`${N} clips are more than can be ranked`)
  }
  // -0 is 0; floats of a sign are in the order of their bits.
  const bits = new Uint32Array(values.map((x) => x + 0).buffer)
  const keys = Float64Array.from(bits, (b, clip) => {
    const falling = b >= SIGN ? b : ALL_BITS - SIGN - b
    return falling * PLACES + places[clip]!
  }).sort()
  const clipAt = new Uint32Array(N)
  places.forEach((place, clip) => {
    clipAt[place] = clip
  })
  const ties: number[] = []
  let last = -1
  const order = Uint32Array.from(keys, (key, i) => {
    const value = Math.floor(key / PLACES)
    if (value !== last) {
      ties.push(i)
      last = value
    }
    return clipAt[key % PLACES]!
  })
  return { order, ties: Uint32Array.from([...ties, N]) }
}

/** Of each topic, [K]; NaN where it does not tell the clips apart. */
export interface RankingScores {
  /** Average precision, mean over all orders of the ties. */
  precision: Float64Array
  /** Average precision with the ties in the order in which they stand. */
  drawn: Float64Array
  /**
   * Area under the receiver operating characteristic: the probability that a clip which bears the topic is
   * above one which does not, a tie counting half (Mann and Whitney's U over the number of pairs).
   */
  area: Float64Array
}

/** How high the clips of each topic stand in a ranking; `harmonics` to N or more. */
export function scoreRanking(
  { order, ties }: Ranking,
  bearing: Bearing,
  harmonics: Float64Array,
): RankingScores {
  const [N, K] = [order.length, bearing.counts.length]
  const { topicsOf, counts } = bearing
  const precision = new Float64Array(K)
  const drawn = new Float64Array(K)
  const ranks = new Float64Array(K)
  /** Of each topic, its clips above this tie, and above and with what was walked of it. */
  const above = new Uint32Array(K)
  const found = new Uint32Array(K)
  for (let t = 0; t + 1 < ties.length; t++) {
    const [start, end] = [ties[t]!, ties[t + 1]!]
    const inTie = new Set<number>()
    for (let i = start; i < end; i++) {
      for (const topic of topicsOf[order[i]!]!) {
        found[topic]! += 1
        drawn[topic]! += found[topic]! / (i + 1)
        inTie.add(topic)
      }
    }
    for (const topic of inTie) {
      const tie = { start, size: end - start, above: above[topic]!, tied: found[topic]! - above[topic]! }
      precision[topic]! += precisionOfTie(tie, harmonics)
      ranks[topic]! += (tie.tied * (start + end + 1)) / 2
      above[topic] = found[topic]!
    }
  }
  const area = new Float64Array(K)
  for (let k = 0; k < K; k++) {
    const count = tellsApart(bearing, k) ? counts[k]! : NaN
    precision[k]! /= count
    drawn[k]! /= count
    // Ranks are counted from the top.
    area[k] = (count * (N + 1) - ranks[k]! - (count * (count + 1)) / 2) / (count * (N - count))
  }
  return { precision, drawn, area }
}
