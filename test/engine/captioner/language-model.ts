/** Small language models that a search can be run on without a network. */
import { expect } from 'vitest'
import type { DecodedCaption, NextWords, Search } from '../../../src-main/engine/captioner/decoding/search.ts'
import { PAD, START, UNKNOWN } from '../../../src-main/engine/captioner/vocabulary.ts'
import { createRandom } from '../../../src-main/common/random.ts'

export const MOST_WORDS = 3
/** The words that can be said; 0 to 3 are the special ones. */
export const WORDS = [4, 5, 6]
export const V = 7

/** Log-probabilities of the next word, [V]. */
export type LanguageModel = (prefix: readonly number[]) => Float32Array

/** Drawn anew for every prefix; the words that may never be said are likely. */
export function randomModel(seed: number): LanguageModel {
  const drawn = new Map<string, Float32Array>()
  const random = createRandom(seed)
  return (prefix) => {
    const key = prefix.join(' ')
    let logProbabilities = drawn.get(key)
    if (!logProbabilities) {
      const logits = Array.from(
        { length: V },
        (_, word) => 2 * random.normal() + ([PAD, START, UNKNOWN].includes(word) ? 3 : 0),
      )
      const norm = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0))
      logProbabilities = Float32Array.from(logits, (x) => x - norm)
      drawn.set(key, logProbabilities)
    }
    return logProbabilities
  }
}

type Columns = Pick<NextWords, 'columns' | 'logProbabilities' | 'words'>

/** The `count` likeliest words of each row (at most all), as the step gives them. */
export function likeliestOf(rows: readonly Float32Array[], count: number): Columns {
  const columns = Math.min(V, count)
  const order = rows.map((row) =>
    [...row.keys()].sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0) || a - b).slice(0, columns),
  )
  return {
    columns,
    words: BigInt64Array.from(order.flat().map(BigInt)),
    logProbabilities: Float32Array.from(
      order.flatMap((words, r) => words.map((word) => rows[r]?.[word] ?? NaN)),
    ),
  }
}

/** All words of each row. */
export const allOf = (rows: readonly Float32Array[]): Columns => ({
  columns: V,
  words: null,
  logProbabilities: Float32Array.from(rows.flatMap((row) => [...row])),
})

/**
 * Runs a search to its end, with the rows that it says it continues as the only memory of what was said. A
 * word's attention is its step.
 */
export function search(
  model: LanguageModel,
  running: Search,
  columns: (rows: Float32Array[]) => Columns,
): DecodedCaption[] {
  let prefixes: number[][] = running.words.map(() => [])
  for (let step = 0; !running.finished; step++) {
    expect(step).toBeLessThan(MOST_WORDS)
    expect(running.words).toEqual(prefixes.map((prefix) => prefix.at(-1) ?? START))
    const parents = running.advance({ ...columns(prefixes.map(model)), attentionOf: () => [step] })
    const before = prefixes
    prefixes = parents.map((parent, row) => [...(before[parent] ?? []), running.words[row] ?? -1])
  }
  return running.captions()
}
