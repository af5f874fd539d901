import { expect, test } from 'vitest'
import { decodeText } from '../../src-main/formats/text/text-file.ts'
import { refusal } from '../refusal.ts'

test('text that is not UTF-8 is refused by line', () => {
  const bytes = Buffer.concat([Buffer.from('a\tna\u00efve\n'), Buffer.from('b\tna\u00efve\n', 'latin1')])
  expect(refusal(() => decodeText(bytes, 'c.txt'))).toBe('c.txt line 2: the text is not UTF-8.')
})
