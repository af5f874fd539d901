import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dealSplits, parseSplits } from '../../../src-main/project/corpus/splits.ts'
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
})
