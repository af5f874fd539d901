/**
 * Topics in the plane. The square root of the Jensen-Shannon divergence between two distributions is a
 * distance, and one that some Euclidean space holds without distortion (Fuglede and Topsoe, ISIT 2004).
 * Classical scaling (Torgerson, "Multidimensional scaling: I. Theory and method", Psychometrika 1952) turns
 * distances into inner products by double centring; the two eigenvectors of the largest eigenvalues show as
 * much of them as a plane can. pyLDAvis does the same with the divergence itself as the distance.
 */
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { createPacer } from '../pacer.ts'
import type { Pacer } from '../pacer.ts'
import { leadingEigenvectors } from './eigenvectors.ts'

/** Coordinates that differ by less than this share count as equal where the map is turned to one hand. */
const TIE = 1e-6

/**
 * Coordinates in -1 to 1; the farthest reaches it. One topic, or several that are all alike, stand at the
 * origin.
 */
export async function mapTopics(
  { topics }: EngineParams<'topics.map'>,
  { signal }: EngineContext,
): Promise<EngineResult<'topics.map'>> {
  const pause = createPacer(signal)
  const products = await divergences(topics, pause)
  centre(products, topics.length)
  const axes = (await leadingEigenvectors(products, topics.length, 2, pause))
    .map(({ value, vector }) => vector.map((part) => part * Math.sqrt(Math.max(0, value))))
    .map(toOneHand)
  const farthest = Math.max(0, ...axes.map(largestMagnitude))
  const scale = farthest > 1e-9 ? 1 / farthest : 0
  return {
    points: topics.map((_, i) => ({ x: (axes[0]?.[i] ?? 0) * scale, y: (axes[1]?.[i] ?? 0) * scale })),
  }
}

/**
 * Jensen-Shannon divergences in nats between all pairs of topics, [K, K]: ln 2 where two have no word in
 * common, less what each common word takes off, ((p + q) ln(p + q) - p ln p - q ln q) / 2. So time goes with
 * the pairs of topics that share a word.
 */
async function divergences(
  topics: EngineParams<'topics.map'>['topics'],
  pause: Pacer,
): Promise<Float64Array> {
  const k = topics.length
  const result = new Float64Array(k * k).fill(Math.LN2)
  const holdersOf = new Map<number, { topic: number; p: number; plogp: number }[]>()
  topics.forEach(({ words, counts }, topic) => {
    const total = counts.reduce((sum, count) => sum + count, 0)
    words.forEach((word, i) => {
      const p = counts[i]! / total
      if (!(p > 0)) {
        return
      }
      const holders = holdersOf.get(word) ?? []
      holdersOf.set(word, holders)
      holders.push({ topic, p, plogp: p * Math.log(p) })
    })
  })
  for (const holders of holdersOf.values()) {
    for (let i = 0; i < holders.length; i++) {
      if (pause.due()) {
        await pause()
      }
      const a = holders[i]!
      for (let j = 0; j < i; j++) {
        const b = holders[j]!
        const sum = a.p + b.p
        result[a.topic * k + b.topic]! -= (sum * Math.log(sum) - a.plogp - b.plogp) / 2
      }
    }
  }
  // A word's holders rise by topic, so the lower triangle has it all.
  for (let i = 0; i < k; i++) {
    result[i * k + i] = 0
    for (let j = 0; j < i; j++) {
      result[j * k + i] = result[i * k + j] = Math.max(0, result[i * k + j]!)
    }
  }
  return result
}

/** Squared distances, [n, n], become inner products of the points about their mean: -J D J / 2, in place. */
function centre(squared: Float64Array, n: number): void {
  const means = Float64Array.from(
    { length: n },
    (_, i) => squared.subarray(i * n, (i + 1) * n).reduce((sum, value) => sum + value, 0) / n,
  )
  const mean = means.reduce((sum, value) => sum + value, 0) / n
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      squared[i * n + j] = -(squared[i * n + j]! - means[i]! - means[j]! + mean) / 2
    }
  }
}

const largestMagnitude = (axis: Float64Array): number =>
  axis.reduce((largest, part) => Math.max(largest, Math.abs(part)), 0)

/**
 * An eigenvector's sign means nothing: the coordinate farthest from 0 is to be positive, of several the
 * first.
 */
function toOneHand(axis: Float64Array): Float64Array {
  const farthest = largestMagnitude(axis)
  const first = axis.find((part) => Math.abs(part) >= farthest * (1 - TIE)) ?? 0
  return first < 0 ? axis.map((part) => -part) : axis
}
