/** Parts of a neuron's range, and what is drawn from them. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { activationRanges } from '../../../src-main/engine/neurons/ranges.ts'

const clipsOf = (means: readonly number[]) => means.map((mean, i) => ({ id: i + 1, mean }))

it('are equally wide, from the highest down, with silent clips by themselves', () => {
  const ranges = activationRanges(clipsOf([0, 4, 0.5, 1, 3.9, 0, 2]), { parts: 4, sample: 9, seed: 1 })
  expect(ranges.map(({ from, to, sampled }) => [from, to, sampled])).toEqual([
    [3, 4, [2, 5]],
    [2, 3, [7]],
    [1, 2, [4]],
    [0, 1, [3]],
    [0, 0, [1, 6]],
  ])
  // One that is below zero somewhere is nowhere silent.
  expect(
    activationRanges(clipsOf([-1, 0, 1]), { parts: 2, sample: 9, seed: 1 }).map(({ ids }) => ids),
  ).toEqual([[2, 3], [1]])
  expect(activationRanges(clipsOf([2, 2]), { parts: 4, sample: 1, seed: 1 })).toMatchObject([
    { from: 2, to: 2, ids: [1, 2] },
  ])
  expect(activationRanges(clipsOf([0, 0]), { parts: 4, sample: 1, seed: 1 })).toMatchObject([
    { from: 0, to: 0, ids: [1, 2] },
  ])
  expect(activationRanges([], { parts: 4, sample: 1, seed: 1 })).toEqual([])
})

it('hold every clip once, between their bounds', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant(0), fc.float({ min: -8, max: 8, noNaN: true })), { maxLength: 60 }),
      fc.integer({ min: 1, max: 6 }),
      (means, parts) => {
        const clips = clipsOf(means)
        const ranges = activationRanges(clips, { parts, sample: 3, seed: 5 })
        expect(ranges.flatMap(({ ids }) => ids).toSorted((a, b) => a - b)).toEqual(clips.map(({ id }) => id))
        for (const { from, to, ids, sampled } of ranges) {
          expect(sampled).toHaveLength(Math.min(3, ids.length))
          expect(new Set(sampled).size).toBe(sampled.length)
          for (const id of ids) {
            const { mean } = clips[id - 1]!
            expect(mean).toBeGreaterThanOrEqual(from - 1e-9)
            expect(mean).toBeLessThanOrEqual(to + 1e-9)
          }
        }
      },
    ),
  )
})

it('are drawn from evenly, and alike for the same seed', () => {
  const clips = clipsOf([...Array.from({ length: 10 }, (_, i) => 9 + i / 10), 0, 0, 0])
  const draw = (seed: number): number[] => activationRanges(clips, { parts: 4, sample: 2, seed })[0]!.sampled
  expect(draw(3)).toEqual(draw(3))
  const times = new Map<number, number>()
  for (let seed = 0; seed < 2000; seed++) {
    for (const id of draw(seed)) {
      times.set(id, (times.get(id) ?? 0) + 1)
    }
  }
  // Each of ten is among two of ten 400 times in 2,000; its deviation is 18.
  for (let id = 1; id <= 10; id++) {
    expect(times.get(id)).toBeGreaterThan(310)
    expect(times.get(id)).toBeLessThan(490)
  }
})
