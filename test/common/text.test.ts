import { expect, test } from 'vitest'
import { count, quoted, someOf } from '../../src-main/common/text.ts'

test('counts have their noun in the right number', () => {
  expect([0, 1, 1240].map((n) => count(n, 'clip'))).toEqual(['0 clips', '1 clip', '1,240 clips'])
})

test('of many names the first ones stand for all', () => {
  expect(someOf(['a', 'b', 'c'])).toBe('a, b, c')
  expect(someOf(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more')
})

test('words are quoted, however many they are', () => {
  expect(quoted(['red'])).toBe('"red"')
  expect(quoted(['red', 'blue'])).toBe('"red", "blue"')
})
