import { VitrineError } from '#contract'
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { createPacer } from '../pacer.ts'
import { createRandom } from '../../common/random.ts'
import { runChain } from './chain.ts'
import { readCorpus } from './corpus.ts'
import type { Corpus } from './corpus.ts'
import { proposeLabels } from '../../common/topic-labels.ts'
import { progressOf } from './progress.ts'
import { UNCONSTRAINED } from './sampler.ts'
import type { Constraints } from './sampler.ts'

type Params = EngineParams<'topics.split'>

/** Short chains of few topics settle soon. A clip is taken to be mostly about one part. */
const CHAIN = {
  iterations: 200,
  burnIn: null,
  sampleEvery: 1,
  documentPrior: 'fixed',
  wordPrior: 'fixed',
  topicsPerClip: 1,
} as const
/** A part that would hold less of a word, in tokens, leaves it to the others. */
const LEAST_COUNT = 0.5

/**
 * Divides a topic by finding topics among its own words in its clips: free ones for a proposal; by words,
 * each part's words are held in it and count as seen there once before; by clips, their tokens are held in
 * their part. What is not laid down goes where it fits best. Clips without a token of the topic are divided
 * as the topic is. See the contract.
 */
export async function splitTopic(
  params: Params,
  context: EngineContext,
): Promise<EngineResult<'topics.split'>> {
  const { documents, words, how } = params
  const pause = createPacer(context.signal)
  const corpus = await readCorpus(
    documents,
    { vocabulary: words.map(({ word }) => word), phrases: params.phrases, rule: params.rule },
    pause,
  )
  const k = how.by === 'proposal' ? 2 : how.parts.length
  const partOf = how.by === 'clips' ? partsOfClips(how.parts, documents) : new Map<number, number>()
  const constraints =
    how.by === 'proposal'
      ? UNCONSTRAINED
      : how.by === 'words'
        ? heldWords(how.parts, params)
        : heldClips(partOf, corpus)
  const free = how.by === 'clips' ? without(corpus, partOf) : corpus
  const swept = progressOf(context, 'splitting a topic', free.words.length, {
    before: 0,
    all: CHAIN.iterations,
  })
  const chain = await runChain(
    free,
    k,
    CHAIN,
    constraints,
    createRandom(how.by === 'proposal' ? how.seed : 1),
    pause,
    swept,
  )

  // What parts hold of each word: its tokens, or where it has none the words that were laid down; [V, k].
  const held = Float64Array.from(chain.wordTopic)
  if (how.by === 'clips') {
    for (const { word, topic, count } of constraints.counts) {
      held[word * k + topic]! += count
    }
  }
  const tokens = sumBy(held, k)
  const all = tokens.reduce((sum, count) => sum + count, 0)
  const typical = tokens.map((count) => (all > 0 ? count / all : 1 / k))
  const parts: { word: string; count: number }[][] = Array.from({ length: k }, () => [])
  words.forEach(({ word, count }, number) => {
    let shares = sharesOf(held.subarray(number * k, (number + 1) * k))
    const allowed = constraints.allowed.get(number)
    if (allowed !== undefined && shares === null) {
      shares = Float64Array.from({ length: k }, (_, part) =>
        allowed.includes(part) ? 1 / allowed.length : 0,
      )
    }
    const largest = (shares ?? typical).reduce(
      (best, share, part, all) => (share > all[best]! ? part : best),
      0,
    )
    shares ??= Float64Array.from({ length: k }, (_, part) => (part === largest ? 1 : 0))
    let left = count
    shares.forEach((share, part) => {
      if (part === largest || share * count < LEAST_COUNT) {
        return
      }
      parts[part]!.push({ word, count: share * count })
      left -= share * count
    })
    parts[largest]!.push({ word, count: left })
  })
  // One word alone is in both halves, which then are the same.
  const emptyPart = how.by === 'proposal' && words.length < 2 ? 0 : parts.findIndex((own) => own.length === 0)
  if (emptyPart >= 0) {
    throw new VitrineError(
      'BAD_INPUT',
      how.by === 'proposal'
        ? 'The topic does not fall into two: its words occur in the same captions.'
        : `Part ${emptyPart + 1} would have no word of the topic.`,
      'Choose the words or the videos of each part.',
    )
  }

  const size = parts.map((own) => own.reduce((sum, { count }) => sum + count, 0))
  const total = size.reduce((sum, count) => sum + count, 0)
  const order = parts.map((_, part) => part)
  if (how.by === 'proposal') {
    order.sort((a, b) => size[b]! - size[a]!)
  }
  for (const own of parts) {
    own.sort((a, b) => b.count - a.count)
  }
  const countOf = new Map(words.map(({ word, count }) => [word, count]))
  const labels = proposeLabels(
    order.map((part) =>
      parts[part]!.map(({ word, count }) => ({
        word,
        p: count / size[part]!,
        corpusP: countOf.get(word)! / total,
      })),
    ),
  )
  return {
    parts: order.map((part, i) => ({ label: labels[i]!, words: parts[part]! })),
    fractions: documents.map(({ id }, d) => {
      const own = partOf.get(d)
      const fractions =
        own === undefined
          ? (sharesOf(chain.documentTopic.subarray(d * k, (d + 1) * k)) ?? typical)
          : order.map((_, part) => (part === own ? 1 : 0))
      return { id, fractions: order.map((part) => fractions[part]!) }
    }),
  }
}

/** Sums of the columns of [rows, k]. */
function sumBy(values: Float64Array, k: number): Float64Array {
  const sums = new Float64Array(k)
  values.forEach((value, i) => {
    sums[i % k]! += value
  })
  return sums
}

/** Counts as shares that sum to 1; null when all are 0. */
function sharesOf(counts: ArrayLike<number>): Float64Array | null {
  const own = Float64Array.from(counts)
  const total = own.reduce((sum, count) => sum + count, 0)
  return total > 0 ? own.map((count) => count / total) : null
}

/**
 * Each part's words are drawn in it alone. Throws BAD_INPUT for words that the topic has not, naming them, or
 * that two parts have.
 */
function heldWords(parts: readonly string[][], { words }: Params): Constraints {
  const numbers = new Map(words.map(({ word }, number) => [word, number]))
  const numberOf = (word: string): number | undefined =>
    numbers.get(word) ?? numbers.get(word.trim().toLowerCase().replaceAll(/\s+/g, '_'))
  const missing = parts.flat().filter((word) => numberOf(word) === undefined)
  if (missing.length > 0) {
    throw new VitrineError(
      'BAD_INPUT',
      `The topic has no word ${missing.map((word) => `"${word}"`).join(', ')}.`,
      'Choose among the words of the topic.',
    )
  }
  const allowed = new Map<number, Uint16Array>()
  const counts: Constraints['counts'][number][] = []
  parts.forEach((own, part) => {
    for (const word of own) {
      const number = numberOf(word)!
      const before = allowed.get(number)?.[0]
      if (before === part) {
        continue
      }
      if (before !== undefined) {
        throw new VitrineError(
          'BAD_INPUT',
          `The word "${word}" is in two parts.`,
          'Leave it in one, or in none: then it goes where it fits best.',
        )
      }
      allowed.set(number, Uint16Array.of(part))
      counts.push({ word: number, topic: part, count: Math.max(1, Math.round(words[number]!.count)) })
    }
  })
  return { ...UNCONSTRAINED, allowed, counts }
}

/**
 * The part of each clip that is laid down, by its place. Throws BAD_INPUT for clips that the topic has not,
 * or that two parts have.
 */
function partsOfClips(parts: readonly number[][], documents: Params['documents']): Map<number, number> {
  const places = new Map(documents.map(({ id }, d) => [id, d]))
  const partOf = new Map<number, number>()
  parts.forEach((ids, part) => {
    for (const id of ids) {
      const place = places.get(id)
      if (place === undefined) {
        throw new VitrineError(
          'BAD_INPUT',
          `Clip ${id} has no share of the topic.`,
          'Choose among the videos of the topic.',
        )
      }
      if ((partOf.get(place) ?? part) !== part) {
        throw new VitrineError(
          'BAD_INPUT',
          `Clip ${id} is in two parts.`,
          'Leave it in one, or in none: then it goes where it fits best.',
        )
      }
      partOf.set(place, part)
    }
  })
  return partOf
}

/** The words of clips that are laid down count as seen in their parts. */
function heldClips(partOf: ReadonlyMap<number, number>, { words, starts }: Corpus): Constraints {
  const counts = new Map<string, Constraints['counts'][number]>()
  for (const [d, topic] of partOf) {
    for (const word of words.subarray(starts[d], starts[d + 1])) {
      const key = `${word} ${topic}`
      const count = counts.get(key)
      if (count === undefined) {
        counts.set(key, { word, topic, count: 1 })
      } else {
        count.count += 1
      }
    }
  }
  return { ...UNCONSTRAINED, counts: [...counts.values()] }
}

/** The corpus with some documents emptied. */
function without(corpus: Corpus, emptied: ReadonlyMap<number, unknown>): Corpus {
  const starts = new Uint32Array(corpus.starts.length)
  const words: number[] = []
  for (let d = 0; d + 1 < starts.length; d++) {
    if (!emptied.has(d)) {
      words.push(...corpus.words.subarray(corpus.starts[d], corpus.starts[d + 1]))
    }
    starts[d + 1] = words.length
  }
  return { vocabulary: corpus.vocabulary, words: Uint32Array.from(words), starts }
}
