/**
 * Dirichlet priors that fit the counts best: Minka's fixed point ("Estimating a Dirichlet distribution",
 * 2000), on histograms of the counts as in MALLET, because counts repeat. An asymmetric document prior and a
 * symmetric topic-word prior are the pair that serves topics best (Wallach, Mimno and McCallum, "Rethinking
 * LDA: why priors matter", NIPS 2009).
 */
import type { SparseSampler } from './sampler.ts'

/** A topic that no document needs keeps this little, in tokens, or no document could come to it again. */
const MIN_PRIOR = 1e-4
/** The fixed point is taken as reached when no prior moves by more than this share. */
const TOLERANCE = 1e-4
const MAX_ROUNDS = 200

/** How often each number occurs among `counts`, by number. */
function histogramOf(counts: readonly number[]): Uint32Array {
  const histogram = new Uint32Array(counts.reduce((largest, n) => Math.max(largest, n), 0) + 1)
  for (const n of counts) {
    histogram[n]! += 1
  }
  return histogram
}

/**
 * Sum over counts n of digamma(n + prior) - digamma(prior), which is the sum of 1 / (prior + i) for i below
 * n.
 */
function digammaGain(histogram: Uint32Array, prior: number): number {
  let gain = 0
  let sum = 0
  for (let n = 1; n < histogram.length; n++) {
    gain += 1 / (prior + n - 1)
    sum += histogram[n]! * gain
  }
  return sum
}

/** The document prior, [K], that makes the chain's topics of documents likeliest, found from `alpha` on. */
export function optimiseAlpha(sampler: SparseSampler, alpha: Float64Array): Float64Array {
  const { topics, documents } = documentHistograms(sampler)
  let current = alpha
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const denominator = digammaGain(
      documents,
      current.reduce((sum, value) => sum + value, 0),
    )
    const next = current.map((value, topic) =>
      Math.max(MIN_PRIOR, (value * digammaGain(topics[topic]!, value)) / denominator),
    )
    const moved = next.some((value, topic) => Math.abs(value - current[topic]!) > TOLERANCE * value)
    current = next
    if (!moved) {
      break
    }
  }
  return current
}

/** By topic, how often documents have each count of it; and how often they have each number of tokens. */
function documentHistograms({ starts, topicOf, k }: SparseSampler): {
  topics: Uint32Array[]
  documents: Uint32Array
} {
  const countsOf: number[][] = Array.from({ length: k }, () => [])
  const sizes: number[] = []
  const counts = new Uint32Array(k)
  for (let d = 0; d + 1 < starts.length; d++) {
    const topics = topicOf.subarray(starts[d], starts[d + 1])
    for (const topic of topics) {
      counts[topic]! += 1
    }
    for (const topic of topics) {
      if (counts[topic] === 0) {
        continue
      }
      countsOf[topic]!.push(counts[topic]!)
      counts[topic] = 0
    }
    sizes.push(topics.length)
  }
  return { topics: countsOf.map(histogramOf), documents: histogramOf(sizes) }
}

/**
 * The topic-word prior that makes the chain's words of topics likeliest, found from `beta` on. Topics whose
 * words are fixed don't count.
 */
export function optimiseBeta(
  { words, topicOf, k, vocabularySize }: SparseSampler,
  fixed: ReadonlySet<number>,
  beta: number,
): number {
  const counts = new Uint32Array(vocabularySize * k)
  const totals = new Uint32Array(k)
  topicOf.forEach((topic, i) => {
    if (fixed.has(topic)) {
      return
    }
    counts[words[i]! * k + topic]! += 1
    totals[topic]! += 1
  })
  const cells = histogramOf([...counts].filter((n) => n > 0))
  const sizes = histogramOf([...totals])
  let current = beta
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = Math.max(
      MIN_PRIOR,
      (current * digammaGain(cells, current)) /
        (vocabularySize * digammaGain(sizes, vocabularySize * current)),
    )
    const moved = Math.abs(next - current) > TOLERANCE * next
    current = next
    if (!moved) {
      break
    }
  }
  return current
}
