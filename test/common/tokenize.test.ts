import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeTokens, spaceWords, tokenize } from '../../src-main/common/tokenize.ts'

describe('tokenize', () => {
  it('lower-cases, splits at everything but letters and digits', () => {
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
    expect(tokenize('A man’s dog')).toEqual(['a', 'man', 's', 'dog'])
  })

  it('divides scripts without spaces by a dictionary, and no others', () => {
    expect(tokenize('一个男人在骑马。')).toEqual(['一个', '男人', '在', '骑马'])
    expect(tokenize('ผู้ชายขี่ม้า').length).toBeGreaterThan(1)
    expect(tokenize('한 남자가 말을 탄다')).toEqual(['한', '남자가', '말을', '탄다'])
    expect(tokenize('GoPro骑马 2')).toEqual(['gopro', '骑马', '2'])
  })

  it('changes nothing when done twice, finds the same words with their places, and spaces them', () => {
    const text = fc.string({
      unit: fc.constantFrom(...'一个男人在骑马上海滩走のをサーフィンする女性ผู้ชายขี่ม้า aB'),
    })
    fc.assert(
      fc.property(text, (caption) => {
        const words = tokenize(caption)
        expect(tokenize(words.join(' '))).toEqual(words)
        expect(placeTokens(caption).map(({ token }) => token)).toEqual(words)
        expect(tokenize(spaceWords(caption))).toEqual(words)
      }),
      { numRuns: 500 },
    )
    expect(placeTokens('a 骑马上')).toEqual([
      { token: 'a', from: 0, to: 1 },
      { token: '骑马', from: 2, to: 4 },
      { token: '上', from: 4, to: 5 },
    ])
  })
})
