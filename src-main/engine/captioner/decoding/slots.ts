/**
 * The slots of a decoder step: the arrays that it is fed, and the clip whose captions are searched for in
 * each. A clip leaves as soon as its search has ended, and another takes its slot, so that the step's rows
 * don't stand idle while the longest caption is finished.
 */
import { floats, tensorFor } from '../../graph/session.ts'
import type { Tensor, Tensors } from '../../graph/session.ts'
import { dim, elementCount } from '../../graph/value.ts'
import type { Input } from '../../graph/value.ts'
import type { CaptioningGraphs } from './graphs.ts'
import type { DecodedCaption, NextWords, Search } from './search.ts'

/** What a step is fed of the step before, and what that calls it. */
const STATE: Readonly<Record<string, string>> = { hidden: 'next_hidden', memory: 'next_memory' }

export class DecoderSlots<Clip> {
  /** What the step is fed next. */
  readonly feeds: Tensors
  readonly #slots: ({ clip: Clip; search: Search } | null)[]
  /** Rows of a slot, and words that the step gives of each row. */
  readonly #rows: number
  readonly #columns: number
  readonly #words: BigInt64Array
  /** By name, [clips, ...] or [clips * rows, ...]. */
  readonly #arrays: ReadonlyMap<string, Float32Array>

  /** For the step of graphs with these leaves, which gives `columns` words a row. */
  constructor(
    { words, frameKeys, frameGates, frameOutput, frameBias, hidden, memory }: CaptioningGraphs['leaves'],
    columns: number,
  ) {
    const clips = dim(frameKeys, 0)
    this.#slots = new Array<null>(clips).fill(null)
    this.#rows = dim(words, 0) / clips
    this.#columns = columns
    this.#words = new BigInt64Array(elementCount(words.shape))
    const floatLeaves = [frameKeys, frameGates, frameOutput, frameBias, hidden, memory]
    const arrays = floatLeaves.map((leaf) => [leaf, new Float32Array(elementCount(leaf.shape))] as const)
    this.#arrays = new Map(arrays.map(([leaf, array]) => [nameOf(leaf), array]))
    this.feeds = {
      words: tensorFor(words, this.#words),
      ...Object.fromEntries(arrays.map(([leaf, array]) => [nameOf(leaf), tensorFor(leaf, array)])),
    }
  }

  get full(): boolean {
    return this.#slots.every((slot) => slot !== null)
  }

  get empty(): boolean {
    return this.#slots.every((slot) => slot === null)
  }

  /**
   * Begins a search in a free slot. `rowOf(name)` is the clip's row of what the memory graph gave. Throws
   * when all slots are taken.
   */
  start(clip: Clip, search: Search, rowOf: (name: string) => Float32Array): void {
    const index = this.#slots.indexOf(null)
    if (index < 0) {
      throw new Error('all slots are taken')
    }
    for (const [name, array] of this.#arrays) {
      const source = rowOf(name)
      const start = index * (array.length / this.#slots.length)
      // Every hypothesis has a state of its own; the frames are the clip's.
      const copies = name in STATE ? search.words.length : 1
      for (let row = 0; row < copies; row++) {
        array.set(source, start + row * source.length)
      }
    }
    this.#slots[index] = { clip, search }
    this.#feedWords(index, search)
  }

  /** Takes what the step gave; returns the clips whose captions are found, which leave their slots. */
  advance(out: Readonly<Record<string, Tensor>>): { clip: Clip; captions: DecodedCaption[] }[] {
    const finished: { clip: Clip; captions: DecodedCaption[] }[] = []
    this.#slots.forEach((slot, index) => {
      if (!slot) {
        return
      }
      const { clip, search } = slot
      const parents = search.advance(this.#nextWords(out, index))
      if (search.finished) {
        finished.push({ clip, captions: search.captions() })
        this.#slots[index] = null
        return
      }
      this.#feedStates(out, index, parents)
      this.#feedWords(index, search)
    })
    return finished
  }

  /** What the step gave for a slot. */
  #nextWords(out: Readonly<Record<string, Tensor>>, index: number): NextWords {
    const [rows, columns] = [this.#rows, this.#columns]
    const ofSlot = <T extends Float32Array | BigInt64Array>(array: T) =>
      array.subarray(index * rows * columns, (index + 1) * rows * columns) as T
    const attention = floats(out, 'attention')
    const n = attention.length / (this.#slots.length * rows)
    const words = out['next_words']?.data
    return {
      columns,
      logProbabilities: ofSlot(floats(out, 'log_probabilities')),
      words: words instanceof BigInt64Array ? ofSlot(words) : null,
      attentionOf: (row) => [...attention.subarray((index * rows + row) * n, (index * rows + row + 1) * n)],
    }
  }

  /** Each hypothesis goes on with the state of the row that it continues. */
  #feedStates(out: Readonly<Record<string, Tensor>>, index: number, parents: readonly number[]): void {
    const firstRow = index * this.#rows
    for (const [name, next] of Object.entries(STATE)) {
      const [states, array] = [floats(out, next), this.#arrays.get(name)]
      const width = states.length / (this.#slots.length * this.#rows)
      parents.forEach((parent, row) => {
        const state = states.subarray((firstRow + parent) * width, (firstRow + parent + 1) * width)
        array?.set(state, (firstRow + row) * width)
      })
    }
  }

  #feedWords(index: number, search: Search): void {
    search.words.forEach((word, row) => {
      this.#words[index * this.#rows + row] = BigInt(word)
    })
  }
}

const nameOf = (leaf: Input): string => leaf.name
