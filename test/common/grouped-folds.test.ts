import fc from 'fast-check'
import { expect, it } from 'vitest'
import { dealFolds } from '../../src-main/common/grouped-folds.ts'
import { createRandom } from '../../src-main/common/random.ts'

const folds = fc.integer({ min: 2, max: 5 })

it('keeps groups whole, and gives every fold some where there are enough', () => {
  const clip = fc.record({ class: fc.nat(3), group: fc.nat(7).map(String) })
  fc.assert(
    fc.property(fc.array(clip, { minLength: 1, maxLength: 60 }), folds, fc.nat(), (clips, k, seed) => {
      const foldOf = dealFolds(clips, k, createRandom(seed))
      const foldsOfGroup = Map.groupBy(clips.keys(), (place) => clips[place]!.group)
      for (const places of foldsOfGroup.values()) {
        expect(new Set(places.map((place) => foldOf[place])).size).toBe(1)
      }
      expect(new Set(foldOf).size).toBeLessThanOrEqual(Math.min(k, foldsOfGroup.size))
      expect(foldOf).toEqual(dealFolds(clips, k, createRandom(seed)))
    }),
  )
})

it('spreads every class as evenly as it goes where each clip is a group of its own', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2), { maxLength: 40 }), folds, fc.nat(), (labels, k, seed) => {
      const clips = labels.map((label, i) => ({ class: label, group: String(i) }))
      const foldOf = dealFolds(clips, k, createRandom(seed))
      for (let label = 0; label < 3; label++) {
        const sizes = Array.from(
          { length: k },
          (_, fold) => labels.filter((other, i) => other === label && foldOf[i] === fold).length,
        )
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      }
    }),
  )
})
