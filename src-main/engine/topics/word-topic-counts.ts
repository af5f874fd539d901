import { failures } from './failures.ts'

/**
 * n(w, k), kept for the topics that a word has: most words have few. A word's entries lie side by side, the
 * largest count first, so that a draw in proportion to them ends early. An entry is one integer, the count
 * above the topic: they compare as their counts do.
 */
export class WordTopicCounts {
  /** count << bits | topic. Word w has entries[starts[w]] to entries[starts[w] + lengths[w] - 1]. */
  readonly entries: Int32Array
  readonly starts: Uint32Array
  readonly lengths: Uint16Array
  readonly bits: number
  readonly mask: number

  /**
   * `largest[w]`: the largest count that a word can come to in one topic; `topics[w]`: in how many topics it can
   * have one. Throws BAD_INPUT for a word too frequent to count beside so many topics.
   */
  constructor(vocabulary: readonly string[], k: number, largest: Uint32Array, topics: Uint32Array) {
    this.bits = Math.max(1, Math.ceil(Math.log2(k)))
    this.mask = (1 << this.bits) - 1
    const limit = 2 ** (31 - this.bits)
    const overfull = largest.findIndex((count) => count >= limit)
    if (overfull >= 0) {
      throw failures.wordTooFrequent({
        word: vocabulary[overfull] ?? '',
        count: largest[overfull]!,
        topics: k,
        limit,
      })
    }
    this.starts = new Uint32Array(vocabulary.length + 1)
    for (let w = 0; w < vocabulary.length; w++) {
      this.starts[w + 1] = this.starts[w]! + Math.min(k, topics[w]!)
    }
    this.entries = new Int32Array(this.starts[vocabulary.length]!)
    this.lengths = new Uint16Array(vocabulary.length)
  }

  add(word: number, topic: number, count: number): void {
    const { entries, mask } = this
    const start = this.starts[word]!
    const end = start + this.lengths[word]!
    let place = start
    while (place < end && (entries[place]! & mask) !== topic) {
      place++
    }
    if (place === end) {
      entries[place] = topic
      this.lengths[word]! += 1
    }
    const entry = entries[place]! + (count << this.bits)
    for (; place > start && entries[place - 1]! < entry; place--) {
      entries[place] = entries[place - 1]!
    }
    entries[place] = entry
  }

  /** Takes one from a count that is there. */
  removeOne(word: number, topic: number): void {
    const { entries, mask } = this
    const start = this.starts[word]!
    const end = start + this.lengths[word]!
    let place = start
    while ((entries[place]! & mask) !== topic) {
      place++
    }
    const entry = entries[place]! - (1 << this.bits)
    for (; place + 1 < end && entries[place + 1]! > entry; place++) {
      entries[place] = entries[place + 1]!
    }
    entries[place] = entry
    if (entry >> this.bits === 0) {
      this.lengths[word]! -= 1
    }
  }
}
