import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseFrames, frameStacks, timeOfStack } from '../../../src-main/project/corpus/frame-stacks.ts'

describe('stacks of frames', () => {
  it('begin at the first frame and end at the last', () => {
    expect(frameStacks(100, 3, { length: 4, stride: 10 })).toEqual([
      [0, 10, 20, 30],
      [34, 44, 54, 64],
      [69, 79, 89, 99],
    ])
  })

  it('draw their frames together in a short clip, and repeat them in one shorter still', () => {
    expect(frameStacks(10, 2, { length: 4, stride: 8 })).toEqual([[0, 3, 6, 9]])
    expect(frameStacks(2, 5, { length: 4, stride: 1 })).toEqual([[0, 0, 0, 1]])
    expect(frameStacks(1, 5, { length: 3, stride: 1 })).toEqual([[0, 0, 0]])
  })

  it('are one from the first frame to the last in every clip that is shorter than it', () => {
    for (let length = 2; length <= 64; length++) {
      for (let frameCount = 1; frameCount < length; frameCount++) {
        const stacks = frameStacks(frameCount, 8, { length, stride: 1 })
        expect(stacks.map((frames) => [frames[0], frames.at(-1)])).toEqual([[0, frameCount - 1]])
      }
    }
  })

  it('lie in any clip, in order, and none is as another', () => {
    const stack = fc.record({
      length: fc.integer({ min: 1, max: 32 }),
      stride: fc.integer({ min: 1, max: 32 }),
    })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 40 }),
        stack,
        (count, n, of) => {
          const { indices, stacks } = chooseFrames(count, n, of)
          expect(stacks.length).toBeGreaterThan(0)
          expect(stacks.length).toBeLessThanOrEqual(n)
          expect(new Set(stacks.map(String)).size).toBe(stacks.length)
          const frames = stacks.map((places) => places.map((place) => indices[place]!))
          expect(frames).toEqual(frameStacks(count, n, of))
          for (const one of frames) {
            expect(one).toHaveLength(of.length)
            expect(one).toEqual(one.toSorted((a, b) => a - b))
          }
          expect(indices[0]).toBeGreaterThanOrEqual(0)
          expect(indices.at(-1)).toBeLessThan(count)
        },
      ),
    )
  })

  it('are as many as there are frames for an encoder of single frames, and have the time of their middle', () => {
    expect(chooseFrames(8, 4, null)).toEqual({ indices: [0, 2, 4, 6], stacks: [[0], [1], [2], [3]] })
    expect(timeOfStack([1, 2, 3], [0, 0.5, 1, 1.5])).toBe(1)
  })
})
