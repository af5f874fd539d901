/**
 * Latent Dirichlet allocation by collapsed Gibbs sampling (Griffiths and Steyvers, "Finding scientific
 * topics", PNAS 2004). Each token's topic is drawn anew, given all others, with
 *
 *     p(z = k) ~ (n(w, k) + beta) (n(d, k) + alpha_k) / (n(k) + V beta)
 *
 * where the counts leave the token itself out. SparseLDA (Yao, Mimno and McCallum, "Efficient methods for
 * topic model inference on streaming document collections", KDD 2009) multiplies out and draws from three
 * buckets:
 *
 *     word       n(w, k) (n(d, k) + alpha_k) / (n(k) + V beta)    the few topics of the word; nearly all of the mass
 *     document   n(d, k) beta / (n(k) + V beta)                   the few topics of the document
 *     smoothing  alpha_k beta / (n(k) + V beta)                   all topics
 *
 * Only the first is summed for a token; the masses of the others are kept up to date. Two more savings, both
 * exact. A token is not taken out and put back: the one topic that it has is corrected for in the sums, and
 * counts change only when the topic does. And captions repeat words: a document's tokens are visited in the
 * order of their words, so that equal tokens follow each other and share their distribution until one of them
 * moves.
 */
import type { Random } from '../../common/random.ts'
import { UNCONSTRAINED } from './constraints.ts'
import type { Constraints } from './constraints.ts'
import { tokenCounts } from './corpus.ts'
import type { Corpus } from './corpus.ts'
import { WordTopicCounts } from './word-topic-counts.ts'

export interface Priors {
  /** Dirichlet prior of a document's topics, in tokens, [K]. */
  alpha: Float64Array
  /** Symmetric Dirichlet prior of a topic's words, in tokens. */
  beta: number
}

export interface SamplerOptions {
  /** Number of topics, at most 65,536. */
  k: number
  priors: Priors
  random: Random
  constraints?: Constraints
}

/** A chain's state. The arrays can be read between calls; only the sampler writes. */
export class SparseSampler {
  readonly k: number
  readonly vocabularySize: number
  /**
   * The word of each token: the corpus's, in rising order within a document. Document d has tokens starts[d]
   * to starts[d + 1] - 1.
   */
  readonly words: Uint32Array
  readonly starts: Uint32Array
  /** The topic of each token. */
  readonly topicOf: Uint16Array
  readonly #random: Random
  readonly #counts: WordTopicCounts
  /** n(k), and the weight of a token of the topic in it: 1, or 0 where the topic is fixed. */
  readonly #total: Float64Array
  readonly #weight: Float64Array
  readonly #allowed: ReadonlyMap<number, Uint16Array>
  readonly #alpha: Float64Array
  #beta = 0
  /** 1 / (n(k) + V beta), and the same with one token less. */
  readonly #inverse: Float64Array
  readonly #inverseLess: Float64Array
  /** Sum over topics of alpha_k / (n(k) + V beta): the smoothing bucket over beta. */
  #smoothing = 0
  // Of the document at hand: n(d, k), the topics that it has, how many they are, their places in that list,
  // and what a word's count in a topic is multiplied by, (n(d, k) + alpha_k) / (n(k) + V beta). Between
  // documents n(d, k) is 0.
  readonly #documentCount: Float64Array
  readonly #documentTopics: Uint16Array
  #topics = 0
  readonly #documentPlace: Uint16Array
  readonly #coefficient: Float64Array

  /** Starts with a random topic for every token, as far as the constraints leave one. */
  constructor(
    corpus: Pick<Corpus, 'vocabulary' | 'words' | 'starts'>,
    { k, priors, random, constraints = UNCONSTRAINED }: SamplerOptions,
  ) {
    const { vocabulary, starts } = corpus
    this.k = k
    this.starts = starts
    this.words = corpus.words.slice()
    for (let d = 0; d + 1 < starts.length; d++) {
      this.words.subarray(starts[d], starts[d + 1]).sort()
    }
    this.topicOf = new Uint16Array(this.words.length)
    this.vocabularySize = vocabulary.length
    this.#random = random
    this.#allowed = constraints.allowed
    this.#total = new Float64Array(k)
    this.#weight = Float64Array.from({ length: k }, (_, topic) => (constraints.fixed.has(topic) ? 0 : 1))
    this.#alpha = new Float64Array(k)
    this.#inverse = new Float64Array(k)
    this.#inverseLess = new Float64Array(k)
    this.#documentCount = new Float64Array(k)
    this.#documentTopics = new Uint16Array(k)
    this.#documentPlace = new Uint16Array(k)
    this.#coefficient = new Float64Array(k)

    this.#counts = emptyCounts({ vocabulary, words: this.words }, k, constraints)
    for (const { word, topic, count } of constraints.counts) {
      this.#counts.add(word, topic, count)
      this.#total[topic]! += count
    }
    this.#drawStart(constraints)
    this.setPriors(priors)
  }

  #drawStart({ start, allowed }: Constraints): void {
    const random = this.#random
    for (let i = 0; i < this.words.length; i++) {
      const word = this.words[i]!
      const choice = start.get(word) ?? allowed.get(word)
      const topic = choice === undefined ? random.below(this.k) : choice[random.below(choice.length)]!
      this.topicOf[i] = topic
      if (this.#weight[topic] === 0) {
        continue
      }
      this.#counts.add(word, topic, 1)
      this.#total[topic]! += 1
    }
  }

  /** Sets the priors that hold from the next document on. */
  setPriors({ alpha, beta }: Priors): void {
    this.#alpha.set(alpha)
    this.#beta = beta
    const mass = this.vocabularySize * beta
    for (let topic = 0; topic < this.k; topic++) {
      this.#inverse[topic] = 1 / (this.#total[topic]! + mass)
      this.#inverseLess[topic] = 1 / (this.#total[topic]! - this.#weight[topic]! + mass)
      this.#coefficient[topic] = this.#alpha[topic]! * this.#inverse[topic]!
    }
    this.#sumSmoothing()
  }

  #sumSmoothing(): void {
    this.#smoothing = 0
    for (let topic = 0; topic < this.k; topic++) {
      this.#smoothing += this.#alpha[topic]! * this.#inverse[topic]!
    }
  }

  /**
   * Draws the topic of every token of document d anew. A sweep is one call for each document, in order.
   * `random` draws in place of the chain's own.
   */
  sweepDocument(d: number, random = this.#random): void {
    const { words, topicOf } = this
    const documentCount = this.#documentCount
    const inverse = this.#inverse
    const alpha = this.#alpha
    const beta = this.#beta
    const restricted = this.#allowed.size > 0
    const end = this.starts[d + 1]!
    // Once a sweep, so that rounding does not add up.
    if (d === 0) {
      this.#sumSmoothing()
    }
    let documentSum = this.#enter(d)

    // Of the token at hand and the equal ones after it: its word and topic; and, without the token, the
    // figures of the topic and the masses of the buckets (the latter two over beta).
    let word = -1
    let old = -1
    let count = 0
    let oldInverse = 0
    let oldCoefficient = 0
    let wordMass = 0
    let documentMass = 0
    let smoothingMass = 0
    for (let i = this.starts[d]!; i < end; i++) {
      if (words[i] !== word || topicOf[i] !== old) {
        word = words[i]!
        old = topicOf[i]!
        count = documentCount[old]! - 1
        oldInverse = this.#inverseLess[old]!
        oldCoefficient = (alpha[old]! + count) * oldInverse
        smoothingMass = this.#smoothing + alpha[old]! * (oldInverse - inverse[old]!)
        documentMass = documentSum + count * oldInverse - documentCount[old]! * inverse[old]!
        wordMass = this.#wordMass(word, old, oldCoefficient)
      }

      let topic: number
      const allowed = restricted ? this.#allowed.get(word) : undefined
      if (allowed !== undefined) {
        topic = this.#drawAmong(allowed, word, old, random)
      } else {
        const drawn = random.next() * (wordMass + beta * (documentMass + smoothingMass))
        if (drawn < wordMass) {
          topic = this.#topicInWord(drawn, word, old, oldCoefficient)
        } else {
          const rest = (drawn - wordMass) / beta
          topic =
            rest < documentMass
              ? this.#topicInDocument(rest, old, count, oldInverse)
              : this.#topicInSmoothing(rest - documentMass, old, oldInverse)
        }
      }
      if (topic === old) {
        continue
      }

      topicOf[i] = topic
      this.#smoothing = smoothingMass
      documentSum = documentMass - documentCount[topic]! * inverse[topic]!
      this.#leave(word, old)
      this.#join(word, topic)
      documentSum += documentCount[topic]! * inverse[topic]!
      // The next token needs its own sums, whatever it is.
      word = -1
    }
    this.#exit()
  }

  /** The mass of a word's bucket without a token of it, whose topic's coefficient is `oldCoefficient` then. */
  #wordMass(word: number, old: number, oldCoefficient: number): number {
    const { entries, starts, lengths, bits, mask } = this.#counts
    const coefficient = this.#coefficient
    const first = starts[word]!
    const last = first + lengths[word]!
    const withToken = coefficient[old]!
    coefficient[old] = oldCoefficient
    let mass = -this.#weight[old]! * oldCoefficient
    for (let j = first; j < last; j++) {
      mass += (entries[j]! >> bits) * coefficient[entries[j]! & mask]!
    }
    coefficient[old] = withToken
    // The token's own part, added and taken away again, may leave a rounding error where the word has no
    // other.
    return mass < 0 ? 0 : mass
  }

  /** The topic at which a word's bucket, without a token of it, reaches a mass. */
  #topicInWord(mass: number, word: number, old: number, oldCoefficient: number): number {
    const { entries, starts, lengths, bits, mask } = this.#counts
    const coefficient = this.#coefficient
    const oldWeight = this.#weight[old]!
    const first = starts[word]!
    const last = first + lengths[word]!
    let topic = old
    let rest = mass
    for (let j = first; j < last && rest >= 0; j++) {
      topic = entries[j]! & mask
      rest -=
        topic === old
          ? ((entries[j]! >> bits) - oldWeight) * oldCoefficient
          : (entries[j]! >> bits) * coefficient[topic]!
    }
    return topic
  }

  /** The topic at which the document's bucket reaches a mass. */
  #topicInDocument(mass: number, old: number, oldCount: number, oldInverse: number): number {
    const documentTopics = this.#documentTopics
    let topic = old
    let rest = mass
    for (let j = 0; j < this.#topics && rest >= 0; j++) {
      topic = documentTopics[j]!
      rest -= topic === old ? oldCount * oldInverse : this.#documentCount[topic]! * this.#inverse[topic]!
    }
    return topic
  }

  /** The topic at which the smoothing bucket reaches a mass. */
  #topicInSmoothing(mass: number, old: number, oldInverse: number): number {
    let topic = old
    let rest = mass
    for (let t = 0; t < this.k && rest >= 0; t++) {
      topic = t
      rest -= this.#alpha[t]! * (t === old ? oldInverse : this.#inverse[t]!)
    }
    return topic
  }

  /** Makes document d the one at hand. Returns the sum over its topics of n(d, k) / (n(k) + V beta). */
  #enter(d: number): number {
    this.#topics = 0
    for (let i = this.starts[d]!; i < this.starts[d + 1]!; i++) {
      const topic = this.topicOf[i]!
      if (this.#documentCount[topic] === 0) {
        this.#documentPlace[topic] = this.#topics
        this.#documentTopics[this.#topics++] = topic
      }
      this.#documentCount[topic]! += 1
    }
    let sum = 0
    for (let j = 0; j < this.#topics; j++) {
      const topic = this.#documentTopics[j]!
      this.#coefficient[topic] = (this.#alpha[topic]! + this.#documentCount[topic]!) * this.#inverse[topic]!
      sum += this.#documentCount[topic]! * this.#inverse[topic]!
    }
    return sum
  }

  #exit(): void {
    for (let j = 0; j < this.#topics; j++) {
      const topic = this.#documentTopics[j]!
      this.#documentCount[topic] = 0
      this.#coefficient[topic] = this.#alpha[topic]! * this.#inverse[topic]!
    }
  }

  /** Takes a token of the document at hand out of a topic. */
  #leave(word: number, topic: number): void {
    this.#documentCount[topic]! -= 1
    if (this.#documentCount[topic] === 0) {
      this.#topics -= 1
      const moved = this.#documentTopics[this.#topics]!
      this.#documentTopics[this.#documentPlace[topic]!] = moved
      this.#documentPlace[moved] = this.#documentPlace[topic]!
    }
    if (this.#weight[topic] === 1) {
      this.#total[topic]! -= 1
      this.#inverse[topic] = this.#inverseLess[topic]!
      this.#inverseLess[topic] = 1 / (this.#total[topic]! - 1 + this.vocabularySize * this.#beta)
      this.#counts.removeOne(word, topic)
    }
    this.#coefficient[topic] = (this.#alpha[topic]! + this.#documentCount[topic]!) * this.#inverse[topic]!
  }

  /** Puts a token of the document at hand into a topic. */
  #join(word: number, topic: number): void {
    if (this.#documentCount[topic] === 0) {
      this.#documentPlace[topic] = this.#topics
      this.#documentTopics[this.#topics++] = topic
    }
    this.#documentCount[topic]! += 1
    if (this.#weight[topic] === 1) {
      const before = this.#inverse[topic]!
      this.#total[topic]! += 1
      this.#inverseLess[topic] = before
      this.#inverse[topic] = 1 / (this.#total[topic]! + this.vocabularySize * this.#beta)
      this.#smoothing += this.#alpha[topic]! * (this.#inverse[topic]! - before)
      this.#counts.add(word, topic, 1)
    }
    this.#coefficient[topic] = (this.#alpha[topic]! + this.#documentCount[topic]!) * this.#inverse[topic]!
  }

  /** Draws the topic of the token at hand among some topics, without buckets: few words need it. */
  #drawAmong(allowed: Uint16Array, word: number, old: number, random: Random): number {
    const { entries, starts, lengths, bits, mask } = this.#counts
    const counts = new Map<number, number>()
    const cumulative = new Map<number, number>()
    for (let j = starts[word]!; j < starts[word]! + lengths[word]!; j++) {
      counts.set(entries[j]! & mask, entries[j]! >> bits)
    }
    let sum = 0
    for (const topic of allowed) {
      const itself = topic === old ? 1 : 0
      const count = (counts.get(topic) ?? 0) - itself * this.#weight[topic]!
      const inverse = itself === 1 ? this.#inverseLess[topic]! : this.#inverse[topic]!
      sum += (count + this.#beta) * (this.#alpha[topic]! + this.#documentCount[topic]! - itself) * inverse
      cumulative.set(topic, sum)
    }
    const drawn = random.next() * sum
    return allowed.find((topic) => cumulative.get(topic)! > drawn) ?? old
  }
}

/** Room for the counts that words can come to. */
function emptyCounts(
  { vocabulary, words }: Pick<Corpus, 'vocabulary' | 'words'>,
  k: number,
  constraints: Constraints,
): WordTopicCounts {
  const largest = tokenCounts({ vocabulary, words })
  const topics = largest.slice()
  for (const { word, count } of constraints.counts) {
    largest[word]! += count
    topics[word]! += 1
  }
  return new WordTopicCounts(vocabulary, k, largest, topics)
}
