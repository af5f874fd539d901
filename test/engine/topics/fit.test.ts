/**
 * Settings of a fit, on corpora whose topics are known: generated ones, and captions about planted things.
 */
import { describe, expect, it } from 'vitest'
import { topicsRequest, topicSweepRequest } from '#contract'
import type { TopicsRequest } from '#contract'
import type { EngineResult } from '../../../src-main/engine-host/contract/index.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import { topicHandlers } from '../../../src-main/engine/topics/index.ts'
import { engineContext } from '../context.ts'
import { asClips, generateCorpus, PLANTED, wordOf } from './generate.ts'

const context = engineContext()
const { 'topics.fit': fit, 'topics.infer': infer, 'topics.sweep': sweep } = topicHandlers
const request = (settings: Omit<TopicsRequest, 'topics'> & { topics?: TopicsRequest['topics'] }) =>
  topicsRequest.parse({ minDocumentFrequency: 1, maxDocumentShare: 1, ...settings })

type Fit = EngineResult<'topics.fit'>
/** A topic's words with their counts, by word. */
const countsOf = ({ model }: Fit, topic: number) =>
  new Map(model.topics[topic]!.counts.map(({ word, count }) => [model.vocabulary[word]!.word, count]))

/** 400 documents of 60 words under ten topics, the first of which is twice as common as the others. */
const generated = generateCorpus({
  documents: 400,
  length: 60,
  vocabulary: 300,
  alpha: [0.2, ...new Array<number>(9).fill(0.1)],
  beta: 0.05,
  seed: 5,
})
const OPTIMISED = { documentPrior: 'optimised', wordPrior: 'optimised' } as const

describe('a generated corpus', () => {
  const documents = asClips(generated)

  it('gives its topics back, and what a result is for', async () => {
    const result = await fit(
      { ...request({ k: 10, iterations: 300, seed: 2, ...OPTIMISED }), documents },
      context,
    )
    const { vocabulary } = result.model
    const fitted = result.model.topics.map(({ counts }) => {
      const total = counts.reduce((sum, { count }) => sum + count, 0)
      return new Map(counts.map(({ word, count }) => [vocabulary[word]!.word, count / total]))
    })
    // Half the sum of differences of p(word | topic): 0 equal, 1 apart. Every true topic has one near it, and
    // no other has the same.
    const nearest = generated.topics.map((truth) => {
      const distances = fitted.map(
        (topic) => truth.reduce((sum, p, word) => sum + Math.abs(p - (topic.get(wordOf(word)) ?? 0)), 0) / 2,
      )
      const smallest = Math.min(...distances)
      expect(smallest).toBeLessThan(0.1)
      return distances.indexOf(smallest)
    })
    expect(new Set(nearest).size).toBe(10)
    // Optimised priors are near the true ones, 0.2 and 0.1, and 0.05.
    nearest.forEach((column, topic) =>
      expect(Math.abs(result.model.topics[column]!.alpha - (topic === 0 ? 0.2 : 0.1))).toBeLessThan(0.04),
    )
    expect(Math.abs(result.model.beta - 0.05)).toBeLessThan(0.02)

    expect(vocabulary.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(400 * 60)
    const word = vocabulary[7]!
    const holders = documents.filter(({ captions: [text = ''] }) => text.split(' ').includes(word.word))
    expect(word.documents).toBe(holders.length)
    expect(result.assignments.every(({ tokens }) => tokens === 60)).toBe(true)
    const counted = result.model.topics
      .flatMap(({ counts }) => counts)
      .reduce((sum, { count }) => sum + count, 0)
    expect(counted).toBeGreaterThan(0.98 * 400 * 60)
    expect(counted).toBeLessThanOrEqual(400 * 60 + 1)
  })

  it('is predicted better with optimised priors, and best with as many topics as it has', async () => {
    const watched = engineContext()
    const params = {
      ...topicSweepRequest.parse({
        minDocumentFrequency: 1,
        maxDocumentShare: 1,
        iterations: 150,
        ks: [10, 3, 10],
        ...OPTIMISED,
      }),
      documents: documents.filter((_, d) => d % 5 !== 0),
      heldOut: documents.filter((_, d) => d % 5 === 0),
    }
    const result = await sweep(params, watched)
    const fixed = await sweep({ ...params, ks: [10], documentPrior: 'fixed', wordPrior: 'fixed' }, context)
    expect(result.points[1]!.heldOut!).toBeGreaterThan(fixed.points[0]!.heldOut! + 0.002)
    expect(result).toMatchObject({ documents: 320, heldOutDocuments: 80, tokens: 320 * 60 })
    expect(result.points.map(({ k }) => k)).toEqual([3, 10])
    expect(result.points[1]!.heldOut!).toBeGreaterThan(result.points[0]!.heldOut! + 0.1)
    for (const { npmi, cv } of result.points) {
      expect(npmi).toBeGreaterThan(-1)
      expect(cv).toBeGreaterThan(0)
    }
    expect(watched.reports.at(-1)).toEqual({
      phase: 'sampling 10 topics',
      done: 2 * 150 * 320 * 60,
      total: 2 * 150 * 320 * 60,
      unit: 'tokens',
    })
    const again = await sweep({ ...params, ks: [3] }, context)
    expect({ ...again.points[0], seconds: 0 }).toEqual({ ...result.points[0], seconds: 0 })
  })

  it('can do without held-out clips, and says when there are too few', async () => {
    const params = {
      ...topicSweepRequest.parse({
        minDocumentFrequency: 1,
        maxDocumentShare: 1,
        iterations: 5,
        ks: [2],
      }),
      documents: documents.slice(0, 7),
      heldOut: [],
    }
    expect((await sweep(params, context)).points[0]!.heldOut).toBeNull()
    await expect(sweep({ ...params, ks: [2, 9] }, context)).rejects.toThrow(
      '9 topics are more than the 7 clips whose captions have words to find topics in.',
    )
  })

  it('stops within a sweep of documents when it is cancelled', async () => {
    const controller = new AbortController()
    const params = {
      ...topicSweepRequest.parse({
        minDocumentFrequency: 1,
        maxDocumentShare: 1,
        iterations: 10_000,
        ks: [10, 20],
      }),
      documents,
      heldOut: [],
    }
    setTimeout(() => controller.abort(), 50)
    await expect(sweep(params, engineContext(controller.signal))).rejects.toThrow('cancelled')
  })
})

/** Clips about one planted thing, twelve words each; every third also says `hot`. */
function plantedClips(clips: number) {
  const random = createRandom(21)
  return Array.from({ length: clips }, (_, id) => {
    const words = Array.from({ length: 12 }, () => PLANTED[id % 4]![random.below(4)]!)
    return { id, captions: [words.join(' '), ...(id % 3 === 0 ? ['hot'] : [])] }
  })
}

describe('given topics', () => {
  const documents = plantedClips(80)
  const settings = (topics: TopicsRequest['topics']) => ({
    ...request({ k: 4, iterations: 100, ...(topics && { topics }) }),
    documents,
  })

  it('grow around their seeds, under their label, at their place', async () => {
    for (const seed of [1, 2, 3]) {
      const result = await fit(
        {
          ...settings([{ label: 'in the kitchen', seeds: ['Onion', 'knife'] }, { seeds: ['traffic'] }]),
          seed,
        },
        context,
      )
      expect(result.topics[0]!.label).toBe('in the kitchen')
      expect([...countsOf(result, 0).keys()]).toEqual(expect.arrayContaining(PLANTED[2]!))
      expect([...countsOf(result, 1).keys()]).toEqual(expect.arrayContaining(PLANTED[3]!))
      // Tokens are counted, not what the seeds stand for.
      const onions = documents
        .flatMap(({ captions: [text = ''] }) => text.split(' '))
        .filter((word) => word === 'onion').length
      expect(countsOf(result, 0).get('onion')).toBeCloseTo(onions, 3)
    }
  })

  it('stay as they are when they are fixed, and the rest finds what is left', async () => {
    const words = [
      { word: 'dog', count: 40 },
      { word: 'onion', count: 20.4 },
      { word: 'unheard', count: 9 },
      { word: 'tail', count: 0.2 },
    ]
    const result = await fit(settings([{ label: 'dogs', fixed: true, words }]), context)
    expect(countsOf(result, 0)).toEqual(
      new Map([
        ['dog', 40],
        ['onion', 20],
      ]),
    )
    expect(result.topics[0]!.words.map(({ word }) => word)).toEqual(['dog', 'onion'])
    const music = result.topics.findIndex((_, topic) => topic > 0 && countsOf(result, topic).has('guitar'))
    expect([...countsOf(result, music).keys()]).toEqual(expect.arrayContaining(PLANTED[0]!))
    // Clips come to it all the same.
    expect(result.assignments[1]!.shares[0]).toBeGreaterThan(0.1)
  })

  it('hold what is pinned, and never what is forbidden', async () => {
    const result = await fit(
      settings([
        { seeds: ['guitar'], pinned: ['knife', 'hot'] },
        { forbidden: ['dog', 'puppy', 'barks', 'tail', 'hot', 'unheard'] },
      ]),
      context,
    )
    for (const word of ['knife', 'hot']) {
      const total = result.model.vocabulary.find((entry) => entry.word === word)!.tokens
      expect(countsOf(result, 0).get(word)).toBeCloseTo(total, 3)
      for (const topic of [1, 2, 3]) {
        expect(countsOf(result, topic).has(word)).toBe(false)
      }
    }
    for (const word of PLANTED[1]!) {
      expect(countsOf(result, 1).has(word)).toBe(false)
    }
  })

  it('are refused in a sentence when they cannot be', async () => {
    const expectRefusal = (topics: TopicsRequest['topics'], message: string) =>
      expect(fit(settings(topics), context)).rejects.toThrow(message)
    await expectRefusal(
      [{ label: 'music', seeds: ['guitar', 'gitar', 'pianoo'] }],
      'The seed words "gitar", "pianoo" of topic "music" are not among the words that topics are found in.',
    )
    await expectRefusal(
      [{}, { pinned: ['the'] }],
      'The pinned word "the" of topic number 2 is not among the words that topics are found in.',
    )
    await expectRefusal(
      [{ fixed: true, words: [{ word: 'unheard', count: 3 }] }],
      'The fixed topic number 1 has no word that occurs in the captions.',
    )
    await expectRefusal(
      [{ fixed: true, words: [{ word: 'dog', count: 3 }], seeds: ['dog'] }],
      'The fixed topic number 1 has seed words.',
    )
    await expectRefusal([{ pinned: ['dog'], forbidden: ['dog'] }], 'No topic may hold the word "dog".')
    await expectRefusal([{}, {}, {}, {}, {}], '5 topics are given, but only 4 are to be found.')
    await expect(fit({ ...settings([]), burnIn: 100 }, context)).rejects.toThrow(
      'A burn-in of 100 sweeps leaves none of 100 to take topics from.',
    )
  })
})

describe('topics.infer', () => {
  it('gives the training clips the topics they have, whatever else is asked, and knows the rule of the words', async () => {
    const documents = plantedClips(80)
    const settings = { topicsPerClip: 2, minShare: 0.2 }
    const { model, assignments } = await fit(
      {
        ...request({
          k: 4,
          iterations: 100,
          ...settings,
          lemmas: true,
          stopWords: ['hot'],
          topics: PLANTED.map(([word = '']) => ({ seeds: [word] })),
        }),
        documents,
      },
      context,
    )
    const params = { model, documents, iterations: 50, seed: 3, ...settings }
    const all = await infer(params, context)
    expect(all.assignments.map(({ id, tokens, active }) => ({ id, tokens, active }))).toEqual(
      assignments.map(({ id, tokens, active }) => ({ id, tokens, active })),
    )
    const few = await infer({ ...params, documents: documents.slice(40, 43) }, context)
    expect(few.assignments).toEqual(all.assignments.slice(40, 43))

    const other = await infer(
      {
        ...params,
        documents: [
          { id: 1, captions: ['Two puppies and their dogs'] },
          { id: 2, captions: ['hot', 'unheard of'] },
          { id: 3, captions: [] },
        ],
      },
      context,
    )
    expect(other.assignments[0]).toMatchObject({ tokens: 2, active: assignments[1]!.active })
    for (const empty of other.assignments.slice(1)) {
      expect(empty).toMatchObject({ tokens: 0, shares: [0, 0, 0, 0], active: [] })
    }
  })
})
