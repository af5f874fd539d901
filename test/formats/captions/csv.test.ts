import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csv } from '../../../src-main/formats/text/csv.ts'
import { refusal } from '../../refusal.ts'
import { anyPairs, pairs } from './pairs.ts'

test('a semicolon and a number for an id are understood', () => {
  expect(pairs('id;caption\n7;a dog, sitting', 'x.csv')).toEqual([['7', 'a dog, sitting']])
})

test.each([
  ['video,caption\na,one\nb\n', 'c.csv line 3: the row has another number of columns than the header.'],
  ['video,caption\na,"one\nb,two\n', 'c.csv line 2: a quote is opened and never closed.'],
  ['video,caption\na, \n', 'c.csv line 2: the caption of a is empty.'],
  ['a,b\n1,2\n', 'c.csv line 1: the header names no clip and caption columns (it reads a,b).'],
  ['', 'c.csv holds no captions.'],
  ['video,caption\n', 'c.csv holds no captions.'],
])('%j is refused by line', (text, message) => {
  expect(refusal(() => pairs(text, 'c.csv'))).toBe(message)
})

test('what is written is read back', () => {
  fc.assert(
    fc.property(anyPairs, (rows) => {
      expect(pairs([...csv(['video', 'caption'], rows)].join(''), 'c.csv')).toEqual(rows)
    }),
  )
})
