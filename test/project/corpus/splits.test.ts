import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseSplits } from '../../../src-main/project/corpus/split-files.ts'
import { dealGroups, dealSplits, presentShares } from '../../../src-main/project/corpus/splits.ts'
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

  test('shares are dealt exactly, and by name alone', async () => {
    const names = fc.uniqueArray(fc.string(), { minLength: 3, maxLength: 60 })
    const share = fc.integer({ min: 1, max: 100 })
    await fc.assert(
      fc.asyncProperty(names, fc.tuple(share, share, share), async (clips, shares) => {
        const dealt = await dealSplits(clips, shares)
        const sum = shares.reduce((a, b) => a + b)
        const exact = ['train', 'val', 'test'].map((split, i) => ({
          count: dealt.filter((other) => other === split).length,
          ideal: (clips.length * (shares[i] ?? 0)) / sum,
        }))
        for (const { count, ideal } of exact) {
          expect(count).toBeGreaterThanOrEqual(1)
          expect(count).toBeLessThan(Math.max(ideal, 1) + 1)
        }
        expect(await dealSplits(clips.toReversed(), shares)).toEqual(dealt.toReversed())
      }),
    )
    await expect(dealSplits(['a'], [0, 0, 0])).rejects.toThrow('are not three shares')
  })

  test('clips that come later are dealt so that all of them keep the shares, and those that are there stay', async () => {
    const count = fc.nat(30)
    const share = fc.integer({ min: 1, max: 10 })
    await fc.assert(
      fc.asyncProperty(
        fc.record({ train: count, val: count, test: count }),
        fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 30 }),
        fc.tuple(share, share, share),
        async (present, batches, shares) => {
          const counts = { ...present }
          let name = 0
          for (const size of batches) {
            const dealt = await dealSplits(
              Array.from({ length: size }, () => `clip ${name++}`),
              shares,
              { present: counts },
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

describe('a split file may be', () => {
  const read = (text: string, file = 's.tsv') =>
    parseSplits(text, file).map(({ clip, split }) => `${clip} ${split}`)
  const EXPECTED = ['a train', 'b val', 'c test']

  test.each([
    ['lines with tabs', 'a\ttrain\nb\tvalidate\nc\ttest\n'],
    ['lines with spaces', 'a train\nb dev\nc test\n'],
    ['lines of old Macs', 'a\ttrain\rb\tval\rc\ttest\r'],
    ['a table', 'split,video_id,url\nTrain,a,x\nValid,b,y\nTest,c,z\n'],
    ['a table of subsets', 'video,subset\na,training\nb,validation\nc,testing\n'],
    ['lists by split', '{"restval": ["a"], "val": ["b"], "test": ["c"]}'],
    ['splits by clip', '{"a": "train", "b": "validation", "c": "test"}'],
  ])('%s', (_, text) => {
    expect(read(text)).toEqual(EXPECTED)
  })

  test('a list that is called by its split', () => {
    expect(read('a.jpg\nb c.jpg\n', 'Flickr_8k.devImages.txt')).toEqual(['a.jpg val', 'b c.jpg val'])
    expect(refusal(() => read('a.jpg\nb.jpg\n', 'images.txt'))).toBe(
      'images.txt line 1: "a.jpg" is not id<TAB>split.',
    )
  })
})

test('groups stay together, those that are settled where they are, and the counts come near the shares', async () => {
  const clips = Array.from({ length: 40 }, (_, n) => ({ name: `v${n}`, group: `g${n >> 2}` }))
  const splits = await dealGroups(clips, [0.5, 0.25, 0.25], { settled: new Map([['g3', 'test']]) })
  const byGroup = Map.groupBy(splits.keys(), (n) => clips[n]!.group)
  expect([...byGroup.values()].every((places) => new Set(places.map((n) => splits[n])).size === 1)).toBe(true)
  expect(splits[12]).toBe('test')
  expect(['train', 'val', 'test'].map((split) => splits.filter((name) => name === split).length)).toEqual([
    20, 12, 8,
  ])
  const alone = clips.map(({ name }) => ({ name, group: null }))
  expect(await dealGroups(alone, [0.5, 0.25, 0.25], { settled: new Map() })).toEqual(
    await dealSplits(
      clips.map(({ name }) => name),
      [0.5, 0.25, 0.25],
    ),
  )
})
