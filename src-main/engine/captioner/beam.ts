/**
 * Beam search for one clip, apart from any network: it is told each step's log-probabilities and says which words to feed
 * next and whose state each continues. Hypotheses are ranked by log-probability per word (end word included), as in the
 * authors' decoder, so that short captions are not favoured.
 */
import { END, PAD, START, UNKNOWN } from './vocabulary.ts'

export interface DecodedWord {
  word: number
  logProbability: number
  attention: number[]
}

interface Hypothesis {
  words: DecodedWord[]
  logProbability: number
}

const NEVER = new Set([PAD, START, UNKNOWN])

export class BeamSearch {
  finished = false
  #live: Hypothesis[] = [{ words: [], logProbability: 0 }]
  #done: { hypothesis: Hypothesis; score: number }[] = []
  readonly #beam: number
  readonly #vocabularySize: number
  readonly #maxWords: number

  constructor(beam: number, vocabularySize: number, maxWords: number) {
    this.#beam = beam
    this.#vocabularySize = vocabularySize
    this.#maxWords = maxWords
  }

  /** The words to feed next, one a live hypothesis (at most `beam`). */
  get words(): number[] {
    return this.#live.map((hypothesis) => hypothesis.words.at(-1)?.word ?? START)
  }

  /**
   * Takes the log-probabilities of the next word, [beam, V] in the order of `words` (rows past the live ones are not
   * read), and returns for each hypothesis now live which row it continues. `attentionOf(row)` is that row's attention.
   */
  advance(logProbabilities: Float32Array, attentionOf: (row: number) => number[]): number[] {
    const candidates: { row: number; word: number; logProbability: number }[] = []
    this.#live.forEach((hypothesis, row) => {
      for (const word of largest(logProbabilities.subarray(row * this.#vocabularySize, (row + 1) * this.#vocabularySize), this.#beam)) {
        const own = logProbabilities[row * this.#vocabularySize + word] ?? -Infinity
        candidates.push({ row, word, logProbability: hypothesis.logProbability + own })
      }
    })
    candidates.sort((a, b) => b.logProbability - a.logProbability || a.row - b.row || a.word - b.word)
    const next: Hypothesis[] = []
    const parents: number[] = []
    for (const { row, word, logProbability } of candidates.slice(0, this.#beam)) {
      const parent = this.#live[row]
      if (!parent) continue
      if (word === END) {
        this.#done.push({ hypothesis: { words: parent.words, logProbability }, score: logProbability / (parent.words.length + 1) })
        continue
      }
      const own = logProbability - parent.logProbability
      const hypothesis = { words: [...parent.words, { word, logProbability: own, attention: attentionOf(row) }], logProbability }
      // A caption that reaches the limit stands as it is.
      if (hypothesis.words.length >= this.#maxWords) this.#done.push({ hypothesis, score: logProbability / hypothesis.words.length })
      else {
        next.push(hypothesis)
        parents.push(row)
      }
    }
    this.#live = next
    if (this.#live.length === 0 || this.#done.length >= this.#beam) this.finished = true
    return parents
  }

  /** The best finished hypothesis; the caption's log-probability includes its end word. */
  best(): Hypothesis {
    const [first, ...rest] = this.#done
    if (!first) throw new Error('the search has not finished')
    return rest.reduce((best, candidate) => (candidate.score > best.score ? candidate : best), first).hypothesis
  }
}

/** Indices of the `count` largest allowed words, in no order; ties go to the smaller id. */
function largest(row: Float32Array, count: number): number[] {
  const kept: number[] = []
  let smallest = -Infinity
  for (let word = 0; word < row.length; word++) {
    const value = row[word] ?? -Infinity
    if ((kept.length >= count && value <= smallest) || NEVER.has(word)) continue
    if (kept.length >= count) kept.splice(kept.findIndex((other) => row[other] === smallest), 1)
    kept.push(word)
    smallest = kept.reduce((least, other) => Math.min(least, row[other] ?? -Infinity), Infinity)
  }
  return kept
}
