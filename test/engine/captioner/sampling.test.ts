/** Sampling against the distribution that it samples from, on a small random language model. */
import { describe, expect, it } from 'vitest'
import { decoding } from '#contract'
import { createSearch } from '../../../src-main/engine/captioner/decoding/create-search.ts'
import { END } from '../../../src-main/engine/captioner/vocabulary.ts'
import { allOf, MOST_WORDS, randomModel, search, WORDS } from './language-model.ts'

const model = randomModel(8)
const draws = ({ clip = 0, seed = 1, nBest = 50, temperature = 1 }) =>
  search(
    model,
    createSearch(decoding.parse({ method: 'sample', nBest, temperature, seed }), clip, {
      maxWords: MOST_WORDS,
      lengthNormalisation: 1,
    }),
    allOf,
  )
const sentence = ({ words }: { words: readonly { word: number }[] }): string =>
  words.map(({ word }) => word).join(' ')

describe('sampling', () => {
  it.each([0.5, 1, 2])('draws words as often as their softmax at temperature %f says', (temperature) => {
    const [clips, drawsOfClip] = [200, 50]
    const firsts = Array.from({ length: clips }, (_, clip) =>
      draws({ clip, temperature, nBest: drawsOfClip }).map(({ words }) => words[0]?.word ?? END),
    ).flat()
    const weights = [END, ...WORDS].map((word) => Math.exp((model([])[word] ?? NaN) / temperature))
    const total = weights.reduce((a, b) => a + b)
    ;[END, ...WORDS].forEach((word, i) => {
      const p = (weights[i] ?? NaN) / total
      // Five standard errors.
      const tolerance = 5 * Math.sqrt((p * (1 - p)) / firsts.length)
      expect(Math.abs(firsts.filter((first) => first === word).length / firsts.length - p)).toBeLessThan(
        tolerance,
      )
    })
  })

  it('gives every draw its log-probability at temperature 1, likeliest first', () => {
    const drawn = draws({ temperature: 3 })
    for (const caption of drawn) {
      const ids = caption.words.map(({ word }) => word)
      ids.forEach((word, i) => {
        expect(caption.words[i]?.logProbability).toBeCloseTo(model(ids.slice(0, i))[word] ?? NaN, 10)
      })
      const end = ids.length < MOST_WORDS ? (model(ids)[END] ?? NaN) : 0
      expect(caption.logProbability).toBeCloseTo(
        caption.words.reduce((sum, { logProbability }) => sum + logProbability, end),
        10,
      )
    }
    expect(drawn.map(({ logProbability }) => logProbability)).toEqual(
      drawn.map(({ logProbability }) => logProbability).sort((a, b) => b - a),
    )
  })

  it('is the same for the same seed and clip, and the first draws are those of a longer list', () => {
    expect(draws({})).toEqual(draws({}))
    expect(draws({}).map(sentence)).not.toEqual(draws({ seed: 2 }).map(sentence))
    expect(draws({}).map(sentence)).not.toEqual(draws({ clip: 1 }).map(sentence))
    const others = draws({ nBest: 50 }).map(sentence)
    for (const drawn of draws({ nBest: 20 }).map(sentence)) {
      expect(others).toContain(drawn)
      others.splice(others.indexOf(drawn), 1)
    }
  })

  it('comes to the likeliest words as the temperature falls', () => {
    const likeliest = [END, ...WORDS].reduce((a, b) => ((model([])[b] ?? 0) > (model([])[a] ?? 0) ? b : a))
    for (const { words } of draws({ temperature: 0.01 })) {
      expect(words[0]?.word ?? END).toBe(likeliest)
    }
  })
})
