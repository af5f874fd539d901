/**
 * Beam search, as in the authors' decoder (`gen_sample` of github.com/yaoli/arctic-capgen-vid): the beam has
 * `beam` places; a caption that ends keeps its place, so every step takes the likeliest continuations for the
 * places that are left, and the search ends when none is. Finished captions are ranked by log-probability /
 * words^lengthNormalisation, the end word counted as a word: 1 is the authors' choice, so that short captions
 * are not favoured.
 *
 * The search ends earlier when no live hypothesis can come to rank among the captions that are asked for. A
 * hypothesis only gets less likely by going on, so the most it can score is its log-probability now over the
 * longest length.
 */
import type { DecodedCaption, NextWords, Search } from './search.ts'
import { END, NEVER_SAID, START } from './vocabulary.ts'

export class BeamSearch implements Search {
  finished = false
  #live: DecodedCaption[] = [{ words: [], logProbability: 0 }]
  /** Best first. */
  #done: { caption: DecodedCaption; score: number }[] = []
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
    return this.#live.map((hypothesis) => hypothesis.words.at(-1)?.word ?? START)
  }

  /** As `Search.advance`. Of each row `next` must hold the `beam` likeliest words that may be said. */
  advance(next: NextWords): number[] {
    const live: DecodedCaption[] = []
    const parents: number[] = []
    for (const { row, word, own, logProbability } of this.#candidates(next)) {
      const parent = this.#live[row]
      if (!parent) {
        throw new Error(`the search has no row ${row}`)
      }
      if (word === END) {
        this.#finish({ words: parent.words, logProbability }, parent.words.length + 1)
        continue
      }
      const hypothesis = {
        words: [...parent.words, { word, logProbability: own, attention: next.attentionOf(row) }],
        logProbability,
      }
      // A caption that reaches the limit stands as it is.
      if (hypothesis.words.length >= this.#maxWords) {
        this.#finish(hypothesis, hypothesis.words.length)
      } else {
        live.push(hypothesis)
        parents.push(row)
      }
    }
    this.#live = live
    this.finished = live.length === 0 || !this.#canBeBeaten()
    return parents
  }

  captions(): DecodedCaption[] {
    if (!this.finished) {
      throw new Error('the search has not finished')
    }
    return this.#done.slice(0, this.#nBest).map(({ caption }) => caption)
  }

  /**
   * The likeliest continuations for the places that are left, likeliest first; equal ones by row, then by
   * column.
   */
  #candidates({ columns, logProbabilities, words }: NextWords) {
    if (!words) {
      throw new Error('a beam needs the likeliest words')
    }
    const places = this.#beam - this.#done.length
    const candidates: { row: number; word: number; own: number; logProbability: number }[] = []
    this.#live.forEach((hypothesis, row) => {
      let taken = 0
      for (let at = row * columns; at < (row + 1) * columns && taken < places; at++) {
        const word = Number(words[at])
        if (NEVER_SAID.has(word)) {
          continue
        }
        const own = logProbabilities[at] ?? -Infinity
        candidates.push({ row, word, own, logProbability: hypothesis.logProbability + own })
        taken++
      }
    })
    return candidates.sort((a, b) => b.logProbability - a.logProbability).slice(0, places)
  }

  #finish(caption: DecodedCaption, length: number): void {
    this.#done.push({ caption, score: this.#score(caption.logProbability, length) })
    // Stable: of equal scores the one that finished first.
    this.#done.sort((a, b) => b.score - a.score)
  }

  #canBeBeaten(): boolean {
    const last = this.#done[this.#nBest - 1]
    return (
      !last ||
      this.#live.some(({ logProbability }) => this.#score(logProbability, this.#maxWords) > last.score)
    )
  }

  #score(logProbability: number, length: number): number {
    return logProbability / length ** this.#lengthNormalisation
  }
}
