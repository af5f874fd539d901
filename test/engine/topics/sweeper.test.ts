/** Sweeps by blocks: on one thread and on several, beside a chain that is not divided. */
import { describe, expect, it } from 'vitest'
import { createPacer } from '../../../src-main/engine/pacer.ts'
import { createRandom } from '../../../src-main/engine/random.ts'
import { coherence, mean } from '../../../src-main/engine/topics/coherence.ts'
import { createState, UNCONSTRAINED } from '../../../src-main/engine/topics/state.ts'
import type { ChainState, Constraints } from '../../../src-main/engine/topics/state.ts'
import { createSweeper, partsFor } from '../../../src-main/engine/topics/sweeper.ts'
import { generateCorpus, wordOf } from './generate.ts'

const VOCABULARY = 300
const K = 10
const generated = generateCorpus({ documents: 300, length: 60, vocabulary: VOCABULARY, alpha: new Array<number>(K).fill(0.1), beta: 0.05, seed: 5 })
const corpus = {
  vocabulary: Array.from({ length: VOCABULARY }, (_, word) => wordOf(word)),
  words: Uint32Array.from(generated.documents.flatMap((words) => [...words])),
  starts: Uint32Array.from({ length: 301 }, (_, d) => d * 60),
}
const priors = { alpha: new Float64Array(K).fill(0.1), beta: 0.05 }
const pause = createPacer(new AbortController().signal)

async function sample({ parts, threads, sweeps, seed = 1, constraints = UNCONSTRAINED }: { parts: number; threads: number; sweeps: number; seed?: number; constraints?: Constraints }): Promise<ChainState> {
  const state = createState(corpus, K, createRandom(seed), constraints, parts)
  const sweeper = createSweeper(state, constraints, { seed, sweeps, pause, threads })
  try {
    for (let sweep = 0; sweep < sweeps; sweep++) await sweeper.sweep(priors)
  } finally {
    await sweeper.close()
  }
  return state
}

/** n(w, k), [V, K], and n(d, k), [D, K], by the tokens' topics. */
function recount({ words, starts, topicOf }: ChainState): { wordTopic: number[]; documentTopic: number[] } {
  const wordTopic = new Array<number>(VOCABULARY * K).fill(0)
  const documentTopic = new Array<number>((starts.length - 1) * K).fill(0)
  for (let d = 0; d + 1 < starts.length; d++) {
    for (let i = starts[d]!; i < starts[d + 1]!; i++) {
      wordTopic[words[i]! * K + topicOf[i]!]! += 1
      documentTopic[d * K + topicOf[i]!]! += 1
    }
  }
  return { wordTopic, documentTopic }
}

describe('a chain in parts', () => {
  const constraints: Constraints = {
    counts: [{ word: 3, topic: 0, count: 40 }, { word: 7, topic: 2, count: 5 }], fixed: new Set([0]),
    allowed: new Map([[9, Uint16Array.from([1, 4])]]), start: new Map([[7, [2]]]),
  }

  it('comes out the same on any number of threads', async () => {
    const [one, ...others] = await Promise.all([1, 2, 3, 4].map((threads) => sample({ parts: 4, threads, sweeps: 12, constraints })))
    for (const other of others) expect(other).toEqual(one)
    expect(await sample({ parts: 4, threads: 1, sweeps: 12, constraints, seed: 2 })).not.toEqual(one)
  })

  it('keeps all its tokens, and counts that are theirs', async () => {
    const state = await sample({ parts: 4, threads: 2, sweeps: 12, constraints })
    for (let d = 0; d < 300; d++) {
      expect([...state.words.subarray(d * 60, d * 60 + 60)].sort()).toEqual([...corpus.words.subarray(d * 60, d * 60 + 60)].sort())
    }
    const { wordTopic, documentTopic } = recount(state)
    for (let word = 0; word < VOCABULARY; word++) {
      const row = state.rows[word]!
      const counts = new Array<number>(K).fill(0)
      // With ten topics an entry's lowest four bits are the topic.
      for (const entry of state.entries.subarray(row + 1, row + 1 + state.entries[row]!)) counts[entry & 15] = entry >> 4
      const given = constraints.counts.find((entry) => entry.word === word)
      expect(counts).toEqual(wordTopic.slice(word * K, word * K + K).map((count, topic) => (topic === 0 ? 0 : count) + (given?.topic === topic ? given.count : 0)))
    }
    for (let d = 0; d < 300; d++) {
      const counts = new Array<number>(K).fill(0)
      for (let i = d * 60; i < d * 60 + state.documentLengths[d]!; i++) counts[state.documentTopics[i]!] = state.documentCounts[i]!
      expect(counts).toEqual(documentTopic.slice(d * K, d * K + K))
    }
    for (const [topic, count] of wordTopic.slice(9 * K, 10 * K).entries()) expect(count === 0 || topic === 1 || topic === 4).toBe(true)
  })

  it('finds topics as coherent as a chain that is not divided', async () => {
    const npmi = async (parts: number): Promise<number> => {
      let sum = 0
      for (const seed of [1, 2, 3, 4, 5, 6]) {
        const { wordTopic } = recount(await sample({ parts, threads: 1, sweeps: 150, seed }))
        const tops = Array.from({ length: K }, (_, topic) =>
          corpus.vocabulary.map((_, word) => word).sort((a, b) => wordTopic[b * K + topic]! - wordTopic[a * K + topic]! || a - b).slice(0, 10))
        sum += mean(coherence(corpus, tops)) ?? NaN
      }
      return sum / 6
    }
    expect(await npmi(4)).toBeGreaterThan(await npmi(1) - 0.01)
  })

  it('has as many parts as its tokens are worth', () => {
    expect([0, 79_999, 80_000, 320_000, 1e9].map(partsFor)).toEqual([1, 1, 2, 4, 8])
  })
})

describe('threads', () => {
  it('end at once when the sweeper is closed amid a sweep', async () => {
    const state = createState(corpus, K, createRandom(1), UNCONSTRAINED, 2)
    const sweeper = createSweeper(state, UNCONSTRAINED, { seed: 1, sweeps: 1, pause, threads: 2 })
    await sweeper.sweep(priors)
    const refused = expect(sweeper.sweep(priors)).rejects.toThrow('ended with exit code')
    await sweeper.close()
    await refused
  })

  it('end a sweep with what one of them died of, while the others wait for it', async () => {
    const two = { vocabulary: ['a', 'b', 'c', 'd'], words: Uint32Array.from([0, 1, 2, 3]), starts: Uint32Array.from([0, 2, 4]) }
    const state = createState(two, K, createRandom(1), UNCONSTRAINED, 2)
    // The second document's word can't be drawn.
    const broken = { ...UNCONSTRAINED, allowed: new Map([[2, null as never]]) }
    const sweeper = createSweeper(state, broken, { seed: 1, sweeps: 1, pause, threads: 2 })
    await expect(sweeper.sweep(priors)).rejects.toThrow('is not iterable')
    await sweeper.close()
  })
})
