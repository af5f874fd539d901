import { describe, expect, it } from 'vitest'
import { tokenize } from '../../src-main/common/tokenize.ts'

describe('tokenize', () => {
  it('lower-cases, splits at everything but letters and digits, and is idempotent', () => {
    expect(tokenize(`It's a  T-shirt, 2 "Öl" pots.`)).toEqual([
      'it',
      's',
      'a',
      't',
      'shirt',
      '2',
      'öl',
      'pots',
    ])
    expect(tokenize(' ... ')).toEqual([])
    const words = tokenize('A man’s dog')
    expect(tokenize(words.join(' '))).toEqual(words)
  })
})
