import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { confusionsOf } from '../../../src-main/project/review/confusions.ts'

describe('what a model says instead', () => {
  it('is counted over the clips, by hand', () => {
    const clips = [
      { clipId: 1, caption: 'a red ball', human: ['a blue ball', 'a blue sphere'] },
      { clipId: 2, caption: 'a red box', human: ['a blue box'] },
      { clipId: 3, caption: 'a green box', human: ['a blue box'] },
      // One of two says it: half of the people.
      { clipId: 4, caption: 'a ball', human: ['a blue ball', 'a ball'] },
      { clipId: 5, caption: 'a ball', human: ['a blue ball'] },
      // One of three does not.
      { clipId: 6, caption: 'a red ball', human: ['a blue ball', 'a ball', 'one ball'] },
    ]
    expect(confusionsOf(clips)).toEqual([
      { says: null, people: 'blue', clips: 5, clipIds: [4, 5] },
      { says: 'red', people: 'blue', clips: 5, clipIds: [1, 2] },
    ])
  })

  it('finds a swap of two words among captions that are right otherwise, whatever they are', () => {
    const word = fc.constantFrom('a', 'cat', 'dog', 'runs', 'sits', 'here', 'there')
    const sentence = fc.array(word, { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(fc.array(sentence, { minLength: 2, maxLength: 8 }), (sentences) => {
        const clips = sentences.map((words, clipId) => ({
          clipId,
          caption: [...words, 'red'].join(' '),
          human: [[...words, 'blue'].join(' ')],
        }))
        expect(confusionsOf(clips)).toEqual([
          { says: 'red', people: 'blue', clips: clips.length, clipIds: clips.map(({ clipId }) => clipId) },
        ])
      }),
    )
  })
})
