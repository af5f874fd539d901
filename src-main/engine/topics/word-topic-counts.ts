import { VitrineError } from '../../contract/index.ts'
import type { ChainState, Constraints } from './state.ts'

/** The bits of an entry that hold the topic. */
const topicBits = (k: number): number => Math.max(1, Math.ceil(Math.log2(k)))

/** Integers in a line of memory: threads that write to one line wait for each other. */
const LINE = 16

/**
 * Where each word's row begins, and the size of all. A row is as long as the word can have topics; the rows of a part lie
 * together. `frequency` is tokens by word, `given` what is counted besides. Throws BAD_INPUT for a word too frequent to
 * count beside so many topics.
 */
export function layOut(vocabulary: readonly string[], k: number, frequency: Uint32Array, given: Constraints['counts'], partOf: Uint8Array): { rows: Uint32Array; size: number } {
  // The largest count that a word can come to in one topic, and in how many topics it can have one.
  const most = frequency.slice()
  const topics = frequency.slice()
  for (const { word, count } of given) {
    most[word]! += count
    topics[word]! += 1
  }
  const limit = 2 ** (31 - topicBits(k))
  const large = most.findIndex((count) => count >= limit)
  if (large >= 0) {
    throw new VitrineError(
      'BAD_INPUT', `The word "${vocabulary[large]}" occurs ${most[large]!.toLocaleString('en')} times: with ${k} topics a word can be counted up to ${limit.toLocaleString('en')} times.`,
      'Make it a stop word, or lower the maximum document share.',
    )
  }
  const rows = new Uint32Array(new SharedArrayBuffer(vocabulary.length * Uint32Array.BYTES_PER_ELEMENT))
  let size = 0
  const order = Uint32Array.from(rows, (_, word) => word).sort((a, b) => partOf[a]! - partOf[b]! || a - b)
  order.forEach((word, i) => {
    if (i > 0 && partOf[word] !== partOf[order[i - 1]!]) size += LINE
    rows[word] = size
    size += 1 + Math.min(k, topics[word]!)
  })
  return { rows, size }
}

/**
 * n(w, k), kept for the topics that a word has: most words have few. A word's row is the number of its entries and then
 * these, the largest count first, so that a draw in proportion to them ends early. An entry is one integer, the count above
 * the topic: they compare as their counts do.
 */
export class WordTopicCounts {
  /** entries[rows[w]] is how many entries word w has; they follow, each count << bits | topic. */
  readonly entries: Int32Array
  readonly rows: Uint32Array
  readonly bits: number
  readonly mask: number

  constructor({ k, rows, entries }: Pick<ChainState, 'k' | 'rows' | 'entries'>) {
    this.rows = rows
    this.entries = entries
    this.bits = topicBits(k)
    this.mask = (1 << this.bits) - 1
  }

  add(word: number, topic: number, count: number): void {
    const { entries, mask } = this
    const row = this.rows[word]!
    const last = row + entries[row]!
    let place = row + 1
    while (place <= last && (entries[place]! & mask) !== topic) place++
    if (place > last) {
      entries[place] = topic
      entries[row]! += 1
    }
    const entry = entries[place]! + (count << this.bits)
    for (; place > row + 1 && entries[place - 1]! < entry; place--) entries[place] = entries[place - 1]!
    entries[place] = entry
  }

  /** Takes one from a count that is there. */
  removeOne(word: number, topic: number): void {
    const { entries, mask } = this
    const row = this.rows[word]!
    const last = row + entries[row]!
    let place = row + 1
    while ((entries[place]! & mask) !== topic) place++
    const entry = entries[place]! - (1 << this.bits)
    for (; place < last && entries[place + 1]! > entry; place++) entries[place] = entries[place + 1]!
    entries[place] = entry
    if (entry >> this.bits === 0) entries[row]! -= 1
  }
}
