/**
 * Latent Dirichlet allocation by collapsed Gibbs sampling (Griffiths and Steyvers, "Finding scientific topics", PNAS
 * 2004). Each token's topic is drawn anew, given all others, with
 *
 *     p(z = k) ~ (n(w, k) + beta) (n(d, k) + alpha_k) / (n(k) + V beta)
 *
 * where the counts leave the token itself out. SparseLDA (Yao, Mimno and McCallum, "Efficient methods for topic model
 * inference on streaming document collections", KDD 2009) multiplies out and draws from three buckets:
 *
 *     word       n(w, k) (n(d, k) + alpha_k) / (n(k) + V beta)    the few topics of the word; nearly all of the mass
 *     document   n(d, k) beta / (n(k) + V beta)                   the few topics of the document
 *     smoothing  alpha_k beta / (n(k) + V beta)                   all topics
 *
 * Only the first is summed for a token; the masses of the others are kept up to date. Two more savings, both exact. A
 * token is not taken out and put back: the one topic that it has is corrected for in the sums, and counts change only
 * when the topic does. And captions repeat words: a document's tokens are visited in the order of their words, so that
 * equal tokens follow each other and share their distribution until one of them moves.
 */
import type { Random } from '../random.ts'
import type { ChainState, Constraints } from './state.ts'
import { WordTopicCounts } from './word-topic-counts.ts'

export interface Priors {
  /** Dirichlet prior of a document's topics, in tokens, [K]. */
  alpha: Float64Array
  /** Symmetric Dirichlet prior of a topic's words, in tokens. */
  beta: number
}

/** Draws topics of a state's tokens; several threads have one each. */
export class SparseSampler {
  readonly #state: ChainState
  readonly #counts: WordTopicCounts
  /** n(k), and what a token of the topic takes part in it with: 1, or 0 where the topic is fixed. */
  readonly #total: Float64Array
  readonly #own: Float64Array
  readonly #allowed: ReadonlyMap<number, Uint16Array>
  readonly #alpha: Float64Array
  #beta = 0
  /** 1 / (n(k) + V beta), and the same with one token less. */
  readonly #inverse: Float64Array
  readonly #inverseLess: Float64Array
  /** Sum over topics of alpha_k / (n(k) + V beta): the smoothing bucket over beta. */
  #smoothing = 0
  // Of the document at hand: n(d, k), the places of its topics in the state's list, and what a word's count in a topic is
  // multiplied by, (n(d, k) + alpha_k) / (n(k) + V beta). Between documents n(d, k) is 0.
  readonly #documentCount: Float64Array
  readonly #documentPlace: Uint32Array
  readonly #coefficient: Float64Array

  /** The priors are to be set before the first draw. */
  constructor(state: ChainState, { fixed, allowed }: Pick<Constraints, 'fixed' | 'allowed'>) {
    const { k } = state
    this.#state = state
    this.#counts = new WordTopicCounts(state)
    this.#allowed = allowed
    this.#total = new Float64Array(k)
    this.#own = Float64Array.from({ length: k }, (_, topic) => (fixed.has(topic) ? 0 : 1))
    this.#alpha = new Float64Array(k)
    this.#inverse = new Float64Array(k)
    this.#inverseLess = new Float64Array(k)
    this.#documentCount = new Float64Array(k)
    this.#documentPlace = new Uint32Array(k)
    this.#coefficient = new Float64Array(k)
    this.#readTotals(0)
  }

  /** Sets the priors that hold from the next block or document on. */
  setPriors({ alpha, beta }: Priors): void {
    this.#alpha.set(alpha)
    this.#beta = beta
    this.#weigh()
  }

  /** n(k) as it was before round number `round`. */
  #readTotals(round: number): void {
    const { k, parts, totals } = this.#state
    for (let topic = 0; topic < k; topic++) {
      let total = totals[topic]!
      for (let part = 0; part < parts; part++) total += totals[(1 + (round % 2) * parts + part) * k + topic]!
      this.#total[topic] = total
    }
  }

  /** All that follows from priors and n(k), afresh, so that rounding does not add up. */
  #weigh(): void {
    const mass = this.#state.vocabularySize * this.#beta
    this.#smoothing = 0
    for (let topic = 0; topic < this.#state.k; topic++) {
      this.#inverse[topic] = 1 / (this.#total[topic]! + mass)
      this.#inverseLess[topic] = 1 / (this.#total[topic]! - this.#own[topic]! + mass)
      this.#coefficient[topic] = this.#alpha[topic]! * this.#inverse[topic]!
      this.#smoothing += this.#coefficient[topic]!
    }
  }

  /**
   * Draws the topics of a part of the documents' tokens anew, in round number `round`, counted from 0 over all sweeps: those of
   * one part of the words, which is another in each of the rounds of a sweep.
   */
  sweepBlock(documents: number, round: number, random: Random): void {
    const { k, parts, firsts, totals } = this.#state
    this.#readTotals(round)
    this.#weigh()
    const before = this.#total.slice()
    const words = (documents + round) % parts
    for (let d = firsts[documents]!; d < firsts[documents + 1]!; d++) this.sweepDocument(d, random, words)
    const from = (1 + (round % 2) * parts + documents) * k
    const to = (1 + ((round + 1) % 2) * parts + documents) * k
    for (let topic = 0; topic < k; topic++) totals[to + topic] = totals[from + topic]! + this.#total[topic]! - before[topic]!
  }

  /** Draws the topics of document d's tokens of a part of the words anew. */
  sweepDocument(d: number, random: Random, part = 0): void {
    const { k, words, topicOf, starts, bounds, parts, documentTopics, documentCounts, documentLengths } = this.#state
    const { entries, rows, bits, mask } = this.#counts
    const alpha = this.#alpha
    const beta = this.#beta
    const inverse = this.#inverse
    const inverseLess = this.#inverseLess
    const own = this.#own
    const documentCount = this.#documentCount
    const documentPlace = this.#documentPlace
    const coefficient = this.#coefficient
    const restricted = this.#allowed.size > 0
    const end = bounds[d * parts + part + 1]!
    const base = starts[d]!
    let topics = documentLengths[d]!
    let document = 0
    for (let j = base; j < base + topics; j++) {
      const topic = documentTopics[j]!
      const count = documentCounts[j]!
      documentCount[topic] = count
      documentPlace[topic] = j
      coefficient[topic] = (alpha[topic]! + count) * inverse[topic]!
      document += count * inverse[topic]!
    }

    // Of the token at hand and the equal ones after it: word and topic, the word's entries, and, without the token, the
    // topic's figures and the masses of the buckets (the latter two over beta).
    let word = -1
    let old = -1
    let first = 0
    let last = 0
    let oldCount = 0
    let oldInverse = 0
    let oldCoefficient = 0
    let wordMass = 0
    let documentMass = 0
    let smoothingMass = 0
    for (let i = bounds[d * parts + part]!; i < end; i++) {
      if (words[i] !== word || topicOf[i] !== old) {
        word = words[i]!
        old = topicOf[i]!
        oldCount = documentCount[old]! - 1
        oldInverse = inverseLess[old]!
        oldCoefficient = (alpha[old]! + oldCount) * oldInverse
        smoothingMass = this.#smoothing + alpha[old]! * (oldInverse - inverse[old]!)
        documentMass = document + oldCount * oldInverse - documentCount[old]! * inverse[old]!
        first = rows[word]! + 1
        last = first + entries[first - 1]!
        const kept = coefficient[old]!
        coefficient[old] = oldCoefficient
        wordMass = -own[old]! * oldCoefficient
        for (let j = first; j < last; j++) wordMass += (entries[j]! >> bits) * coefficient[entries[j]! & mask]!
        // The token's own part, added and taken away again, may leave a rounding error where the word has no other.
        if (wordMass < 0) wordMass = 0
        coefficient[old] = kept
      }

      let topic = old
      const allowed = restricted ? this.#allowed.get(word) : undefined
      if (allowed !== undefined) topic = this.#drawAmong(allowed, word, old, random)
      else {
        let rest = random.next() * (wordMass + beta * (documentMass + smoothingMass))
        if (rest < wordMass) {
          for (let j = first; j < last && rest >= 0; j++) {
            topic = entries[j]! & mask
            rest -= topic === old ? ((entries[j]! >> bits) - own[old]!) * oldCoefficient : (entries[j]! >> bits) * coefficient[topic]!
          }
        } else {
          rest = (rest - wordMass) / beta
          if (rest < documentMass) {
            for (let j = base; j < base + topics && rest >= 0; j++) {
              topic = documentTopics[j]!
              rest -= topic === old ? oldCount * oldInverse : documentCount[topic]! * inverse[topic]!
            }
          } else {
            rest -= documentMass
            for (let t = 0; t < k && rest >= 0; t++) {
              topic = t
              rest -= alpha[t]! * (t === old ? oldInverse : inverse[t]!)
            }
          }
        }
      }
      if (topic === old) continue

      topicOf[i] = topic
      this.#smoothing = smoothingMass
      document = documentMass - documentCount[topic]! * inverse[topic]!
      topics = this.#leave(old, base, topics)
      if (own[old] === 1) this.#counts.removeOne(word, old)
      topics = this.#join(topic, base, topics)
      if (own[topic] === 1) this.#counts.add(word, topic, 1)
      document += documentCount[topic]! * inverse[topic]!
      // The next token needs its own sums, whatever it is.
      word = -1
    }
    for (let j = base; j < base + topics; j++) {
      const topic = documentTopics[j]!
      documentCounts[j] = documentCount[topic]!
      documentCount[topic] = 0
      coefficient[topic] = alpha[topic]! * inverse[topic]!
    }
    documentLengths[d] = topics
  }

  /** Takes a token of the document at hand, which begins at `base` and has `topics` topics, out of one; returns how many are left. */
  #leave(topic: number, base: number, topics: number): number {
    const { documentTopics } = this.#state
    this.#documentCount[topic]! -= 1
    if (this.#documentCount[topic] === 0) {
      topics -= 1
      const moved = documentTopics[base + topics]!
      documentTopics[this.#documentPlace[topic]!] = moved
      this.#documentPlace[moved] = this.#documentPlace[topic]!
    }
    if (this.#own[topic] === 1) {
      this.#total[topic]! -= 1
      this.#inverse[topic] = this.#inverseLess[topic]!
      this.#inverseLess[topic] = 1 / (this.#total[topic]! - 1 + this.#state.vocabularySize * this.#beta)
    }
    this.#coefficient[topic] = (this.#alpha[topic]! + this.#documentCount[topic]!) * this.#inverse[topic]!
    return topics
  }

  /** Puts a token of the document at hand into a topic; returns how many topics the document has then. */
  #join(topic: number, base: number, topics: number): number {
    if (this.#documentCount[topic] === 0) {
      this.#documentPlace[topic] = base + topics
      this.#state.documentTopics[base + topics++] = topic
    }
    this.#documentCount[topic]! += 1
    if (this.#own[topic] === 1) {
      const before = this.#inverse[topic]!
      this.#total[topic]! += 1
      this.#inverseLess[topic] = before
      this.#inverse[topic] = 1 / (this.#total[topic]! + this.#state.vocabularySize * this.#beta)
      this.#smoothing += this.#alpha[topic]! * (this.#inverse[topic]! - before)
    }
    this.#coefficient[topic] = (this.#alpha[topic]! + this.#documentCount[topic]!) * this.#inverse[topic]!
    return topics
  }

  /** Draws the topic of a token among some topics, without buckets: few words need it. */
  #drawAmong(allowed: Uint16Array, word: number, old: number, random: Random): number {
    const { entries, rows, bits, mask } = this.#counts
    const weights = new Map<number, number>()
    const row = rows[word]!
    for (let j = row + 1; j <= row + entries[row]!; j++) weights.set(entries[j]! & mask, entries[j]! >> bits)
    let sum = 0
    for (const topic of allowed) {
      const mine = topic === old ? 1 : 0
      const count = (weights.get(topic) ?? 0) - mine * this.#own[topic]!
      const inverse = mine === 1 ? this.#inverseLess[topic]! : this.#inverse[topic]!
      sum += (count + this.#beta) * (this.#alpha[topic]! + this.#documentCount[topic]! - mine) * inverse
      weights.set(topic, sum)
    }
    const drawn = random.next() * sum
    return allowed.find((topic) => weights.get(topic)! > drawn) ?? old
  }
}
