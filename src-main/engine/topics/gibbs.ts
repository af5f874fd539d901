/**
 * Latent Dirichlet allocation by collapsed Gibbs sampling (Griffiths and Steyvers, "Finding scientific topics", PNAS
 * 2004). Each token's topic is drawn anew, given all others, with
 *
 *     p(z = k) ~ (n(w, k) + beta) / (n(k) + V beta) * (n(d, k) + alpha)
 *
 * where the counts leave the token itself out. The dense sampler: K products a token. The counts are kept as doubles with
 * their prior added and the topics' factor as its reciprocal, which leaves two products a topic and no conversion.
 */
import type { Random } from '../random.ts'
import type { Corpus } from './corpus.ts'

export interface Priors {
  /** Symmetric Dirichlet prior of a document's topics, a count per topic. */
  alpha: number
  /** Symmetric Dirichlet prior of a topic's words, a count per word. */
  beta: number
}

/** A chain's state. Every array can be read between calls of `sweepDocument`; only the sampler writes. */
export class GibbsSampler {
  readonly k: number
  readonly corpus: Corpus
  readonly priors: Priors
  /** n(w, k) + beta, [V, K]. */
  readonly wordTopic: Float64Array
  /** n(d, k) + alpha, [D, K]. */
  readonly documentTopic: Float64Array
  /** n(k) + V beta, [K]. */
  readonly topicTotal: Float64Array
  readonly #reciprocal: Float64Array
  readonly #assignment: Uint16Array
  readonly #cumulative: Float64Array
  readonly #random: Random

  /** Starts with a random topic for every token. `k` is at most 65,536. */
  constructor(corpus: Corpus, k: number, priors: Priors, random: Random) {
    const documents = corpus.starts.length - 1
    this.k = k
    this.corpus = corpus
    this.priors = priors
    this.#random = random
    this.wordTopic = new Float64Array(corpus.vocabulary.length * k).fill(priors.beta)
    this.documentTopic = new Float64Array(documents * k).fill(priors.alpha)
    this.topicTotal = new Float64Array(k).fill(corpus.vocabulary.length * priors.beta)
    this.#assignment = new Uint16Array(corpus.words.length)
    this.#cumulative = new Float64Array(k)
    for (let d = 0; d < documents; d++) {
      for (let i = corpus.starts[d]!; i < corpus.starts[d + 1]!; i++) {
        const topic = random.below(k)
        this.#assignment[i] = topic
        this.wordTopic[corpus.words[i]! * k + topic]! += 1
        this.documentTopic[d * k + topic]! += 1
        this.topicTotal[topic]! += 1
      }
    }
    this.#reciprocal = this.topicTotal.map((total) => 1 / total)
  }

  /** Draws the topic of every token of document d anew. A sweep is one call for each document, in order. */
  sweepDocument(d: number): void {
    const { k, wordTopic, documentTopic, topicTotal } = this
    const { words, starts } = this.corpus
    const reciprocal = this.#reciprocal
    const assignment = this.#assignment
    const cumulative = this.#cumulative
    const row = d * k
    const end = starts[d + 1]!
    for (let i = starts[d]!; i < end; i++) {
      const word = words[i]! * k
      const old = assignment[i]!
      wordTopic[word + old]! -= 1
      documentTopic[row + old]! -= 1
      topicTotal[old]! -= 1
      reciprocal[old] = 1 / topicTotal[old]!

      let sum = 0
      for (let t = 0; t < k; t++) {
        sum += wordTopic[word + t]! * documentTopic[row + t]! * reciprocal[t]!
        cumulative[t] = sum
      }
      const drawn = this.#random.next() * sum
      // The first topic whose cumulative weight exceeds the draw.
      let low = 0
      let high = k - 1
      while (low < high) {
        const middle = (low + high) >>> 1
        if (cumulative[middle]! > drawn) high = middle
        else low = middle + 1
      }

      assignment[i] = low
      wordTopic[word + low]! += 1
      documentTopic[row + low]! += 1
      topicTotal[low]! += 1
      reciprocal[low] = 1 / topicTotal[low]!
    }
  }
}
