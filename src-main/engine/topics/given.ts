import { VitrineError } from '#contract'
import type { GivenTopic } from '#contract'
import type { FittedCorpus } from './corpus.ts'
import { UNCONSTRAINED } from './sampler.ts'
import type { Constraints } from './sampler.ts'

/**
 * What the sampler is to obey of topics that are given: their places are theirs among the first of `k`.
 * Counts are rounded to whole tokens. Words that don't occur in the corpus (within the vocabulary's rule) are
 * left out of `words` and `forbidden`. Throws BAD_INPUT for more topics than `k`, seeds or pinned words that
 * don't occur, a fixed topic without words, and words that no topic may hold.
 */
export function resolveGiven(topics: readonly GivenTopic[], k: number, corpus: FittedCorpus): Constraints {
  if (topics.length === 0) {
    return UNCONSTRAINED
  }
  if (topics.length > k) {
    throw new VitrineError(
      'BAD_INPUT',
      `${topics.length} topics are given, but only ${k} are to be found.`,
      `Ask for at least ${topics.length} topics.`,
    )
  }
  const frequency = new Float64Array(corpus.vocabulary.length)
  for (const word of corpus.words) {
    frequency[word]! += 1
  }

  const counts: { word: number; topic: number; count: number }[] = []
  const fixed = new Set<number>()
  const start = new Map<number, number[]>()
  const pinned = new Map<number, Set<number>>()
  const forbidden = new Map<number, Set<number>>()
  topics.forEach((given, topic) => {
    const name = given.label === null ? `number ${topic + 1}` : `"${given.label}"`
    const prior = new Map<number, number>()
    const add = (word: number, count: number): void => {
      prior.set(word, (prior.get(word) ?? 0) + count)
    }
    for (const { word, count } of given.words) {
      const number = numberOf(word, corpus)
      if (number !== null) {
        add(number, Math.round(count))
      }
    }
    if (given.fixed) {
      if (given.seeds.length > 0) {
        throw new VitrineError(
          'BAD_INPUT',
          `The fixed topic ${name} has seed words.`,
          'Remove its seeds, or let the topic change.',
        )
      }
      fixed.add(topic)
    }
    for (const word of new Set(required(given.seeds, 'seed', name, corpus))) {
      add(word, frequency[word]!)
      start.set(word, [...(start.get(word) ?? []), topic])
    }
    for (const word of required(given.pinned, 'pinned', name, corpus)) {
      pinned.set(word, (pinned.get(word) ?? new Set()).add(topic))
    }
    for (const word of given.forbidden) {
      const number = numberOf(word, corpus)
      if (number !== null) {
        forbidden.set(number, (forbidden.get(number) ?? new Set()).add(topic))
      }
    }
    for (const [word, count] of prior) {
      if (count > 0) {
        counts.push({ word, topic, count })
      }
    }
    if (given.fixed && !counts.some((entry) => entry.topic === topic)) {
      throw new VitrineError(
        'BAD_INPUT',
        `The fixed topic ${name} has no word that occurs in the captions.`,
        'Give it the words and counts that it is to keep.',
      )
    }
  })

  const allowed = new Map<number, Uint16Array>()
  for (const word of new Set([...pinned.keys(), ...forbidden.keys()])) {
    const free = Array.from({ length: k }, (_, topic) => topic).filter(
      (topic) => (pinned.get(word)?.has(topic) ?? true) && !forbidden.get(word)?.has(topic),
    )
    if (free.length === 0) {
      throw new VitrineError(
        'BAD_INPUT',
        `No topic may hold the word "${corpus.vocabulary[word]}".`,
        'Allow it in one, or make it a stop word.',
      )
    }
    // Where a word is to begin goes before where it may be, as long as the two agree.
    const begins = start.get(word)?.filter((topic) => free.includes(topic))
    if (begins && begins.length > 0) {
      start.set(word, begins)
    } else {
      start.delete(word)
    }
    allowed.set(word, Uint16Array.from(free))
  }
  return {
    counts: counts.filter(({ word, topic }) => allowed.get(word)?.includes(topic) ?? true),
    fixed,
    allowed,
    start,
  }
}

/** The words' numbers. Throws BAD_INPUT that names those that are not in the vocabulary. */
function required(
  words: readonly string[],
  kind: 'seed' | 'pinned',
  topic: string,
  corpus: FittedCorpus,
): number[] {
  const numbers = words.map((word) => numberOf(word, corpus))
  const missing = words.filter((_, i) => numbers[i] === null)
  if (missing.length > 0) {
    throw new VitrineError(
      'BAD_INPUT',
      `The ${kind} ${missing.length === 1 ? 'word' : 'words'} ${missing.map((word) => `"${word}"`).join(', ')} of topic ${topic} ${missing.length === 1 ? 'is' : 'are'} not among the words that topics are found in.`,
      'Check the spelling; stop words and words in too few or too many clips are left out.',
    )
  }
  return numbers.filter((number) => number !== null)
}

/**
 * A word's number in the vocabulary, or null. A phrase, `red star` or `red_star`, has one where the corpus
 * joined it.
 */
function numberOf(word: string, corpus: FittedCorpus): number | null {
  const numbers = corpus.read(word)
  return numbers.length === 1 && numbers[0]! >= 0 ? numbers[0]! : null
}
