/**
 * Beam search, as in the authors' decoder (`gen_sample` of github.com/dongyp13/video-caption, after
 * github.com/yaoli/arctic-capgen-vid): the beam has `beam` places; a caption that ends keeps its place, so
 * every step takes the likeliest continuations for the places that are left, and the search ends when none
 * is. Finished captions are ranked by log-probability / words^lengthNormalisation, the end word counted as a
 * word: with 1 short captions are not favoured; 0 is the authors' choice.
 *
 * The search ends earlier when no live hypothesis can come to rank among the captions that are asked for. A
 * hypothesis only gets less likely by going on, so the most it can score is its log-probability now over the
 * longest length.
 */
import type { DecodedCaption, NextWords, Search } from './search.ts'
import { END, START, SUPPRESSED_WORDS } from '../vocabulary.ts'

/** A hypothesis, by its row, and a word that it may go on with. */
interface Candidate {
  row: number
  word: number
  /** ln p of the word, and of the hypothesis with it. */
  wordLogProbability: number
  logProbability: number
}

export class BeamSearch implements Search {
  finished = false
  #hypotheses: DecodedCaption[] = [{ words: [], logProbability: 0 }]
  /** Captions that have ended, best first. */
  #ended: { caption: DecodedCaption; score: number }[] = []
  readonly #beam: number
  readonly #maxWords: number
  readonly #lengthNormalisation: number
  readonly #nBest: number

  constructor(beam: number, maxWords: number, lengthNormalisation = 1, nBest = 1) {
    this.#beam = beam
    this.#maxWords = maxWords
    this.#lengthNormalisation = lengthNormalisation
    this.#nBest = nBest
  }

  get words(): number[] {
    return this.#hypotheses.map((hypothesis) => hypothesis.words.at(-1)?.word ?? START)
  }

  /** As `Search.advance`. Of each row `next` must hold the `beam` likeliest words that may be said. */
  advance(next: NextWords): number[] {
    const hypotheses: DecodedCaption[] = []
    const parents: number[] = []
    for (const { row, word, wordLogProbability, logProbability } of this.#candidates(next)) {
      const parent = this.#hypotheses[row]
      if (!parent) {
        throw new Error(`the search has no row ${row}`)
      }
      if (word === END) {
        this.#finish({ words: parent.words, logProbability }, parent.words.length + 1)
        continue
      }
      const hypothesis = {
        words: [
          ...parent.words,
          { word, logProbability: wordLogProbability, attention: next.attentionOf(row) },
        ],
        logProbability,
      }
      // A caption that reaches the limit stands as it is.
      if (hypothesis.words.length >= this.#maxWords) {
        this.#finish(hypothesis, hypothesis.words.length)
      } else {
        hypotheses.push(hypothesis)
        parents.push(row)
      }
    }
    this.#hypotheses = hypotheses
    this.finished = hypotheses.length === 0 || !this.#canBeBeaten()
    return parents
  }

  captions(): DecodedCaption[] {
    if (!this.finished) {
      throw new Error('the search has not finished')
    }
    return this.#ended.slice(0, this.#nBest).map(({ caption }) => caption)
  }

  /**
   * The likeliest continuations for the places that are left, likeliest first; equal ones by row, then by
   * column.
   */
  #candidates({ columns, logProbabilities, words }: NextWords): Candidate[] {
    if (!words) {
      throw new Error('a beam needs the likeliest words')
    }
    const places = this.#beam - this.#ended.length
    const candidates: Candidate[] = []
    this.#hypotheses.forEach((hypothesis, row) => {
      let continuations = 0
      for (let i = row * columns; i < (row + 1) * columns && continuations < places; i++) {
        const word = Number(words[i])
        if (SUPPRESSED_WORDS.has(word)) {
          continue
        }
        const wordLogProbability = logProbabilities[i] ?? -Infinity
        const logProbability = hypothesis.logProbability + wordLogProbability
        candidates.push({ row, word, wordLogProbability, logProbability })
        continuations++
      }
    })
    return candidates.sort((a, b) => b.logProbability - a.logProbability).slice(0, places)
  }

  #finish(caption: DecodedCaption, length: number): void {
    this.#ended.push({ caption, score: this.#score(caption.logProbability, length) })
    // Stable: of equal scores the one that finished first.
    this.#ended.sort((a, b) => b.score - a.score)
  }

  #canBeBeaten(): boolean {
    const last = this.#ended[this.#nBest - 1]
    return (
      !last ||
      this.#hypotheses.some(({ logProbability }) => this.#score(logProbability, this.#maxWords) > last.score)
    )
  }

  #score(logProbability: number, length: number): number {
    return logProbability / length ** this.#lengthNormalisation
  }
}
