import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCaptions } from '../../../src-main/project/corpus/captions-file.ts'
import { dealSplits, parseSplits } from '../../../src-main/project/corpus/splits.ts'
import { decodeText } from '../../../src-main/project/corpus/text-file.ts'

const pairs = (text: string, file: string) =>
  parseCaptions(text, file).map(({ clip, caption }) => [clip, caption])
const fault = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    return (error as Error).message
  }
  return 'no error'
}

describe('caption files', () => {
  test('the three formats say the same', () => {
    const expected = [
      ['a.mp4', 'a dog, running'],
      ['b', 'a "big" cat'],
    ]
    expect(pairs('frame,caption,Video\n1,"a dog, running",a.mp4\n2,"a ""big"" cat",b\n', 'x.csv')).toEqual(
      expected,
    )
    expect(pairs('\uFEFFa.mp4\ta dog, running\r\n\r\nb\ta "big"  cat\r\n', 'x.txt')).toEqual(expected)
    expect(
      pairs('{"video":"a.mp4","caption":"a dog, running"}\n{"id":"b","captions":["a \\"big\\" cat"]}', 'x'),
    ).toEqual(expected)
  })

  test('a header, a semicolon and a number for an id are understood', () => {
    expect(pairs('video\tcaption\nv1\ta dog', 'x.tsv')).toEqual([['v1', 'a dog']])
    expect(pairs('id;caption\n7;a dog, sitting', 'x.csv')).toEqual([['7', 'a dog, sitting']])
    expect(pairs('{"id":7,"captions":["a","b"]}', 'x.jsonl')).toEqual([
      ['7', 'a'],
      ['7', 'b'],
    ])
  })

  test.each([
    [
      'video,caption\na,one\nb\n',
      'c.csv',
      'c.csv line 3: the row has another number of columns than the header.',
    ],
    ['video,caption\na,"one\nb,two\n', 'c.csv', 'c.csv line 2: a quote is opened and never closed.'],
    ['video,caption\na, \n', 'c.csv', 'c.csv line 2: the caption of a is empty.'],
    ['a,b\n1,2\n', 'c.csv', 'c.csv line 1: the header names no clip and caption columns (it reads a,b).'],
    ['a\tone\n\nb two\n', 'c.txt', 'c.txt line 3: "b two" has no tab between clip and caption.'],
    [
      '{"video":"a","caption":"one"}\n{"video":"b"\n',
      'c.jsonl',
      'c.jsonl line 2: the line is not valid JSON.',
    ],
    [
      '{"video":"a","caption":3}\n',
      'c.jsonl',
      'c.jsonl line 1: the object of a holds no caption ("caption": "...").',
    ],
    ['{"caption":"one"}\n', 'c.jsonl', 'c.jsonl line 1: the object names no clip ("video": "...").'],
    ['', 'c.csv', 'c.csv holds no captions.'],
    ['video,caption\n', 'c.csv', 'c.csv holds no captions.'],
  ])('%j in %s is refused by line', (text, file, message) => {
    expect(fault(() => parseCaptions(text, file))).toBe(message)
  })

  test('text that is not UTF-8 is refused by line', () => {
    const bytes = Buffer.concat([Buffer.from('a\tna\u00efve\n'), Buffer.from('b\tna\u00efve\n', 'latin1')])
    expect(fault(() => decodeText(bytes, 'c.txt'))).toBe('c.txt line 2: the text is not UTF-8.')
  })

  test('what is written as CSV or JSON lines is read back', () => {
    const word = fc
      .string({ minLength: 1, unit: 'grapheme' })
      .map((text) => text.trim().replace(/\s+/g, ' '))
      .filter((text) => text !== '' && !text.includes('\uFEFF'))
    const entries = fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 20 })
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
    fc.assert(
      fc.property(entries, (rows) => {
        expect(
          pairs(`video,caption\n${rows.map((row) => row.map(quoted).join(',')).join('\n')}\n`, 'c.csv'),
        ).toEqual(rows)
        expect(
          pairs(rows.map(([video, caption]) => JSON.stringify({ video, caption })).join('\n'), 'c.jsonl'),
        ).toEqual(rows)
      }),
    )
  })
})

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
    expect(fault(() => parseSplits('a\ttrain\nb\thalf\n', 's.tsv'))).toBe(
      's.tsv line 2: "b\thalf" is not id<TAB>split.',
    )
    expect(fault(() => parseSplits('a\ttrain\na\ttest\n', 's.tsv'))).toBe(
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
    expect(fault(() => dealSplits(['a'], [0, 0, 0]))).toContain('are not three shares')
  })
})
