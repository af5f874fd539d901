import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dealSplits, parseSplits, presentShares } from '../../../src-main/project/corpus/splits.ts'
import { refusal } from '../../refusal.ts'

describe('splits', () => {
  test('a split file is read, and refused by line', () => {
    expect(
      parseSplits('id\tsplit\na\ttrain\nb\tvalidation\na\ttrain\n', 's.tsv').map(({ clip, split }) => [
        clip,
        split,
      ]),
    ).toEqual([
      ['a', 'train'],
      ['b', 'val'],
    ])
    expect(refusal(() => parseSplits('a\ttrain\nb\thalf\n', 's.tsv'))).toBe(
      's.tsv line 2: "b\thalf" is not id<TAB>split.',
    )
    expect(refusal(() => parseSplits('a\ttrain\na\ttest\n', 's.tsv'))).toBe(
      's.tsv line 2: a is in test here and in train above.',
    )
  })

  test('shares are dealt exactly, and by name alone', () => {
    const names = fc.uniqueArray(fc.string(), { minLength: 3, maxLength: 60 })
    const share = fc.integer({ min: 1, max: 100 })
    fc.assert(
      fc.property(names, fc.tuple(share, share, share), (clips, shares) => {
        const dealt = dealSplits(clips, shares)
        const sum = shares.reduce((a, b) => a + b)
        const exact = ['train', 'val', 'test'].map((split, i) => ({
          count: dealt.filter((other) => other === split).length,
          ideal: (clips.length * (shares[i] ?? 0)) / sum,
        }))
        for (const { count, ideal } of exact) {
          expect(count).toBeGreaterThanOrEqual(1)
          expect(count).toBeLessThan(Math.max(ideal, 1) + 1)
        }
        expect(dealSplits(clips.toReversed(), shares)).toEqual(dealt.toReversed())
      }),
    )
    expect(refusal(() => dealSplits(['a'], [0, 0, 0]))).toContain('are not three shares')
  })

  test('clips that come later are dealt so that all of them keep the shares, and those that are there stay', () => {
    const count = fc.nat(30)
    const share = fc.integer({ min: 1, max: 10 })
    fc.assert(
      fc.property(
        fc.record({ train: count, val: count, test: count }),
        fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 30 }),
        fc.tuple(share, share, share),
        (present, batches, shares) => {
          const counts = { ...present }
          let name = 0
          for (const size of batches) {
            const dealt = dealSplits(
              Array.from({ length: size }, () => `clip ${name++}`),
              shares,
              counts,
            )
            dealt.forEach((split) => counts[split]++)
          }
          const total = counts.train + counts.val + counts.test
          const sum = shares[0] + shares[1] + shares[2]
          const splits = ['train', 'val', 'test'] as const
          const ideal = splits.map((split, i) => ({
            split,
            // A split that had too many keeps them; the others share the rest.
            count: Math.max((total * (shares[i] ?? 0)) / sum, 1),
          }))
          const isOver = ideal.some(({ split, count }) => present[split] > count + 1)
          const excess = ideal.map(({ split, count }) => Math.abs(counts[split] - count))
          expect(isOver || Math.max(...excess) <= 2).toBe(true)
        },
      ),
    )
  })

  test('the shares that a project has go on, once it has all three splits', () => {
    expect(presentShares({ train: 8, val: 1, test: 1 })).toEqual([8, 1, 1])
    expect(presentShares({ train: 2, val: 0, test: 0 })).toEqual([0.6, 0.1, 0.3])
  })
})
