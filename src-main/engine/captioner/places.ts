/**
 * The places of a decoder step: the arrays that it is fed, and whose captions are searched for at each. A
 * clip leaves as soon as its search has ended, and another takes its place, so that the step's rows don't
 * stand idle while the longest caption is finished.
 */
import { floats, tensorFor } from '../graph/session.ts'
import type { Tensor, Tensors } from '../graph/session.ts'
import { dim, elementCount } from '../graph/value.ts'
import type { Input } from '../graph/value.ts'
import type { CaptioningGraphs } from './graphs.ts'
import type { DecodedCaption, Search } from './search.ts'

/** What a step is fed of the step before, and what that calls it. */
const STATE: Readonly<Record<string, string>> = { hidden: 'next_hidden', memory: 'next_memory' }

export class Places<Clip> {
  /** What the step is fed next. */
  readonly feeds: Tensors
  readonly #seated: ({ clip: Clip; search: Search } | null)[]
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
    this.#seated = new Array<null>(clips).fill(null)
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
    return this.#seated.every((place) => place !== null)
  }

  get empty(): boolean {
    return this.#seated.every((place) => place === null)
  }

  /**
   * Begins a search at a free place. `remembered(name)` is the clip's row of what the memory graph gave.
   * Throws when all places are taken.
   */
  seat(clip: Clip, search: Search, remembered: (name: string) => Float32Array): void {
    const b = this.#seated.indexOf(null)
    if (b < 0) {
      throw new Error('all places are taken')
    }
    for (const [name, array] of this.#arrays) {
      const given = remembered(name)
      const start = b * (array.length / this.#seated.length)
      // Every hypothesis has a state of its own; the frames are the clip's.
      const times = name in STATE ? search.words.length : 1
      for (let row = 0; row < times; row++) {
        array.set(given, start + row * given.length)
      }
    }
    this.#seated[b] = { clip, search }
    this.#feed(b, search)
  }

  /** Takes what the step gave; returns the clips whose captions are found, which make way. */
  advance(out: Readonly<Record<string, Tensor>>): { clip: Clip; captions: DecodedCaption[] }[] {
    const [rows, columns] = [this.#rows, this.#columns]
    const part = <T extends Float32Array | BigInt64Array>(array: T, b: number) =>
      array.subarray(b * rows * columns, (b + 1) * rows * columns) as T
    const attention = floats(out, 'attention')
    const n = attention.length / (this.#seated.length * rows)
    const logProbabilities = floats(out, 'log_probabilities')
    const words = out['next_words']?.data
    const found: { clip: Clip; captions: DecodedCaption[] }[] = []
    this.#seated.forEach((place, b) => {
      if (!place) {
        return
      }
      const { clip, search } = place
      const parents = search.advance({
        columns,
        logProbabilities: part(logProbabilities, b),
        words: words instanceof BigInt64Array ? part(words, b) : null,
        attentionOf: (row) => [...attention.subarray((b * rows + row) * n, (b * rows + row + 1) * n)],
      })
      if (search.finished) {
        found.push({ clip, captions: search.captions() })
        this.#seated[b] = null
        return
      }
      for (const [name, next] of Object.entries(STATE)) {
        const [given, array] = [floats(out, next), this.#arrays.get(name)]
        const width = given.length / (this.#seated.length * rows)
        parents.forEach((parent, row) =>
          array?.set(
            given.subarray((b * rows + parent) * width, (b * rows + parent + 1) * width),
            (b * rows + row) * width,
          ),
        )
      }
      this.#feed(b, search)
    })
    return found
  }

  #feed(b: number, search: Search): void {
    search.words.forEach((word, row) => {
      this.#words[b * this.#rows + row] = BigInt(word)
    })
  }
}

const nameOf = (leaf: Input): string => leaf.name
