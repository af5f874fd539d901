import { expect, test } from 'vitest'
import { parseNameMapping } from '../../../src-main/formats/captions/name-mapping.ts'
import { refusal } from '../../refusal.ts'

test('either name leads to the other', () => {
  const others = parseNameMapping(
    '-4wsuPCjDBc_5_15 vid1\r\n-7KMZQEsJW4_205_208 vid2\r\n',
    'youtube_mapping.txt',
  )
  expect([others.get('vid2'), others.get('-4wsuPCjDBc_5_15'), others.get('vid3')]).toEqual([
    '-7KMZQEsJW4_205_208',
    'vid1',
    undefined,
  ])
})

test.each([
  ['a b\nc\n', 'm.txt line 2: "c" is not two names of a clip.'],
  ['a b\na c\n', 'm.txt line 2: a is another name of b already.'],
])('%j is refused', (text, message) => {
  expect(refusal(() => parseNameMapping(text, 'm.txt'))).toBe(message)
})
