/** What the window computes on its own: differences of captions, numbers as text, readable colours. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diffWords } from '../../src-renderer/components/review/words.ts'
import { besideOf } from '../../src-renderer/composables/clip-card.ts'
import { inkOn, viridis } from '#chart/colour.ts'
import {
  bytes,
  clock,
  count,
  duration,
  joinPath,
  score,
  signed,
} from '../../src-renderer/composables/format.ts'

const sentence = fc
  .array(fc.constantFrom('a', 'red', 'blue', 'ball', 'rolls'), { maxLength: 12 })
  .map((words) => words.join(' '))

describe('the difference of two captions', () => {
  it('holds the words of both, in their order', () => {
    fc.assert(
      fc.property(sentence, sentence, (before, after) => {
        const diff = diffWords(before, after)
        const without = (change: string): string =>
          diff
            .filter((entry) => entry.change !== change)
            .map((entry) => entry.word)
            .join(' ')
        expect(without('added')).toBe(before)
        expect(without('removed')).toBe(after)
      }),
    )
  })

  it('marks one replaced word and nothing else', () => {
    expect(
      diffWords('a red ball rolls', 'a blue ball rolls').filter((entry) => entry.change !== 'same'),
    ).toEqual([
      { word: 'red', change: 'removed' },
      { word: 'blue', change: 'added' },
    ])
  })
})

it('writes numbers as people read them', () => {
  expect([
    count(1970),
    score(-0.0414),
    score(null),
    signed(0.0121),
    signed(-0.00001),
    clock(3.6),
    clock(4000),
  ]).toEqual(['1,970', '−0.041', '–', '+0.012', '0.000', '0:04', '1:06:40'])
  expect([duration(0.84), duration(200), duration(7500), bytes(0), bytes(4021), bytes(123e9)]).toEqual([
    '0.8 s',
    '3 min 20 s',
    '2 h 5 min',
    '0 B',
    '4.0 kB',
    '123 GB',
  ])
  expect([joinPath('/data/', 'a'), joinPath('C:\\data', 'a')]).toEqual(['/data/a', 'C:\\data\\a'])
})

/** Relative luminance of linear sRGB, and the contrast of WCAG 2. */
const luminance = (rgb: readonly number[]): number => 0.2126 * rgb[0]! + 0.7152 * rgb[1]! + 0.0722 * rgb[2]!
const contrast = (a: number, b: number): number => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)

it('writes on the viridis ramp in ink that reads', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (value) => {
      const colour = viridis(value)
      const linear = colour.map((c) =>
        c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
      )
      expect(contrast(luminance(linear), inkOn(colour) === 'white' ? 1 : 0)).toBeGreaterThanOrEqual(4.5)
    }),
  )
})

it('a card stands beside what it is of, and always within the window', () => {
  const room = { width: 1280, height: 720 }
  const card = { width: 288, height: 280 }
  expect(besideOf({ left: 800, right: 900, top: 100 }, card, room)).toEqual({ left: 504, top: 100 })
  expect(besideOf({ left: 100, right: 180, top: 600 }, card, room)).toEqual({ left: 188, top: 432 })
  fc.assert(
    fc.property(
      fc.record({ left: fc.nat(1280), right: fc.nat(1280), top: fc.integer({ min: -50, max: 760 }) }),
      (anchor) => {
        const { left, top } = besideOf(anchor, card, room)
        expect(left).toBeGreaterThanOrEqual(0)
        expect(left + card.width).toBeLessThanOrEqual(room.width)
        expect(top).toBeGreaterThanOrEqual(0)
        expect(top + card.height).toBeLessThanOrEqual(room.height)
      },
    ),
  )
})
