/**
 * CIDEr-D (Vedantam, Zitnick and Parikh, CVPR 2015) as pycocoevalcap computes it: tf-idf vectors of n-grams,
 * n = 1 to 4, document frequencies from the given references (one document a clip), counts clipped to the
 * reference's, a Gaussian length penalty (sigma 6; the length is the number of bigrams), times 10. One clip
 * alone scores 0, since no n-gram tells it from another.
 */
import { MAX_N, NGramTable, orderOf } from './ngrams.ts'
import type { NGramCounts } from './ngrams.ts'

const SIGMA = 6

/** A sentence as tf-idf weights by n-gram id (zeros left out), with the norm for each n. */
interface Vector {
  weights: Map<number, number>
  norms: number[]
  bigrams: number
}

/** The references of a corpus, made ready once so that any number of captions can be scored against them. */
export class Cider {
  readonly #table = new NGramTable()
  readonly #frequency = new Map<number, number>()
  readonly #logDocuments: number
  /** The references of each document. */
  readonly #documents: Vector[][]

  /** `references[i]`: the reference sentences (words) of document i, at least one. */
  constructor(references: readonly string[][][]) {
    this.#logDocuments = Math.log(references.length)
    const counts = references.map((sentences) => sentences.map((words) => this.#table.count(words)))
    for (const document of counts) {
      const present = new Set(document.flatMap((sentence) => [...sentence.keys()]))
      for (const id of present) {
        this.#frequency.set(id, (this.#frequency.get(id) ?? 0) + 1)
      }
    }
    this.#documents = counts.map((document) => document.map((sentence) => this.#vector(sentence)))
  }

  /** The caption's CIDEr-D against one document, 0 to 10. */
  score(document: number, words: readonly string[]): number {
    return scoreAgainst(this.#vector(this.#table.count(words)), this.#documents[document]!)
  }

  /** The mean CIDEr-D of one caption given to every document. */
  scoreEverywhere(words: readonly string[]): number {
    const vector = this.#vector(this.#table.count(words))
    return (
      this.#documents.reduce((sum, document) => sum + scoreAgainst(vector, document), 0) /
      this.#documents.length
    )
  }

  /**
   * A function that gives an upper bound of `scoreEverywhere` in one pass over the caption's n-grams. Without
   * clipping and length penalty, which only lower the score, the sum over references of cosines is one
   * product with the sum of the normalised references.
   */
  upperBound(): (words: readonly string[]) => number {
    const sum = new Map<number, number>()
    for (const document of this.#documents) {
      for (const reference of document) {
        for (const [id, weight] of reference.weights) {
          const share = weight / reference.norms[orderOf(id)]! / document.length
          sum.set(id, (sum.get(id) ?? 0) + share)
        }
      }
    }
    const scale = 10 / MAX_N / this.#documents.length
    return (words) => {
      const { weights, norms } = this.#vector(this.#table.count(words))
      let bound = 0
      for (const [id, weight] of weights) {
        bound += (weight / norms[orderOf(id)]!) * (sum.get(id) ?? 0)
      }
      return bound * scale
    }
  }

  #vector(counts: NGramCounts): Vector {
    const weights = new Map<number, number>()
    const norms = [0, 0, 0, 0]
    let bigrams = 0
    for (const [id, count] of counts) {
      const order = orderOf(id)
      if (order === 1) {
        bigrams += count
      }
      const weight = count * (this.#logDocuments - Math.log(Math.max(1, this.#frequency.get(id) ?? 0)))
      if (weight === 0) {
        continue
      }
      weights.set(id, weight)
      norms[order]! += weight ** 2
    }
    return { weights, norms: norms.map(Math.sqrt), bigrams }
  }
}

function scoreAgainst(hypothesis: Vector, references: readonly Vector[]): number {
  let total = 0
  const products = new Float64Array(MAX_N)
  for (const reference of references) {
    products.fill(0)
    for (const [id, weight] of hypothesis.weights) {
      const other = reference.weights.get(id)
      if (other !== undefined) {
        products[orderOf(id)]! += Math.min(weight, other) * other
      }
    }
    let similarity = 0
    for (let n = 0; n < MAX_N; n++) {
      // A product above 0 implies norms above 0.
      if (products[n]! > 0) {
        similarity += products[n]! / (hypothesis.norms[n]! * reference.norms[n]!)
      }
    }
    const difference = hypothesis.bigrams - reference.bigrams
    total += similarity * Math.exp(-(difference ** 2) / (2 * SIGMA ** 2))
  }
  return (10 * total) / MAX_N / references.length
}
