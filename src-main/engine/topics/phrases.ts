import type { Pacer } from '../pacer.ts'
import type { WordReader } from './words.ts'

/** Joins the words of a phrase; no word of a caption has it. */
const JOINT = '_'

/**
 * Takes pairs of neighbouring words that are phrases together, from the left: their numbers become that of
 * the phrase.
 */
export type Joiner = (words: readonly number[]) => readonly number[]

/**
 * Pairs of neighbours in a caption that belong together: those whose score
 *
 *     (n(a, b) - discount) V / (n(a) n(b))
 *
 * is at least `threshold` (Mikolov et al., "Distributed representations of words and phrases and their
 * compositionality", NIPS 2013, scaled by the number of words V as gensim does). The discount, a count, keeps
 * out pairs that met by chance. Stop words are in no phrase, and no phrase spans two captions. Returned as
 * `red_star`, the best first. `documents` are lists of captions of word numbers; `pause` is called between
 * them.
 */
export async function findPhrases(
  documents: readonly (readonly (readonly number[])[])[],
  { words, stops }: WordReader,
  { threshold, discount }: { threshold: number; discount: number },
  pause: Pacer,
): Promise<string[]> {
  const size = words.length
  const tokens = new Float64Array(size)
  const pairs = new Map<number, number>()
  for (const captions of documents) {
    if (pause.due()) {
      await pause()
    }
    for (const caption of captions) {
      for (let i = 0; i < caption.length; i++) {
        const word = caption[i]!
        const next = caption[i + 1]
        tokens[word]! += 1
        if (next === undefined || word === next || stops[word] || stops[next]) {
          continue
        }
        const pair = word * size + next
        pairs.set(pair, (pairs.get(pair) ?? 0) + 1)
      }
    }
  }
  return [...pairs]
    .map(([pair, n]) => ({ a: Math.floor(pair / size), b: pair % size, n }))
    .map(({ a, b, n }) => ({
      phrase: words[a]! + JOINT + words[b]!,
      score: ((n - discount) * size) / (tokens[a]! * tokens[b]!),
    }))
    .filter(({ score }) => score >= threshold)
    .sort((a, b) => b.score - a.score || (a.phrase < b.phrase ? -1 : 1))
    .map(({ phrase }) => phrase)
}

/** Joins the words of phrases, as found by `findPhrases`, wherever they are neighbours. */
export function createJoiner(phrases: readonly string[], reader: WordReader): Joiner {
  if (phrases.length === 0) {
    return (words) => words
  }
  const joined = new Map<number, Map<number, number>>()
  for (const phrase of phrases) {
    const [a = '', b = ''] = phrase.split(JOINT)
    const first = reader.number(a)
    const followers = joined.get(first) ?? new Map<number, number>()
    joined.set(first, followers.set(reader.number(b), reader.number(phrase)))
  }
  return (words) => {
    const result: number[] = []
    for (let i = 0; i < words.length; i++) {
      const phrase = joined.get(words[i]!)?.get(words[i + 1] ?? -1)
      result.push(phrase ?? words[i]!)
      if (phrase !== undefined) {
        i += 1
      }
    }
    return result
  }
}
