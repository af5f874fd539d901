import { expect, test } from 'vitest'
import {
  CAPTION_EXTENSIONS,
  CAPTION_FORMAT_NAMES,
  CAPTION_FORMATS,
} from '../../../src-main/formats/captions/index.ts'
import { pairs, parseCaptions } from './pairs.ts'

const EXPECTED = [
  ['a.mp4', 'a dog, running'],
  ['b', 'a "big" cat'],
]

test.each([
  ['csv', 'x.csv', 'frame,caption,Video\n1,"a dog, running",a.mp4\n2,"a ""big"" cat",b\n'],
  ['tsv', 'x.txt', '\uFEFFa.mp4\ta dog, running\r\n\r\nb\ta "big"  cat\r\n'],
  ['jsonl', 'x', '{"video":"a.mp4","caption":"a dog, running"}\n{"id":"b","captions":["a \\"big\\" cat"]}'],
])('the formats say the same: %s in %s', (format, file, text) => {
  expect(pairs(text, file)).toEqual(EXPECTED)
  expect(parseCaptions(text, file, format)).toEqual(parseCaptions(text, file))
})

test.each([
  ['a\tb,c', 'x.csv', 'csv'],
  ['a\tb,c', 'x', 'tsv'],
  ['a,b', 'x', 'csv'],
  ['a;b', 'x', 'tsv'],
  ['\n\n {"a,b": 1}\n{"a,b": 2}', 'x.csv', 'jsonl'],
])('%j in %s is told to be %s', (text, file, format) => {
  const outcome = (name?: string) => {
    try {
      return parseCaptions(text, file, name)
    } catch (error) {
      return (error as Error).message
    }
  }
  expect(outcome()).toEqual(outcome(format))
})

test('every format has a name and extensions of its own', () => {
  const names = CAPTION_FORMATS.map(({ name }) => name)
  const extensions = CAPTION_FORMATS.flatMap((format) => format.extensions)
  expect([...CAPTION_FORMAT_NAMES].sort()).toEqual(['auto', ...names].sort())
  expect(new Set(names).size).toBe(names.length)
  expect([...CAPTION_EXTENSIONS].sort()).toEqual([...extensions].sort())
  expect(extensions.filter((extension) => !/^\.[a-z]+$/.test(extension))).toEqual([])
})

test('an unknown format is refused with those that there are', () => {
  expect(() => parseCaptions('a\tb', 'x', 'subrip')).toThrow(
    expect.objectContaining({
      code: 'BAD_INPUT',
      message: 'There is no caption format subrip.',
      remedy: `Use one of ${CAPTION_FORMAT_NAMES.join(', ')}.`,
    }),
  )
})

test('what every format accepts is listed where there is nothing', () => {
  const remedies = CAPTION_FORMATS.map(({ accepts }) => expect.stringContaining(accepts))
  for (const remedy of [expect.stringMatching(/^Accepted are .+, .+, and .+\.$/), ...remedies]) {
    expect(() => parseCaptions('', 'c.csv')).toThrow(expect.objectContaining({ remedy }))
  }
})
