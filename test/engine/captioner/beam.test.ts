/** Beam search against all there is to find, on small random language models. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decoding } from '#contract'
import { createSearch } from '../../../src-main/engine/captioner/decoding/create-search.ts'
import { BeamSearch } from '../../../src-main/engine/captioner/decoding/beam.ts'
import { END, PAD, START, UNKNOWN } from '../../../src-main/engine/captioner/vocabulary.ts'
import { likeliestOf, MOST_WORDS, randomModel, search, WORDS } from './language-model.ts'
import type { LanguageModel } from './language-model.ts'

/** More hypotheses than there are: 1 + 3 + 9 that end and 27 that reach the limit. */
const EVERYTHING = 64
/** The widest beam that may be asked for. */
const EVERYTHING_ASKED = 50

interface Finished {
  words: number[]
  logProbability: number
  /** Words that were chosen: with the end word, unless the limit cut the caption. */
  length: number
}

/** Every caption that can be said. */
function enumerate(model: LanguageModel, prefix: number[] = [], logProbability = 0): Finished[] {
  if (prefix.length === MOST_WORDS) {
    return [{ words: prefix, logProbability, length: MOST_WORDS }]
  }
  const next = model(prefix)
  return [
    { words: prefix, logProbability: logProbability + (next[END] ?? NaN), length: prefix.length + 1 },
    ...WORDS.flatMap((word) => enumerate(model, [...prefix, word], logProbability + (next[word] ?? NaN))),
  ]
}

const run = (model: LanguageModel, beam: number, lengthNormalisation = 1, nBest = 1) =>
  search(model, new BeamSearch(beam, MOST_WORDS, lengthNormalisation, nBest), (row) =>
    likeliestOf(row, beam + 3),
  )
const wordIds = ({ words }: { words: readonly { word: number }[] }): number[] => words.map(({ word }) => word)
const exponent = fc.constantFrom(0, 0.5, 1, 2)

describe('beam search', () => {
  it('finds the best captions there are, best first, when the beam holds everything', () => {
    fc.assert(
      fc.property(fc.nat(), exponent, fc.integer({ min: 1, max: 8 }), (seed, lengthNormalisation, nBest) => {
        const model = randomModel(seed)
        const score = ({ logProbability, length }: Finished) => logProbability / length ** lengthNormalisation
        const best = enumerate(model)
          .sort((a, b) => score(b) - score(a))
          .slice(0, nBest)
        const found = run(model, EVERYTHING, lengthNormalisation, nBest)
        expect(found.map(wordIds)).toEqual(best.map(({ words }) => words))
        found.forEach(({ logProbability }, i) => {
          expect(logProbability).toBeCloseTo(best[i]?.logProbability ?? NaN, 10)
        })
      }),
    )
  })

  it('lists distinct captions, of which fewer are the same ones: the search does not end too early', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        exponent,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        (seed, lengthNormalisation, beam, nBest) => {
          const model = randomModel(seed)
          const all = run(model, beam, lengthNormalisation, beam)
          expect(all).toHaveLength(beam)
          expect(new Set(all.map((caption) => wordIds(caption).join(' '))).size).toBe(beam)
          expect(run(model, beam, lengthNormalisation, Math.min(beam, nBest))).toEqual(all.slice(0, nBest))
        },
      ),
    )
  })

  it('ranks as the model is set, unless it is said how', () => {
    const model = randomModel(8)
    const found = (ofDecoding: number | null, ofModel: number) =>
      search(
        model,
        createSearch(decoding.parse({ beam: EVERYTHING_ASKED, lengthNormalisation: ofDecoding }), 1, {
          maxWords: MOST_WORDS,
          lengthNormalisation: ofModel,
        }),
        (row) => likeliestOf(row, EVERYTHING_ASKED + 3),
      )
    const [summed, byWord] = [run(model, EVERYTHING_ASKED, 0), run(model, EVERYTHING_ASKED, 1)]
    expect(summed.map(wordIds)).not.toEqual(byWord.map(wordIds))
    expect(found(null, 0)).toEqual(summed)
    expect(found(null, 1)).toEqual(byWord)
    expect(found(1, 0)).toEqual(byWord)
    expect(found(0, 1)).toEqual(summed)
  })

  it('follows the likeliest word with a beam of one', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const model = randomModel(seed)
        const expected: number[] = []
        while (expected.length < MOST_WORDS) {
          const next = model(expected)
          const likeliest = [END, ...WORDS].reduce((a, b) => ((next[b] ?? 0) > (next[a] ?? 0) ? b : a))
          if (likeliest === END) {
            break
          }
          expected.push(likeliest)
        }
        expect(run(model, 1).map(wordIds)).toEqual([expected])
      }),
    )
  })

  it('says only real words, whose log-probabilities add up, at any width', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 8 }), (seed, beam) => {
        const model = randomModel(seed)
        for (const { words, logProbability } of run(model, beam, 1, beam)) {
          const ids = wordIds({ words })
          ids.forEach((word, i) => {
            expect([PAD, START, END, UNKNOWN]).not.toContain(word)
            expect(words[i]?.logProbability).toBeCloseTo(model(ids.slice(0, i))[word] ?? NaN, 10)
            expect(words[i]?.attention).toEqual([i])
          })
          const end = ids.length < MOST_WORDS ? (model(ids)[END] ?? NaN) : 0
          expect(words.reduce((sum, word) => sum + word.logProbability, end)).toBeCloseTo(logProbability, 10)
        }
      }),
    )
  })

  it('breaks ties by the smaller word, and of finished captions by the earlier one', () => {
    // Every word and the end are equally likely.
    const even: LanguageModel = () =>
      Float32Array.of(-9, -9, Math.log(0.25), -9, ...WORDS.map(() => Math.log(0.25)))
    expect(run(even, 4, 1, 4).map(wordIds)).toEqual([[], [4], [4, 4], [4, 4, 4]])
  })
})
