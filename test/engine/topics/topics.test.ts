import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { topicsRequest } from '#contract'
import { activeTopics } from '../../../src-main/engine/topics/assignments.ts'
import { buildCorpus } from '../../../src-main/engine/topics/corpus.ts'
import { topicHandlers } from '../../../src-main/engine/topics/index.ts'
import type { EngineParams } from '../../../src-main/engine-host/contract/index.ts'
import { createPacer } from '../../../src-main/engine/pacer.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import { engineContext } from '../context.ts'
import { PLANTED } from './generate.ts'

const fit = topicHandlers['topics.fit']
const context = engineContext()
const pause = createPacer(context.signal)

/** Clips about one or two planted topics, twelve content words each, with function words between them. */
function planted(clips: number): { documents: EngineParams<'topics.fit'>['documents']; truth: number[][] } {
  const random = createRandom(21)
  const truth = Array.from({ length: clips }, (_, i) =>
    [...new Set([i % PLANTED.length, random.below(PLANTED.length)])].sort(),
  )
  const documents = truth.map((topics, id) => ({
    id: id + 100,
    captions: topics.map((topic) =>
      Array.from({ length: 12 / topics.length }, () => `the ${PLANTED[topic]![random.below(4)]!} is`).join(
        ' ',
      ),
    ),
  }))
  return { documents, truth }
}

const settings = topicsRequest.parse({
  k: 4,
  iterations: 150,
  minDocumentFrequency: 2,
  maxDocumentShare: 1,
  minShare: 0.2,
})
const wide = topicsRequest.parse({ minDocumentFrequency: 1, maxDocumentShare: 1 })

describe('topics.fit', () => {
  it('recovers planted topics and which clips bear them', async () => {
    const { documents, truth } = planted(80)
    const watched = engineContext()
    const result = await fit({ ...settings, documents }, watched)

    const column = PLANTED.map((words) =>
      result.topics.findIndex((topic) => topic.words[0] && words.includes(topic.words[0].word)),
    )
    expect([...column].sort()).toEqual([0, 1, 2, 3])
    PLANTED.forEach((words, planted) => {
      const topic = result.topics[column[planted]!]!
      expect(topic.words.map(({ word }) => word).sort()).toEqual([...words].sort())
      expect(topic.words.reduce((sum, { p }) => sum + p, 0)).toBeCloseTo(1, 2)
      expect(topic.npmi).toBeGreaterThan(0.2)
      for (const word of topic.label.split(', ')) {
        expect(words).toContain(word)
      }
    })
    result.assignments.forEach(({ id, shares, active }, i) => {
      expect(id).toBe(documents[i]!.id)
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10)
      expect(active).toEqual(truth[i]!.map((topic) => column[topic]!).sort())
    })
    expect(result).toMatchObject({ documents: 80, tokens: 80 * 12, sweeps: 150 })
    expect(watched.reports.at(-1)).toEqual({
      phase: 'sampling topics',
      done: 80 * 12 * 150,
      total: 80 * 12 * 150,
      unit: 'tokens',
    })
  })

  it('repeats under its seed and leaves clips without words without topics', async () => {
    const documents = [
      ...planted(30).documents,
      { id: 1, captions: [] },
      { id: 2, captions: ['It is the one!'] },
    ]
    const run = async (seed: number) => {
      const { topics, assignments } = await fit({ ...settings, documents, seed, iterations: 30 }, context)
      return { topics, assignments }
    }
    const first = await run(5)
    expect(await run(5)).toEqual(first)
    expect(await run(6)).not.toEqual(first)
    expect(first.assignments.slice(-2)).toEqual(
      [1, 2].map((id) => ({ id, tokens: 0, shares: [0, 0, 0, 0], active: [] })),
    )
  })

  it('says in a sentence what cannot be done', async () => {
    const { documents } = planted(10)
    await expect(fit({ ...settings, documents, k: 11 }, context)).rejects.toThrow(
      '11 topics are more than the 10 clips whose captions have words to find topics in.',
    )
    await expect(fit({ ...settings, documents, minDocumentFrequency: 50 }, context)).rejects.toThrow(
      'No word is left to find topics in: of the 18 words of 10 captioned clips, none but stop words occurs in at least 50 and at most 10 clips.',
    )
    await expect(fit({ ...settings, documents: [] }, context)).rejects.toMatchObject({ code: 'BAD_INPUT' })
  })

  it('stops when it is cancelled, between two documents', async () => {
    const { documents } = planted(400)
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 20)
    await expect(
      fit({ ...settings, documents, iterations: 10_000, k: 200 }, engineContext(controller.signal)),
    ).rejects.toThrow('cancelled')
  })
})

describe('buildCorpus', () => {
  it('keeps words within the rule and drops stop words, counting captioned clips only', async () => {
    const documents = [['A red ball.', 'the red ball'], ['A red box'], ['red Ball left'], []].map(
      (captions) => ({ captions }),
    )
    const corpus = await buildCorpus(
      documents,
      { ...wide, minDocumentFrequency: 2, maxDocumentShare: 0.7 },
      pause,
    )
    expect(corpus.vocabulary).toEqual(['ball'])
    expect([...corpus.starts]).toEqual([0, 2, 2, 3, 3])
    expect([...corpus.documentFrequency]).toEqual([2])
    expect((await buildCorpus(documents, wide, pause)).vocabulary).toEqual(['red', 'ball', 'box', 'left'])
  })

  it('takes stop words by the rule', async () => {
    const documents = [{ captions: ['The dogs ride a horse'] }]
    const vocabularyUnder = async (rule: Partial<typeof wide>) =>
      (await buildCorpus(documents, { ...wide, ...rule }, pause)).vocabulary
    expect(await vocabularyUnder({ builtInStopWords: false })).toEqual(['the', 'dogs', 'ride', 'a', 'horse'])
    expect(await vocabularyUnder({ stopWords: ['Horse'] })).toEqual(['dogs', 'ride'])
    // A stop word is one in any form once words are lemmatised.
    expect(await vocabularyUnder({ stopWords: ['dog'], lemmas: true })).toEqual(['ride', 'horse'])
  })

  it('takes words back to their lemmas, the part of speech that is usual', async () => {
    const documents = [
      {
        captions: [
          'Men riding horses in the evening',
          'the knives are cutting carrots under the ceiling',
          'a wedding: children ran, geese flew',
        ],
      },
    ]
    const { vocabulary } = await buildCorpus(documents, { ...wide, lemmas: true }, pause)
    expect(vocabulary).toEqual([
      'man',
      'ride',
      'horse',
      'evening',
      'knife',
      'cut',
      'carrot',
      'under',
      'ceiling',
      'wedding',
      'child',
      'run',
      'goose',
      'fly',
    ])
  })

  it('joins neighbours that belong together, within a caption and without stop words', async () => {
    const other = Array.from({ length: 40 }, (_, i) => `word${i} thing${i}`)
    const documents = [
      ['a sewing machine hums', 'sewing machine', 'old sewing machine'],
      ['the machine is old', 'sewing', 'machine', 'hums at night', 'old hums'],
      other,
    ].map((captions) => ({ captions }))
    const corpus = await buildCorpus(documents, { ...wide, phraseScore: 5 }, pause)
    expect(corpus.phrases).toEqual(['sewing_machine'])
    expect(Array.from(corpus.words.subarray(0, corpus.starts[1]), (word) => corpus.vocabulary[word])).toEqual(
      ['sewing_machine', 'hums', 'sewing_machine', 'old', 'sewing_machine'],
    )
    expect(corpus.read('Sewing machine').map((word) => corpus.vocabulary[word])).toEqual(['sewing_machine'])
    expect(corpus.read('nowhere')).toEqual([-1])
  })

  it('splits scripts without spaces into words', async () => {
    const documents = [
      { captions: ['一个男人在弹吉他', '猫がピアノを弾いている', 'ผู้ชายเล่นกีตาร์', 'a man plays 吉他'] },
    ]
    const { vocabulary } = await buildCorpus(documents, { ...wide }, pause)
    expect(vocabulary).toEqual(
      expect.arrayContaining(['男人', '吉他', '猫', 'ピアノ', 'กีตาร์', 'man', 'plays']),
    )
  })

  it('takes a caption of megabytes, of any script, in its stride', async () => {
    const megabytes = 2 ** 20
    const captions = [
      'dog '.repeat(megabytes / 2),
      '猫'.repeat(megabytes / 2),
      'x'.repeat(2 * megabytes),
      'man plays guitar '.repeat(megabytes / 8),
    ]
    const corpus = await buildCorpus([{ captions }], { ...wide, phraseScore: 1, lemmas: true }, pause)
    expect(corpus.words.length).toBeGreaterThan(megabytes / 2)
    expect(corpus.vocabulary.every((word) => word.length < 10)).toBe(true)
    const result = await fit(
      {
        ...settings,
        documents: [0, 1, 2, 3].map((id) => ({ id, captions })),
        k: 2,
        iterations: 3,
        minDocumentFrequency: 1,
      },
      context,
    )
    expect(result.assignments.map(({ tokens }) => tokens)).toEqual(new Array(4).fill(result.tokens / 4))
  })
})

describe('activeTopics', () => {
  const counts = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 8 })
  const maxTopics = fc.integer({ min: 1, max: 4 })
  const minShares = fc.double({ min: 0, max: 1, noNaN: true })

  it('takes the largest shares within its bounds, and always one where there is any', () => {
    const someCounts = counts.filter((all) => all.some((count) => count > 0))
    fc.assert(
      fc.property(someCounts, maxTopics, minShares, (all, topicsPerClip, minShare) => {
        const total = all.reduce((sum, count) => sum + count, 0)
        const shares = all.map((count) => count / total)
        const active = activeTopics(shares, topicsPerClip, minShare)
        const others = shares.filter((_, column) => !active.includes(column))
        const smallest = Math.min(...active.map((column) => shares[column]!))
        expect(active.length).toBeGreaterThanOrEqual(1)
        expect(active.length).toBeLessThanOrEqual(topicsPerClip)
        expect(smallest).toBeGreaterThan(0)
        expect(smallest).toBeGreaterThanOrEqual(Math.max(0, ...others))
        // The largest may be below the bound, where it is the only one.
        expect(active.length === 1 || smallest >= minShare).toBe(true)
        const passedOver = others.filter((share) => share > 0 && share >= minShare)
        expect(active.length === topicsPerClip || passedOver.length === 0).toBe(true)
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  it('takes none where no topic has a share', () => {
    fc.assert(
      fc.property(counts, maxTopics, minShares, (all, topicsPerClip, minShare) => {
        expect(
          activeTopics(
            all.map(() => 0),
            topicsPerClip,
            minShare,
          ),
        ).toEqual([])
      }),
      { seed: 1, numRuns: 50 },
    )
  })
})
