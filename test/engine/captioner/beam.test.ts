/** Beam search against all there is to find, on small random language models. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BeamSearch } from '../../../src-main/engine/captioner/beam.ts'
import { END, PAD, START, UNKNOWN } from '../../../src-main/engine/captioner/vocabulary.ts'
import { createRandom } from '../../../src-main/engine/random.ts'

const MOST_WORDS = 3
const WORDS = [4, 5, 6]
const V = 7
/** More hypotheses than there are: 1 + 3 + 9 that end and 27 that reach the limit. */
const EVERYTHING = 64

type LanguageModel = (prefix: readonly number[]) => Float32Array

/** Log-probabilities of the next word, drawn anew for every prefix; the words that may never be said are likely. */
function randomModel(seed: number): LanguageModel {
  const known = new Map<string, Float32Array>()
  const random = createRandom(seed)
  return (prefix) => {
    const key = prefix.join(' ')
    let found = known.get(key)
    if (!found) {
      const logits = Array.from({ length: V }, (_, word) => 2 * random.normal() + ([PAD, START, UNKNOWN].includes(word) ? 3 : 0))
      const norm = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0))
      known.set(key, (found = Float32Array.from(logits, (x) => x - norm)))
    }
    return found
  }
}

interface Finished {
  words: number[]
  logProbability: number
  score: number
}

/** Every caption that can be said. */
function enumerate(model: LanguageModel, prefix: number[] = [], logProbability = 0): Finished[] {
  if (prefix.length === MOST_WORDS) return [{ words: prefix, logProbability, score: logProbability / MOST_WORDS }]
  const next = model(prefix)
  const ended = logProbability + (next[END] ?? NaN)
  return [
    { words: prefix, logProbability: ended, score: ended / (prefix.length + 1) },
    ...WORDS.flatMap((word) => enumerate(model, [...prefix, word], logProbability + (next[word] ?? NaN))),
  ]
}

/** Runs a search, with the rows that the search says it continues as the only memory of what was said. */
function run(model: LanguageModel, beam: number) {
  const search = new BeamSearch(beam, V, MOST_WORDS)
  let prefixes: number[][] = [[]]
  for (let step = 0; !search.finished; step++) {
    expect(step).toBeLessThan(MOST_WORDS)
    const fed = search.words
    expect(fed).toEqual(prefixes.map((prefix) => prefix.at(-1) ?? START))
    const scores = new Float32Array(beam * V).fill(NaN)
    prefixes.forEach((prefix, row) => { scores.set(model(prefix), row * V) })
    const before = prefixes
    const parents = search.advance(scores, (row) => [step, row])
    prefixes = parents.map((parent, k) => [...(before[parent] ?? []), search.words[k] ?? -1])
  }
  return search.best()
}

describe('beam search', () => {
  it('finds the caption with the best log-probability per word when the beam holds everything', () => {
    fc.assert(fc.property(fc.nat(), (seed) => {
      const model = randomModel(seed)
      const best = enumerate(model).reduce((a, b) => (b.score > a.score ? b : a))
      const found = run(model, EVERYTHING)
      expect(found.words.map(({ word }) => word)).toEqual(best.words)
      expect(found.logProbability).toBeCloseTo(best.logProbability, 10)
    }))
  })

  it('follows the likeliest word with a beam of one', () => {
    fc.assert(fc.property(fc.nat(), (seed) => {
      const model = randomModel(seed)
      const said: number[] = []
      while (said.length < MOST_WORDS) {
        const next = model(said)
        const likeliest = [END, ...WORDS].reduce((a, b) => ((next[b] ?? 0) > (next[a] ?? 0) ? b : a))
        if (likeliest === END) break
        said.push(likeliest)
      }
      expect(run(model, 1).words.map(({ word }) => word)).toEqual(said)
    }))
  })

  it('says only real words, whose log-probabilities add up, at any width', () => {
    fc.assert(fc.property(fc.nat(), fc.integer({ min: 1, max: 8 }), (seed, beam) => {
      const model = randomModel(seed)
      const { words, logProbability } = run(model, beam)
      const said = words.map(({ word }) => word)
      said.forEach((word, i) => {
        expect(WORDS).toContain(word)
        expect(words[i]?.logProbability).toBeCloseTo(model(said.slice(0, i))[word] ?? NaN, 10)
        expect(words[i]?.attention[0]).toBe(i)
      })
      const end = said.length < MOST_WORDS ? (model(said)[END] ?? NaN) : 0
      expect(words.reduce((sum, word) => sum + word.logProbability, end)).toBeCloseTo(logProbability, 10)
    }))
  })
})
