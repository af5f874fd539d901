import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { captionerSettings } from '#contract'
import type { CaptionerSettings } from '#contract'
import { captionWords, encodeClips, encodeSplit } from '../../../src-main/engine/captioner/encoded-clips.ts'
import type { EncodedClip } from '../../../src-main/engine/captioner/encoded-clips.ts'
import { captionCount, layOut } from '../../../src-main/engine/captioner/minibatch.ts'
import { chooseBuckets } from '../../../src-main/engine/captioner/training/buckets.ts'
import { batchSizeAndBuckets, planEpoch } from '../../../src-main/engine/captioner/training/sampler.ts'
import { drawClips } from '../../../src-main/engine/captioner/training/validator.ts'
import {
  buildVocabulary,
  END,
  leastCount,
  PAD,
  START,
  UNKNOWN,
} from '../../../src-main/engine/captioner/vocabulary.ts'

/** Clips whose captions have these numbers of words. */
const clipsWith = (lengths: readonly (readonly number[])[]): EncodedClip[] =>
  lengths.map((lengthsOfClip, id) => {
    let end = 0
    return {
      id,
      features: '',
      topics: [id % 2],
      words: Int32Array.from({ length: lengthsOfClip.reduce((a, b) => a + b, 0) }, (_, i) => 4 + i),
      ends: Int32Array.from(lengthsOfClip, (length) => (end += length)),
    }
  })

const corpus = fc.record({
  lengths: fc.array(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 9 }), {
    minLength: 1,
    maxLength: 8,
  }),
  clips: fc.integer({ min: 1, max: 4 }),
  captions: fc.integer({ min: 1, max: 4 }),
  run: fc.integer({ min: 1, max: 5 }),
  maxBuckets: fc.integer({ min: 1, max: 4 }),
  seed: fc.nat(),
})
/** What a batch costs in these tests: the encoder's and the optimizer's share, and every word. */
const costOf = (captions: number) => (words: number) => 3 + captions * words

describe('the plan of an epoch', () => {
  it('deals every caption once, in batches that fit, and equally many batches every epoch', () => {
    fc.assert(
      fc.property(corpus, ({ lengths, clips: B, captions: C, run, maxBuckets, seed }) => {
        const clips = clipsWith(lengths)
        const buckets = chooseBuckets(clips, { clips: B, captions: C }, maxBuckets, costOf(C)).ends
        const plans = [0, 1, 2].map((epoch) =>
          planEpoch({ clips, buckets, size: { clips: B, captions: C }, runLength: run, seed, epoch }),
        )
        for (const plan of plans) {
          expect(plan).toHaveLength(plans[0]?.length ?? 0)
          const dealt = plan.flatMap(({ bucket, entries }) =>
            entries.flatMap(({ clip, captions }) => captions.map((caption) => ({ bucket, clip, caption }))),
          )
          expect(dealt.map(({ clip, caption }) => `${clip.id}/${caption}`).sort()).toEqual(
            clips.flatMap((clip) => [...clip.ends].map((_, c) => `${clip.id}/${c}`)).sort(),
          )
          dealt.forEach(({ bucket, clip, caption }) => {
            expect(captionWords(clip, caption).length + 1).toBeLessThanOrEqual(buckets[bucket] ?? 0)
          })
          plan.forEach(({ entries }) => {
            expect(entries.length).toBeGreaterThan(0)
            expect(entries.length).toBeLessThanOrEqual(B)
            entries.forEach(({ captions }) => {
              expect(captions.length).toBeLessThanOrEqual(C)
            })
          })
        }
      }),
    )
  })

  it('is the same under the same seed, and another in another epoch or under another seed', () => {
    const clips = clipsWith([[3, 5, 4], [5, 5, 2, 2, 3], [1], [4, 4]])
    const plan = (seed: number, epoch: number) =>
      JSON.stringify(
        planEpoch({ clips, buckets: [6], size: { clips: 2, captions: 2 }, runLength: 1, seed, epoch }).map(
          ({ entries }) => entries.map(({ clip, captions }) => [clip.id, captions]),
        ),
      )
    expect(plan(7, 3)).toBe(plan(7, 3))
    expect(plan(7, 3)).not.toBe(plan(7, 4))
    expect(plan(7, 3)).not.toBe(plan(8, 3))
  })
})

describe('the buckets', () => {
  const epochCost = (clips: EncodedClip[], buckets: readonly number[], B: number, C: number) =>
    planEpoch({ clips, buckets, size: { clips: B, captions: C }, runLength: 1, seed: 0, epoch: 0 }).reduce(
      (cost, { bucket }) => cost + costOf(C)(buckets[bucket] ?? 0),
      0,
    )

  it('end at the longest caption, are no more than asked for, and cost no more than one bucket would', () => {
    fc.assert(
      fc.property(corpus, ({ lengths, clips: B, captions: C, maxBuckets }) => {
        const clips = clipsWith(lengths)
        const buckets = chooseBuckets(clips, { clips: B, captions: C }, maxBuckets, costOf(C)).ends
        expect(buckets.at(-1)).toBe(Math.max(...lengths.flat()) + 1)
        expect(buckets).toEqual([...new Set(buckets)].sort((a, b) => a - b))
        expect(buckets.length).toBeLessThanOrEqual(maxBuckets)
        expect(epochCost(clips, buckets, B, C)).toBeLessThanOrEqual(epochCost(clips, buckets.slice(-1), B, C))
      }),
    )
  })

  it('part short captions from a few long ones', () => {
    const clips = clipsWith(
      Array.from({ length: 40 }, (_, i) => [4, 4, 4, 4, 8, 8, 8, 8, ...(i % 4 === 0 ? [20] : [])]),
    )
    expect(chooseBuckets(clips, { clips: 4, captions: 4 }, 2, costOf(4)).ends).toEqual([9, 21])
    expect(chooseBuckets(clips, { clips: 4, captions: 4 }, 3, costOf(4)).ends).toEqual([5, 9, 21])
    expect(chooseBuckets(clips, { clips: 4, captions: 4 }, 1, costOf(4)).ends).toEqual([21])
  })
})

describe('the size of a minibatch', () => {
  const architecture = (settings: Partial<CaptionerSettings>, frames: number) => ({
    settings: captionerSettings.parse(settings),
    frames,
    inputSize: 64,
    vocabularySize: 500,
    topics: 4,
  })
  /** Share of the captions' places in an epoch's minibatches that hold one. */
  const filled = (clips: EncodedClip[], settings: Partial<CaptionerSettings>, frames: number) => {
    const { size, buckets } = batchSizeAndBuckets(architecture(settings, frames), clips)
    const plan = planEpoch({ clips, buckets, size, runLength: 1, seed: 1, epoch: 0 })
    const captions = plan.reduce((sum, { entries }) => sum + captionCount(entries), 0)
    return { size, share: captions / (plan.length * size.clips * size.captions) }
  }
  /** Five captions a clip, of 6 to 18 words. */
  const pictures = clipsWith(
    Array.from({ length: 300 }, (_, i) => [0, 1, 2, 3, 4].map((c) => 6 + ((5 * i + 7 * c) % 13))),
  )

  it('leaves few places empty where the captions of a clip are few and differ in length', () => {
    const dealt = filled(pictures, { batchCaptions: 40 }, 1)
    expect(dealt.share).toBeGreaterThan(0.9)
    expect(dealt.size.clips * dealt.size.captions).toBeGreaterThanOrEqual(40)
    expect(filled(pictures, { batchClips: 5, captionsPerClip: 8 }, 1).share).toBeLessThan(0.7)
  })

  it('gives a clip more places the more its encoder costs', () => {
    const many = clipsWith(
      Array.from({ length: 60 }, (_, i) =>
        Array.from({ length: 20 }, (_word, c) => 6 + ((5 * i + 7 * c) % 13)),
      ),
    )
    const captionsOf = (frames: number) => filled(many, { batchCaptions: 40 }, frames).size.captions
    expect(captionsOf(60)).toBeGreaterThan(captionsOf(1))
  })
})

it('leaves captions out that are too long to be learnt from', () => {
  const clips = [
    { id: 1, features: 'x', topics: [], captions: ['a b a', 'a b'] },
    { id: 2, features: 'y', topics: [], captions: ['a b a b'] },
  ]
  const vocabulary = buildVocabulary(['a b'], 1)
  const learnt = (maxLearntWords: number) =>
    encodeSplit('training', clips, vocabulary, { maxWords: 3, maxLearntWords }).map(({ id, ends }) => [
      id,
      [...ends],
    ])
  expect(learnt(2)).toEqual([[1, [2]]])
  // All of them, cut at the most words of a caption.
  expect(learnt(0)).toEqual([
    [1, [3, 5]],
    [2, [3]],
  ])
  expect(() => learnt(1)).toThrow('caption')
})

it('lays captions out time first: start word in, end word out, rows of a clip side by side', () => {
  const vocabulary = buildVocabulary(['a b', 'a b', 'a'], 2)
  const clips = encodeClips(
    [
      { id: 1, features: 'x', topics: [2], captions: ['a b', 'A rare B.'] },
      { id: 2, features: 'y', topics: [], captions: ['b'] },
      { id: 3, features: 'z', topics: [], captions: ['', '...'] },
    ],
    vocabulary,
    3,
  )
  expect(clips.map(({ id }) => id)).toEqual([1, 2])
  const entries = clips.map((clip) => ({ clip, captions: [...clip.ends.keys()] }))
  expect(captionCount(entries)).toBe(3)
  const batch = layOut(entries, { clips: 2, captions: 2, words: 4 }, 3)
  const [a, b] = [vocabulary.idOf.get('a'), vocabulary.idOf.get('b')]
  const rows = (array: ArrayLike<bigint | number>) =>
    Array.from({ length: 4 }, (_, row) =>
      Array.from({ length: 4 }, (_unused, t) => Number(array[t * 4 + row])),
    )
  expect(rows(batch.words)).toEqual([
    [START, a, b, PAD],
    [START, a, UNKNOWN, b],
    [START, b, PAD, PAD],
    [PAD, PAD, PAD, PAD],
  ])
  expect(rows(batch.targets)).toEqual([
    [a, b, END, PAD],
    [a, UNKNOWN, b, END],
    [b, END, PAD, PAD],
    [PAD, PAD, PAD, PAD],
  ])
  expect(rows(batch.wordMask)).toEqual([
    [1, 1, 1, 0],
    [1, 1, 1, 1],
    [1, 1, 0, 0],
    [0, 0, 0, 0],
  ])
  expect([...batch.captionWeight]).toEqual([1 / 3, 1 / 3, 1 / 3, 0].map(Math.fround))
  expect([...batch.topics]).toEqual([0, 0, 1, 0, 0, 0])
})

it('keeps the maxBuckets frequent words where the vocabulary is limited', () => {
  expect(buildVocabulary(['a b', 'a b', 'a c'], 1, 2).words.slice(4)).toEqual(['a', 'b'])
})

it('leaves out the rarest words as long as few running words are lost', () => {
  // 1,000 running words; 40 words that occur once are 4% of them, with 20 that occur twice it would be 8%.
  const counts = [...Array.from({ length: 40 }, () => 1), ...Array.from({ length: 20 }, () => 2), 920]
  expect(leastCount(counts)).toBe(2)
  expect(leastCount([1, 1, 1])).toBe(1)
  expect(leastCount([1000, 3, 4])).toBe(5)
  expect(buildVocabulary(['a a a b', 'a a a a a a a a a a a a a a a a'], 0).words.slice(4)).toEqual(['a'])
})

it('validates on few clips as they are, and of many on as many as it can, drawn under the seed', () => {
  const clips = Array.from({ length: 4000 }, (_, id) => id)
  expect(drawClips(clips.slice(0, 500), 1)).toEqual(clips.slice(0, 500))
  const drawn = drawClips(clips, 1)
  expect(new Set(drawn).size).toBe(500)
  expect(drawn).toEqual([...drawn].sort((a, b) => a - b))
  expect(drawClips(clips, 1)).toEqual(drawn)
  // Of another seed one clip in eight is the same by chance.
  const shared = drawClips(clips, 2).filter((clip) => drawn.includes(clip)).length
  expect(shared).toBeGreaterThan(30)
  expect(shared).toBeLessThan(100)
  // Each part of the clips has its share.
  const firstHalf = drawn.filter((clip) => clip < 2000).length
  expect(Math.abs(firstHalf - 250)).toBeLessThan(50)
})
