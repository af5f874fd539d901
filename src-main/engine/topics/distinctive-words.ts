/**
 * A word sets clips apart from this log-likelihood ratio on: the 0.1% point of chi-squared with one degree of
 * freedom.
 */
const MIN_RATIO = 10.83
/** A topic from clips has at most so many words, and at least a few, however weakly they set clips apart. */
const MAX_WORDS = 50
const MIN_WORDS = 5

/** Tokens of a word in some clips, and in the whole corpus. */
export interface WordTokens {
  word: number
  inClips: number
  inCorpus: number
}

/**
 * The words that set some clips apart from the rest of a corpus, by falling count there, then by number.
 * `tokens`: of all words.
 */
export function distinctiveWords(
  words: readonly WordTokens[],
  tokens: Omit<WordTokens, 'word'>,
): { word: number; count: number }[] {
  const others = tokens.inCorpus - tokens.inClips
  return words
    .map(({ word, inClips, inCorpus }) => ({ word, inClips, elsewhere: inCorpus - inClips }))
    .filter(({ inClips, elsewhere }) => inClips > 0 && inClips * others >= elsewhere * tokens.inClips)
    .map(({ word, inClips, elsewhere }) => ({
      word,
      count: inClips,
      ratio: logLikelihoodRatio(inClips, tokens.inClips, elsewhere, others),
    }))
    .sort((a, b) => b.ratio - a.ratio || b.count - a.count || a.word - b.word)
    .filter(({ ratio }, rank) => rank < MIN_WORDS || (rank < MAX_WORDS && ratio >= MIN_RATIO))
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
