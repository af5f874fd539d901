import { expect, test } from 'vitest'
import { count, quotedWords, someOf } from '../../src-main/common/text.ts'

test('counts have their noun in the right number', () => {
  expect([0, 1, 1240].map((n) => count(n, 'clip'))).toEqual(['0 clips', '1 clip', '1,240 clips'])
})

test('of many names the first ones stand for all', () => {
  expect(someOf(['a', 'b', 'c'])).toBe('a, b, c')
  expect(someOf(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more')
})

test('words are quoted, however many they are', () => {
  expect(quotedWords(['red'])).toBe('word "red"')
  expect(quotedWords(['red', 'blue'])).toBe('words "red", "blue"')
})
