import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../src-main/common/random.ts'
import { UNCONSTRAINED } from '../../../src-main/engine/topics/constraints.ts'
import type { Constraints } from '../../../src-main/engine/topics/constraints.ts'
import { SparseSampler } from '../../../src-main/engine/topics/sampler.ts'
import type { Priors } from '../../../src-main/engine/topics/sampler.ts'

/** Two documents of three words, four and three tokens; the sampler's order within them. */
const corpus = {
  vocabulary: ['a', 'b', 'c'],
  words: Uint32Array.from([0, 0, 0, 1, 1, 2, 2]),
  starts: Uint32Array.from([0, 4, 7]),
}
const K = 3
/** Of 2,187 states: as many independent draws would be 0.02 apart from the posterior. */
const SWEEPS = 400_000
const priors: Priors = { alpha: Float64Array.from([0.3, 0.7, 0.15]), beta: 0.4 }

/** p(z) of every assignment of topics to the tokens, by the chain rule: each token given those before it. */
function posterior({ counts, fixed, allowed }: Constraints): Map<string, number> {
  const N = corpus.words.length
  const weights = new Map<string, number>()
  for (let state = 0; state < K ** N; state++) {
    const topics = Array.from({ length: N }, (_, i) => Math.floor(state / K ** i) % K)
    const wordTopic = new Map<string, number>()
    const total = new Array<number>(K).fill(0)
    const add = (word: number, topic: number, count: number) => {
      wordTopic.set(`${word} ${topic}`, (wordTopic.get(`${word} ${topic}`) ?? 0) + count)
      total[topic]! += count
    }
    for (const { word, topic, count } of counts) {
      add(word, topic, count)
    }
    let p = 1
    for (let d = 0; d < 2; d++) {
      const documentTopic = new Array<number>(K).fill(0)
      for (let i = corpus.starts[d]!; i < corpus.starts[d + 1]!; i++) {
        const word = corpus.words[i]!
        const topic = topics[i]!
        p *=
          (((wordTopic.get(`${word} ${topic}`) ?? 0) + priors.beta) / (total[topic]! + 3 * priors.beta)) *
          (documentTopic[topic]! + priors.alpha[topic]!)
        documentTopic[topic]! += 1
        if (!fixed.has(topic)) {
          add(word, topic, 1)
        }
        if (!(allowed.get(word)?.includes(topic) ?? true)) {
          p = 0
        }
      }
    }
    weights.set(topics.join(''), p)
  }
  const sum = [...weights.values()].reduce((all, p) => all + p, 0)
  return new Map([...weights].map(([state, p]) => [state, p / sum]))
}

/** How often a chain is in each state. */
function countVisits(
  sampler: SparseSampler,
  sweeps: number,
  beforeSweep: (sweep: number) => void = () => {},
): Map<string, number> {
  const visits = new Map<string, number>()
  for (let sweep = 0; sweep < sweeps; sweep++) {
    beforeSweep(sweep)
    for (let d = 0; d < 2; d++) {
      sampler.sweepDocument(d)
    }
    const state = sampler.topicOf.join('')
    visits.set(state, (visits.get(state) ?? 0) + 1)
  }
  return visits
}

/** Half the sum of differences between the shares of visits and the posterior: 0 equal, 1 apart. */
function distance(visits: ReadonlyMap<string, number>, exact: ReadonlyMap<string, number>): number {
  const sweeps = [...visits.values()].reduce((sum, count) => sum + count, 0)
  return [...exact].reduce((sum, [state, p]) => sum + Math.abs((visits.get(state) ?? 0) / sweeps - p), 0) / 2
}

const distanceUnder = (constraints: Constraints): number =>
  distance(
    countVisits(new SparseSampler(corpus, { k: K, priors, random: createRandom(11), constraints }), SWEEPS),
    posterior(constraints),
  )

describe('SparseSampler', () => {
  it('visits every assignment as often as the posterior has it', () => {
    expect(distanceUnder(UNCONSTRAINED)).toBeLessThan(0.025)
  })

  it('does so with prior counts, a fixed topic and words that some topics may not hold', () => {
    const constraints: Constraints = {
      counts: [
        { word: 0, topic: 0, count: 3 },
        { word: 2, topic: 0, count: 1 },
        { word: 1, topic: 1, count: 2 },
      ],
      fixed: new Set([0]),
      allowed: new Map([[2, Uint16Array.from([0, 2])]]),
      start: new Map([[1, [1]]]),
    }
    expect(distanceUnder(constraints)).toBeLessThan(0.025)
    expect(distanceUnder({ ...constraints, allowed: new Map() })).toBeLessThan(0.025)
  })

  it('is at home with new priors between sweeps', () => {
    const sampler = new SparseSampler(corpus, {
      k: K,
      priors: { alpha: Float64Array.from([5, 5, 5]), beta: 3 },
      random: createRandom(11),
    })
    const visits = countVisits(sampler, SWEEPS, (sweep) => {
      if (sweep === 3) {
        sampler.setPriors(priors)
      }
    })
    expect(distance(visits, posterior(UNCONSTRAINED))).toBeLessThan(0.025)
  })

  it('refuses a word too frequent to count', () => {
    const counts = [{ word: 1, topic: 0, count: 2 ** 21 }]
    expect(
      () =>
        new SparseSampler(corpus, {
          k: 1000,
          priors: { alpha: new Float64Array(1000).fill(0.1), beta: 0.1 },
          random: createRandom(1),
          constraints: { ...UNCONSTRAINED, counts },
        }),
    ).toThrow(
      'The word "b" occurs 2,097,154 times: with 1000 topics a word can be counted up to 2,097,152 times.',
    )
  })
})
