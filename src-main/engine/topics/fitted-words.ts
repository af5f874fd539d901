/** The words that topics hold at the end of a chain. */
import type { Chain } from './chain.ts'
import type { Constraints } from './constraints.ts'

/** A topic holds a word from this many tokens on, as a mean over the samples. */
export const LEAST_COUNT = 0.5

/**
 * The words of each topic, by number, with their mean counts, the largest first. A fixed topic has its given
 * ones.
 */
export function fittedWords(
  { wordTopic, priors }: Pick<Chain, 'wordTopic' | 'priors'>,
  { fixed, counts }: Constraints,
): { word: number; count: number }[][] {
  const k = priors.alpha.length
  const topics: { word: number; count: number }[][] = Array.from({ length: k }, () => [])
  wordTopic.forEach((count, i) => {
    if (count >= LEAST_COUNT && !fixed.has(i % k)) {
      topics[i % k]!.push({ word: Math.floor(i / k), count })
    }
  })
  for (const { word, topic, count } of counts) {
    if (fixed.has(topic)) {
      topics[topic]!.push({ word, count })
    }
  }
  for (const words of topics) {
    words.sort((a, b) => b.count - a.count || a.word - b.word)
  }
  return topics
}

/** Tokens of each topic, those of words that it hardly holds included, [K]. */
export function topicSizes({ wordTopic, priors }: Chain, { fixed, counts }: Constraints): Float64Array {
  const k = priors.alpha.length
  const sizes = new Float64Array(k)
  wordTopic.forEach((count, i) => {
    if (!fixed.has(i % k)) {
      sizes[i % k]! += count
    }
  })
  for (const { topic, count } of counts) {
    if (fixed.has(topic)) {
      sizes[topic]! += count
    }
  }
  return sizes
}
