/**
 * A word sets clips apart from this log-likelihood ratio on: the 0.1% point of chi-squared with one degree of
 * freedom.
 */
const TELLING = 10.83
/** A topic from clips has at most so many words, and at least a few, however weakly they tell. */
const MOST_WORDS = 50
const FEW_WORDS = 5

/** Tokens of a word in some clips, and in all. */
export interface WordOf {
  word: number
  own: number
  all: number
}

/**
 * The words that set clips with `own` tokens apart from the rest of a corpus of `all`, by falling count
 * there, then by number.
 */
export function tellingWords(
  words: readonly WordOf[],
  own: number,
  all: number,
): { word: number; count: number }[] {
  return words
    .filter((n) => n.own > 0 && n.own * (all - own) >= (n.all - n.own) * own)
    .map((n) => ({
      word: n.word,
      count: n.own,
      ratio: logLikelihoodRatio(n.own, own, n.all - n.own, all - own),
    }))
    .sort((a, b) => b.ratio - a.ratio || b.count - a.count || a.word - b.word)
    .filter(({ ratio }, rank) => rank < FEW_WORDS || (rank < MOST_WORDS && ratio >= TELLING))
    .sort((a, b) => b.count - a.count || a.word - b.word)
    .map(({ word, count }) => ({ word, count }))
}

/**
 * How strongly a word's rates in two texts differ: a of n tokens here, b of m there (Dunning, "Accurate
 * methods for the statistics of surprise and coincidence", Computational Linguistics 1993). At least 0; 0
 * when one text is empty.
 */
function logLikelihoodRatio(a: number, n: number, b: number, m: number): number {
  const term = (count: number, expected: number): number =>
    count > 0 ? count * Math.log(count / expected) : 0
  const p = (a + b) / (n + m)
  return (
    2 * Math.max(0, term(a, n * p) + term(n - a, n * (1 - p)) + term(b, m * p) + term(m - b, m * (1 - p)))
  )
}
