/**
 * The search for the captions of one clip, apart from any network: it says which words to feed, is told what
 * the network makes of the next ones, and says whose state each of its hypotheses continues. Beam search
 * (beam.ts) and sampling (sampling.ts) are the two kinds; create-search.ts makes the one that settings name.
 */

interface DecodedWord {
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
