/**
 * The search for the captions of one clip, apart from any network: it says which words to feed, is told what
 * the network makes of the next ones, and says whose state each of its hypotheses continues. Beam search
 * (beam.ts) and sampling (sampling.ts) are the two kinds.
 */
import type { Decoding } from '#contract'
import { createRandom } from '../../common/random.ts'
import type { Random } from '../../common/random.ts'
import { BeamSearch } from './beam.ts'
import { Sampling } from './sampling.ts'

export interface DecodedWord {
  word: number
  /** ln p(word | before), at temperature 1. */
  logProbability: number
  /** Over the frames, those that pad the clip included. */
  attention: number[]
}

export interface DecodedCaption {
  words: DecodedWord[]
  /** Of the whole caption, its end word included (a caption that is cut at the most words has none). */
  logProbability: number
}

/** What the network makes of the next word: `columns` words for each of the search's rows. */
export interface NextWords {
  columns: number
  /** ln p, [rows, columns]; rows past the live hypotheses are not read. */
  logProbabilities: Float32Array
  /** The words of the columns, [rows, columns], likeliest first; null: all words, by id. */
  words: BigInt64Array | null
  attentionOf(row: number): number[]
}

export interface Search {
  /** Nothing is left to feed. */
  readonly finished: boolean
  /** The words to feed next, one a live hypothesis: at most as many as `searchRows` says. */
  readonly words: readonly number[]
  /** Takes what follows `words`; returns for each hypothesis now live the row that it continues. */
  advance(next: NextWords): number[]
  /** The captions found, in the order of their rank. Throws before the search has finished. */
  captions(): DecodedCaption[]
}

/** Hypotheses that a clip's search feeds at a time. */
export function searchRows({ method, beam, nBest }: Decoding): number {
  return method === 'greedy' ? 1 : method === 'beam' ? beam : nBest
}

/**
 * A search for captions of at most `maxWords` words. `clip` is the clip's id, which with the seed chooses
 * what is sampled.
 */
export function createSearch(decoding: Decoding, clip: number, maxWords: number): Search {
  const { method, beam, lengthNormalisation, nBest, temperature, seed } = decoding
  if (method === 'sample') {
    return new Sampling(temperature, Array.from({ length: nBest }, drawsOf(clip, seed)), maxWords)
  }
  return method === 'greedy'
    ? new BeamSearch(1, maxWords)
    : new BeamSearch(beam, maxWords, lengthNormalisation, nBest)
}

/**
 * Every clip has streams of its own, so that what is sampled does not depend on the clips it is captioned
 * with.
 */
function drawsOf(clip: number, seed: number): () => Random {
  const random = createRandom(createRandom(seed).uint32() + Math.imul(clip, 0x9e3779b9))
  return () => random.fork()
}
