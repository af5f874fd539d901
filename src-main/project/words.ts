/**
 * Which topics a sentence speaks of. A word is a topic's own when it is among the topic's top words and no other topic
 * gives it a larger probability; so a word that many topics share speaks for the one it is most typical of.
 */
import { tokenize } from '../engine/metrics/tokenize.ts'

/** As many top words of a topic count as people are shown. */
const TOP_WORDS = 10

/** For each topic, in the given order, whether one of its own words stands in a sentence. */
export function topicSpotter(topics: readonly { words: readonly { word: string; p: number }[] }[]): (sentence: string) => boolean[] {
  const owner = new Map<string, { topic: number; p: number }>()
  topics.forEach(({ words }, topic) => {
    for (const { word, p } of words.slice(0, TOP_WORDS)) {
      const known = owner.get(word)
      if (known === undefined || p > known.p) owner.set(word, { topic, p })
    }
  })
  return (sentence) => {
    const named = new Set(tokenize(sentence).map((word) => owner.get(word)?.topic))
    return topics.map((_, topic) => named.has(topic))
  }
}
