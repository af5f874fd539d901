import { expect, test } from 'vitest'
import { refusal } from '../../refusal.ts'
import { pairs } from './pairs.ts'

test('a header is understood', () => {
  expect(pairs('video\tcaption\nv1\ta dog', 'x.tsv')).toEqual([['v1', 'a dog']])
})

test('a line without a tab is refused', () => {
  expect(refusal(() => pairs('a\tone\n\nb two\n', 'c.txt'))).toBe(
    'c.txt line 3: "b two" has no tab between clip and caption.',
  )
})
