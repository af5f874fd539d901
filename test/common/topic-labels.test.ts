import { describe, expect, it } from 'vitest'
import { proposeLabels } from '../../src-main/common/topic-labels.ts'

describe('proposeLabels', () => {
  it('prefers distinctive words, passes over forms of one word, and keeps names apart', () => {
    const common = { word: 'man', p: 0.3, corpusP: 0.3 }
    const ride = [
      { word: 'riding', p: 0.3, corpusP: 0.03 },
      { word: 'rides', p: 0.2, corpusP: 0.02 },
      common,
      { word: 'horse', p: 0.2, corpusP: 0.02 },
    ]
    expect(proposeLabels([ride, ride], [null, 'riding, horse'])).toEqual([
      'riding, horse, man',
      'riding, horse',
    ])
    expect(proposeLabels([ride, ride, [], [], [{ word: 'star', p: 1, corpusP: 0.1 }]])).toEqual([
      'riding, horse',
      'riding, horse, man',
      'empty',
      'empty 2',
      'star',
    ])
  })
})
