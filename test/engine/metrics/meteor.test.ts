import { describe, expect, it } from 'vitest'
import { Meteor } from '../../../src-main/engine/metrics/meteor.ts'
import { stem } from '../../../src-main/engine/metrics/stemmer.ts'
import { loadWordNet } from '../../../src-main/engine/metrics/wordnet.ts'
import fixture from './meteor.json' with { type: 'json' }

const words = (sentence: string) => sentence.split(' ')

describe('stem', () => {
  it('equals nltk’s PorterStemmer', () => {
    expect(Object.fromEntries(Object.keys(fixture.stems).map((word) => [word, stem(word)]))).toEqual(
      fixture.stems,
    )
  })
})

describe('METEOR', () => {
  it('equals nltk’s meteor_score, without synonyms and with those of the same WordNet', async () => {
    const wordNet = await loadWordNet()
    const [plain, full] = [new Meteor(null), new Meteor((form) => wordNet.synonyms(form))]
    for (const { hypothesis, references, ...expected } of fixture.cases) {
      const sentences = references.map(words)
      expect(Math.abs(plain.score(words(hypothesis), sentences) - expected.plain), hypothesis).toBeLessThan(
        1e-12,
      )
      expect(Math.abs(full.score(words(hypothesis), sentences) - expected.synonyms), hypothesis).toBeLessThan(
        1e-12,
      )
    }
  })

  it('is 0 without a match or a word', () => {
    const meteor = new Meteor(null)
    expect([
      meteor.score(['cat'], [['dog']]),
      meteor.score([], [['dog']]),
      meteor.score(['cat'], [[]]),
      meteor.score([], [[]]),
    ]).toEqual([0, 0, 0, 0])
  })
})

describe('WordNet', () => {
  it('finds synonyms of regular and irregular forms, in every part of speech, and of no unknown word', async () => {
    const wordNet = await loadWordNet()
    expect([...wordNet.synonyms('bicycles')]).toEqual(
      expect.arrayContaining(['bike', 'bicycle', 'cycle', 'pedal']),
    )
    expect([...wordNet.synonyms('children')]).toContain('kid')
    expect([...wordNet.synonyms('rode')]).toContain('ride')
    expect([...wordNet.synonyms('quickly')]).toContain('rapidly')
    // The first and the last line of an index file.
    expect(wordNet.synonyms("'hood").has("'hood") && wordNet.synonyms('zymotic').has('zymotic')).toBe(true)
    for (const unknown of ['xyzzy', '', 's', ' ', 'é', '~']) {
      expect([...wordNet.synonyms(unknown)].filter((lemma) => lemma === undefined || lemma === '')).toEqual(
        [],
      )
    }
    expect(wordNet.synonyms('xyzzy').size).toBe(0)
  })
})
