/**
 * What a chain is at any moment: the topic of each token, and the counts that follow from them, in memory that threads
 * share.
 *
 * To be sampled by several threads at once, the documents are divided into parts, and so are the words: a part of the
 * documents beside a part of the words is a block. Blocks in different rows and columns have no document and no word in
 * common, so neither a count n(d, k) nor n(w, k): sampled at the same time they come out as one after the other (Yan, Xu
 * and Qi, "Parallel inference for latent Dirichlet allocation on graphics processing units", NIPS 2009). Only the sizes
 * of topics, n(k), are common to all; a block sees them as they were when its round began, as in AD-LDA (Newman, Asuncion,
 * Smyth and Welling, "Distributed algorithms for topic models", JMLR 2009). A sweep is as many rounds as there are parts.
 */
import type { Random } from '../random.ts'
import type { Corpus } from './corpus.ts'
import { layOut, WordTopicCounts } from './word-topic-counts.ts'

/** What is laid down beforehand. */
export interface Constraints {
  /** Whole counts of words in topics that no token of the corpus gave: a prior, or all that a fixed topic has. */
  counts: readonly { word: number; topic: number; count: number }[]
  /** Topics whose words are the given counts for good: tokens come and go without changing them. */
  fixed: ReadonlySet<number>
  /** Words that are drawn among some topics only, in rising order. */
  allowed: ReadonlyMap<number, Uint16Array>
  /** Topics that a word's tokens begin in; others begin anywhere. */
  start: ReadonlyMap<number, readonly number[]>
}

export const UNCONSTRAINED: Constraints = { counts: [], fixed: new Set(), allowed: new Map(), start: new Map() }

/** All arrays lie in shared memory. Only samplers write, and only between the calls that read. */
export interface ChainState {
  readonly k: number
  readonly vocabularySize: number
  /** Parts of the documents, and of the words. */
  readonly parts: number
  /** The documents of part p are firsts[p] to firsts[p + 1] - 1. */
  readonly firsts: Uint32Array
  /** Document d has tokens starts[d] to starts[d + 1] - 1; those of words of part p start at bounds[d * parts + p]. */
  readonly starts: Uint32Array
  readonly bounds: Uint32Array
  /** The word of each token: the corpus's, in a document by part and then in rising order. */
  readonly words: Uint32Array
  /** The topic of each token. */
  readonly topicOf: Uint16Array
  /** n(d, k) where it is above 0: documentLengths[d] topics from starts[d] on, and their counts. */
  readonly documentTopics: Uint16Array
  readonly documentCounts: Uint32Array
  readonly documentLengths: Uint32Array
  /** n(w, k): see `WordTopicCounts`. */
  readonly rows: Uint32Array
  readonly entries: Int32Array
  /** n(k), as a sum: [1 + 2 parts, K], the given counts, then those of each part of the documents, for rounds in turn. */
  readonly totals: Int32Array
}

/**
 * A state with a random topic for every token, as far as the constraints leave one. `k` is at most 65,536. Throws
 * BAD_INPUT for a word too frequent to count beside so many topics.
 */
export function createState(corpus: Pick<Corpus, 'vocabulary' | 'words' | 'starts'>, k: number, random: Random, constraints: Constraints = UNCONSTRAINED, parts = 1): ChainState {
  const vocabularySize = corpus.vocabulary.length
  const documents = corpus.starts.length - 1
  const tokens = corpus.words.length

  const frequency = new Uint32Array(vocabularySize)
  for (const word of corpus.words) frequency[word]! += 1
  const partOf = divideWords(frequency, parts)
  const starts = shared(Uint32Array, documents + 1)
  starts.set(corpus.starts)
  const words = shared(Uint32Array, tokens)
  const bounds = shared(Uint32Array, documents * parts + 1)
  bounds[documents * parts] = tokens
  for (let i = 0; i < tokens; i++) words[i] = partOf[corpus.words[i]!]! * vocabularySize + corpus.words[i]!
  for (let d = 0; d < documents; d++) {
    const own = words.subarray(starts[d], starts[d + 1]).sort()
    let i = 0
    for (let part = 0; part < parts; part++) {
      bounds[d * parts + part] = starts[d]! + i
      for (; i < own.length && own[i]! < (part + 1) * vocabularySize; i++) own[i]! -= part * vocabularySize
    }
  }

  const { rows, size } = layOut(corpus.vocabulary, k, frequency, constraints.counts, partOf)
  const state: ChainState = {
    k, vocabularySize, parts, starts, bounds, words, rows,
    firsts: divideDocuments(starts, parts),
    topicOf: shared(Uint16Array, tokens),
    documentTopics: shared(Uint16Array, tokens),
    documentCounts: shared(Uint32Array, tokens),
    documentLengths: shared(Uint32Array, documents),
    entries: shared(Int32Array, size),
    totals: shared(Int32Array, (1 + 2 * parts) * k),
  }
  const counts = new WordTopicCounts(state)
  for (const { word, topic, count } of constraints.counts) {
    counts.add(word, topic, count)
    state.totals[topic]! += count
  }
  for (let part = 0; part < parts; part++) {
    const own = state.totals.subarray((1 + part) * k, (2 + part) * k)
    for (let i = starts[state.firsts[part]!]!; i < starts[state.firsts[part + 1]!]!; i++) {
      const word = words[i]!
      const choice = constraints.start.get(word) ?? constraints.allowed.get(word)
      const topic = choice === undefined ? random.below(k) : choice[random.below(choice.length)]!
      state.topicOf[i] = topic
      if (constraints.fixed.has(topic)) continue
      counts.add(word, topic, 1)
      own[topic]! += 1
    }
  }
  countTopics(state)
  return state
}

/** Fills in n(d, k). */
function countTopics({ k, starts, topicOf, documentTopics, documentCounts, documentLengths }: ChainState): void {
  const counts = new Uint32Array(k)
  for (let d = 0; d < documentLengths.length; d++) {
    const own = topicOf.subarray(starts[d], starts[d + 1])
    for (const topic of own) counts[topic]! += 1
    let end = starts[d]!
    for (const topic of own) {
      if (counts[topic] === 0) continue
      documentTopics[end] = topic
      documentCounts[end++] = counts[topic]!
      counts[topic] = 0
    }
    documentLengths[d] = end - starts[d]!
  }
}

/** The part of each word: frequent words first, each goes where there are the fewest tokens, so that parts are alike in kind as well as in size. */
function divideWords(frequency: Uint32Array, parts: number): Uint8Array {
  const partOf = new Uint8Array(frequency.length)
  if (parts === 1) return partOf
  const tokens = new Float64Array(parts)
  const order = Uint32Array.from(frequency, (_, word) => word).sort((a, b) => frequency[b]! - frequency[a]! || a - b)
  for (const word of order) {
    const part = tokens.indexOf(Math.min(...tokens))
    partOf[word] = part
    tokens[part]! += frequency[word]!
  }
  return partOf
}

/** Where parts of the documents with about as many tokens each begin, and the end. */
function divideDocuments(starts: Uint32Array, parts: number): Uint32Array {
  const documents = starts.length - 1
  const firsts = shared(Uint32Array, parts + 1)
  for (let part = 1, d = 0; part < parts; part++) {
    while (d < documents && starts[d]! < (starts[documents]! * part) / parts) d++
    firsts[part] = d
  }
  firsts[parts] = documents
  return firsts
}

function shared<T>(type: { new (buffer: SharedArrayBuffer): T; BYTES_PER_ELEMENT: number }, length: number): T {
  return new type(new SharedArrayBuffer(length * type.BYTES_PER_ELEMENT))
}
