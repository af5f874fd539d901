import fc from 'fast-check'
import { expect, it } from 'vitest'
import { placeTags } from '../../src-renderer/components/chart/tags.ts'

const overlap = (a: { x: number; y: number }, b: { x: number; y: number }, letters: number): boolean =>
  Math.abs(a.x - b.x) < 6 * letters && Math.abs(a.y - b.y) < 13

it('words beside points keep off one another, wherever two points lie', () => {
  const coordinate = fc.integer({ min: 0, max: 60 })
  fc.assert(
    fc.property(
      fc.record({ left: coordinate, top: coordinate }),
      fc.record({ left: coordinate, top: coordinate }),
      (a, b) => {
        const [one, other] = placeTags([
          { ...a, tag: 'λ 0.1' },
          { ...b, tag: 'λ 0.3' },
        ])
        expect(overlap(one!, other!, 5)).toBe(false)
      },
    ),
  )
})
