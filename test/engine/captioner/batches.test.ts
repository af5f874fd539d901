import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BatchSampler, encodeClips, layOut, longestCaption } from '../../../src-main/engine/captioner/batches.ts'
import type { CaptionBatch, EncodedClip } from '../../../src-main/engine/captioner/batches.ts'
import { buildVocabulary, END, PAD, START, UNKNOWN } from '../../../src-main/engine/captioner/vocabulary.ts'
import { createRandom } from '../../../src-main/engine/random.ts'

/** Clips with these numbers of captions; every caption is one word of its own, so that a batch says which it holds. */
function clipsWith(counts: readonly number[]): EncodedClip[] {
  let word = 4
  return counts.map((count, id) => ({ id, features: '', topics: [id % 2], captions: [], words: Array.from({ length: count }, () => [word++]) }))
}

/** How often each word is a target, the special ones aside. */
function dealt(batches: readonly CaptionBatch[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const target of batches.flatMap(({ targets }) => [...targets].map(Number))) if (target > UNKNOWN) counts.set(target, (counts.get(target) ?? 0) + 1)
  return counts
}

describe('the sampler', () => {
  const corpus = fc.record({
    counts: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
    clips: fc.integer({ min: 1, max: 4 }), captions: fc.integer({ min: 1, max: 4 }), seed: fc.nat(),
  })

  it('deals the captions of a clip equally often, and every clip a fixed number of times an epoch', () => {
    fc.assert(fc.property(corpus, ({ counts, clips, captions, seed }) => {
      const encoded = clipsWith(counts)
      const sampler = new BatchSampler(encoded, { clips, captions, words: 2 }, 2, createRandom(seed))
      const visits = counts.map((count) => Math.max(1, Math.round(count / captions)))
      const perEpoch = visits.reduce((a, b) => a + b, 0)
      // Whole epochs only where batches tile them: this many batches make `epochs` of them, exactly.
      const size = Math.min(clips, perEpoch)
      const epochs = 3 * size
      const counted = dealt(Array.from({ length: (epochs * perEpoch) / size }, () => sampler.next()))
      encoded.forEach(({ words }, i) => {
        const times = words.map(([word = 0]) => counted.get(word) ?? 0)
        expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(1)
        expect(times.reduce((a, b) => a + b, 0)).toBe(epochs * (visits[i] ?? 0) * Math.min(captions, words.length))
      })
      expect(sampler.dealt).toBe([...counted.values()].reduce((a, b) => a + b, 0))
      expect(sampler.batchesPerEpoch).toBe(Math.ceil(perEpoch / clips))
    }))
  })

  it('weighs the captions of a batch alike, and empty rows nothing', () => {
    fc.assert(fc.property(corpus, ({ counts, clips, captions, seed }) => {
      const { captionWeight, wordMask, clips: places } = new BatchSampler(clipsWith(counts), { clips, captions, words: 2 }, 2, createRandom(seed)).next()
      const full = [...captionWeight].filter((weight) => weight > 0)
      expect(places).toHaveLength(clips)
      expect(new Set(full).size).toBe(1)
      expect(full.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5)
      captionWeight.forEach((weight, row) => { expect(wordMask[row]).toBe(weight > 0 ? 1 : 0) })
    }))
  })

  it('deals the same under the same seed and another order under another', () => {
    const run = (seed: number) => {
      const sampler = new BatchSampler(clipsWith([3, 5, 1, 4]), { clips: 2, captions: 2, words: 2 }, 2, createRandom(seed))
      return Array.from({ length: 8 }, () => [...sampler.next().targets].map(Number))
    }
    expect(run(7)).toEqual(run(7))
    expect(run(7)).not.toEqual(run(8))
  })
})

it('lays captions out time first: start word in, end word out, rows of a clip side by side', () => {
  const vocabulary = buildVocabulary(['a b', 'a b', 'a'], 2)
  const clips = encodeClips(
    [
      { id: 1, features: 'x', topics: [2], captions: ['a b', 'A rare B.'] },
      { id: 2, features: 'y', topics: [], captions: ['b'] },
      { id: 3, features: 'z', topics: [], captions: ['', '...'] },
    ],
    vocabulary, 3,
  )
  expect(clips.map(({ id }) => id)).toEqual([1, 2])
  expect(longestCaption(clips)).toBe(4)
  const batch = layOut(clips.map((clip) => ({ clip, captions: clip.words })), { clips: 2, captions: 2, words: 4 }, 3)
  const [a, b] = [vocabulary.idOf.get('a'), vocabulary.idOf.get('b')]
  const rows = (data: ArrayLike<bigint | number>) => Array.from({ length: 4 }, (_, row) => Array.from({ length: 4 }, (_unused, t) => Number(data[t * 4 + row])))
  expect(rows(batch.words)).toEqual([[START, a, b, PAD], [START, a, UNKNOWN, b], [START, b, PAD, PAD], [PAD, PAD, PAD, PAD]])
  expect(rows(batch.targets)).toEqual([[a, b, END, PAD], [a, UNKNOWN, b, END], [b, END, PAD, PAD], [PAD, PAD, PAD, PAD]])
  expect(rows(batch.wordMask)).toEqual([[1, 1, 1, 0], [1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 0, 0]])
  expect([...batch.captionWeight]).toEqual([1 / 3, 1 / 3, 1 / 3, 0].map(Math.fround))
  expect([...batch.topics]).toEqual([0, 0, 1, 0, 0, 0])
})
