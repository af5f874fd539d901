/** How the times of a part are fitted into its video. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fitPart } from '../../../src-main/project/corpus/import/parts.ts'

const second = fc.double({ min: 0, max: 1e5, noNaN: true })
const fps = fc.constantFrom(8, 23.976, 25, 60)

test('a part lies within its video and holds a frame, or there is none', () => {
  fc.assert(
    fc.property(second, second, second, fps, (start, length, duration, rate) => {
      const part = fitPart({ start, end: start + length }, { duration, fps: rate })
      const frame = 1 / rate
      expect(part === null).toBe(start > duration - frame / 2)
      const { start: from, end: to } = part ?? { start: 0, end: frame }
      expect(to - from).toBeGreaterThanOrEqual(frame / 2 - 0.001)
      expect(to).toBeLessThanOrEqual(Math.max(duration, frame) + 0.001)
      expect(from).toBeCloseTo(part === null ? 0 : start, 2)
    }),
  )
})

test.each([
  [
    { start: 1, end: 2 },
    { start: 1, end: 2 },
  ],
  [
    { start: 1, end: 20 },
    { start: 1, end: 10 },
  ],
  [
    { start: 1, end: 1 },
    { start: 1, end: 1.04 },
  ],
  [{ start: 9.999, end: 12 }, null],
  [
    { start: 0.12345, end: 2.98765 },
    { start: 0.123, end: 2.988 },
  ],
])('%j of ten seconds is %j', (bounds, expected) => {
  expect(fitPart(bounds, { duration: 10, fps: 25 })).toEqual(expected)
})
