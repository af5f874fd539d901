/**
 * Sampling: captions drawn word by word from what the network makes of them, each with a stream of its own.
 */
import type { Random } from '../../../common/random.ts'
import type { DecodedCaption, NextWords, Search } from './search.ts'
import { END, START, SUPPRESSED_WORDS } from '../vocabulary.ts'

interface Draw extends DecodedCaption {
  random: Random
}

export class Sampling implements Search {
  #live: Draw[]
  readonly #draws: Draw[]
  readonly #temperature: number
  readonly #maxWords: number

  /** One caption for each stream, from the logits divided by `temperature`. */
  constructor(temperature: number, streams: readonly Random[], maxWords: number) {
    this.#draws = streams.map((random) => ({ words: [], logProbability: 0, random }))
    this.#live = this.#draws
    this.#temperature = temperature
    this.#maxWords = maxWords
  }

  get finished(): boolean {
    return this.#live.length === 0
  }

  get words(): number[] {
    return this.#live.map(({ words }) => words.at(-1)?.word ?? START)
  }

  advance({ columns, logProbabilities, words, attentionOf }: NextWords): number[] {
    if (words) {
      throw new Error('sampling needs the probabilities of all words')
    }
    const live: Draw[] = []
    const parents: number[] = []
    this.#live.forEach((draw, row) => {
      const ofWords = logProbabilities.subarray(row * columns, (row + 1) * columns)
      const word = sampleWord(ofWords, this.#temperature, draw.random)
      const logProbability = ofWords[word] ?? -Infinity
      draw.logProbability += logProbability
      if (word === END) {
        return
      }
      draw.words.push({ word, logProbability, attention: attentionOf(row) })
      if (draw.words.length >= this.#maxWords) {
        return
      }
      live.push(draw)
      parents.push(row)
    })
    this.#live = live
    return parents
  }

  /** All draws, likeliest first; the same caption may have been drawn twice. */
  captions(): DecodedCaption[] {
    if (!this.finished) {
      throw new Error('the search has not finished')
    }
    return this.#draws
      .map(({ words, logProbability }) => ({ words, logProbability }))
      .sort((a, b) => b.logProbability - a.logProbability)
  }
}

/** A word that is not suppressed, with probability p^(1/temperature) up to their sum. */
function sampleWord(logProbabilities: Float32Array, temperature: number, random: Random): number {
  let top = -Infinity
  logProbabilities.forEach((x, word) => {
    if (x > top && !SUPPRESSED_WORDS.has(word)) {
      top = x
    }
  })
  const cumulative = new Float64Array(logProbabilities.length)
  let total = 0
  logProbabilities.forEach((x, word) => {
    if (!SUPPRESSED_WORDS.has(word)) {
      total += Math.exp((x - top) / temperature)
    }
    cumulative[word] = total
  })
  const drawn = random.next53() * total
  const word = cumulative.findIndex((sum) => sum > drawn)
  // Only rounding could leave a draw past the last word's sum; log-probabilities that are no numbers end the
  // caption.
  return word < 0 ? END : word
}
