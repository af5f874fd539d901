import fc from 'fast-check'
import { expect, test } from 'vitest'
import { refusal } from '../../refusal.ts'
import { anyPairs, pairs } from './pairs.ts'

test('a number for an id and several captions are understood', () => {
  expect(pairs('{"id":7,"captions":["a","b"]}', 'x.jsonl')).toEqual([
    ['7', 'a'],
    ['7', 'b'],
  ])
})

test.each([
  ['{"video":"a","caption":"one"}\n{"video":"b"\n', 'c.jsonl line 2: the line is no object of JSON.'],
  ['{"video":"a","caption":3}\n', 'c.jsonl line 1: the object of a holds no caption ("caption": "...").'],
  ['{"caption":"one"}\n', 'c.jsonl line 1: the object names no clip ("video": "...").'],
])('%j is refused by line', (text, message) => {
  expect(refusal(() => pairs(text, 'c.jsonl'))).toBe(message)
})

test('what is written is read back', () => {
  fc.assert(
    fc.property(anyPairs, (rows) => {
      const lines = rows.map(([video, caption]) => JSON.stringify({ video, caption }))
      expect(pairs(lines.join('\n'), 'c.jsonl')).toEqual(rows)
    }),
  )
})
