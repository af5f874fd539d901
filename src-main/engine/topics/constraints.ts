/** Given topics as what the sampler is to obey. */
import type { GivenTopic } from '#contract'
import { quoted } from '../../common/text.ts'
import { tokenCounts } from './corpus.ts'
import type { FittedCorpus } from './corpus.ts'
import { failures } from './failures.ts'

/** What is laid down beforehand. */
export interface Constraints {
  /**
   * Whole counts of words in topics that no token of the corpus gave: a prior, or all that a fixed topic has.
   */
  counts: readonly { word: number; topic: number; count: number }[]
  /** Topics whose words are the given counts for good: tokens come and go without changing them. */
  fixed: ReadonlySet<number>
  /** Words that are drawn among some topics only, in rising order. */
  allowed: ReadonlyMap<number, Uint16Array>
  /** Topics that a word's tokens begin in; others begin anywhere. */
  start: ReadonlyMap<number, readonly number[]>
}

export const UNCONSTRAINED: Constraints = {
  counts: [],
  fixed: new Set(),
  allowed: new Map(),
  start: new Map(),
}

/** A given topic in the corpus' numbers of words. */
interface ReadTopic {
  /** Whole tokens that it has of words before any is drawn, all above 0. */
  counts: { word: number; count: number }[]
  seeds: ReadonlySet<number>
  pinned: readonly number[]
  forbidden: readonly number[]
}

/**
 * What the sampler is to obey of topics that are given: their places are theirs among the first of `k`.
 * Counts are rounded to whole tokens. Words that don't occur in the corpus (within the vocabulary's rule) are
 * left out of `words` and `forbidden`. Throws BAD_INPUT for more topics than `k`, seeds or pinned words that
 * don't occur, a fixed topic without words, and words that no topic may hold.
 */
export function constraintsOf(topics: readonly GivenTopic[], k: number, corpus: FittedCorpus): Constraints {
  if (topics.length === 0) {
    return UNCONSTRAINED
  }
  if (topics.length > k) {
    throw failures.moreTopicsGiven({ given: topics.length, topics: k })
  }
  const tokens = tokenCounts(corpus)
  const read = topics.map((given, topic) => readTopic(given, topic, corpus, tokens))
  const allowed = allowedTopics(read, k, corpus.vocabulary)
  return {
    counts: read
      .flatMap(({ counts }, topic) => counts.map(({ word, count }) => ({ word, topic, count })))
      .filter(({ word, topic }) => allowed.get(word)?.includes(topic) ?? true),
    fixed: new Set(topics.flatMap(({ fixed }, topic) => (fixed ? [topic] : []))),
    allowed,
    start: startTopics(read, allowed),
  }
}

function readTopic(given: GivenTopic, topic: number, corpus: FittedCorpus, tokens: Uint32Array): ReadTopic {
  const name = given.label === null ? `number ${topic + 1}` : `"${given.label}"`
  const countOf = new Map<number, number>()
  const add = (word: number, count: number): void => {
    countOf.set(word, (countOf.get(word) ?? 0) + count)
  }
  for (const { word, count } of given.words) {
    const number = numberOf(word, corpus)
    if (number !== null) {
      add(number, Math.round(count))
    }
  }
  if (given.fixed && given.seeds.length > 0) {
    throw failures.fixedTopicWithSeeds({ topic: name })
  }
  const seeds = new Set(requiredNumbers(given.seeds, 'seed', name, corpus))
  for (const word of seeds) {
    add(word, tokens[word]!)
  }
  const pinned = requiredNumbers(given.pinned, 'pinned', name, corpus)
  const counts = [...countOf].map(([word, count]) => ({ word, count })).filter(({ count }) => count > 0)
  if (given.fixed && counts.length === 0) {
    throw failures.fixedTopicEmpty({ topic: name })
  }
  const forbidden = given.forbidden.map((word) => numberOf(word, corpus)).filter((word) => word !== null)
  return { counts, seeds, pinned, forbidden }
}

const UNKNOWN_WORDS = {
  seed: { one: failures.seedUnknown, several: failures.seedsUnknown },
  pinned: { one: failures.pinnedWordUnknown, several: failures.pinnedWordsUnknown },
} as const

/** The words' numbers. Throws BAD_INPUT that names those that are not in the vocabulary. */
function requiredNumbers(
  words: readonly string[],
  kind: 'seed' | 'pinned',
  topic: string,
  corpus: FittedCorpus,
): number[] {
  const numbers = words.map((word) => numberOf(word, corpus))
  const missing = words.filter((_, i) => numbers[i] === null)
  if (missing.length > 0) {
    const { one, several } = UNKNOWN_WORDS[kind]
    const failing = missing.length === 1 ? one : several
    throw failing({ words: quoted(missing), topic })
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

/** The topics, of `k`, that pinned and forbidden words may be in. Throws BAD_INPUT for a word without any. */
function allowedTopics(
  topics: readonly ReadTopic[],
  k: number,
  vocabulary: readonly string[],
): Map<number, Uint16Array> {
  const pinned = topicsByWord(topics.map((topic) => topic.pinned))
  const forbidden = topicsByWord(topics.map((topic) => topic.forbidden))
  const allowed = new Map<number, Uint16Array>()
  for (const word of new Set([...pinned.keys(), ...forbidden.keys()])) {
    const free = Array.from({ length: k }, (_, topic) => topic).filter(
      (topic) => (pinned.get(word)?.includes(topic) ?? true) && !forbidden.get(word)?.includes(topic),
    )
    if (free.length === 0) {
      throw failures.wordInNoTopic({ word: vocabulary[word] ?? '' })
    }
    allowed.set(word, Uint16Array.from(free))
  }
  return allowed
}

/** The topics that seeds begin in, as far as they may hold them. */
function startTopics(
  topics: readonly ReadTopic[],
  allowed: ReadonlyMap<number, Uint16Array>,
): Map<number, number[]> {
  const start = new Map<number, number[]>()
  for (const [word, seeded] of topicsByWord(topics.map(({ seeds }) => [...seeds]))) {
    const begins = seeded.filter((topic) => allowed.get(word)?.includes(topic) ?? true)
    if (begins.length > 0) {
      start.set(word, begins)
    }
  }
  return start
}

/** Words by topic as topics by word. */
function topicsByWord(words: readonly (readonly number[])[]): Map<number, number[]> {
  const topics = new Map<number, number[]>()
  words.forEach((numbers, topic) => {
    for (const word of numbers) {
      topics.set(word, [...(topics.get(word) ?? []), topic])
    }
  })
  return topics
}
