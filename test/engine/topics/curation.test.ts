/**
 * What curating asks of the engine: splitting a topic, a topic from scratch, the map, words marked in
 * captions.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EngineParams } from '../../../src-main/engine-host/contract/index.ts'
import { leadingEigenvectors, symmetricEigen } from '../../../src-main/engine/topics/eigenvectors.ts'
import { topicHandlers } from '../../../src-main/engine/topics/index.ts'
import { createPacer } from '../../../src-main/engine/pacer.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import { engineContext } from '../context.ts'

const RULE = { builtInStopWords: true, stopWords: [], lemmas: false }
type Split = EngineParams<'topics.split'>

/** A topic that is two: strings and drums, ten clips of each. */
const MUSIC = Array.from({ length: 20 }, (_, id) => ({
  id,
  captions:
    id % 2 === 0
      ? ['a guitar and a violin', 'the violin plays', 'music']
      : ['drums and cymbals', 'cymbals crash', 'music'],
}))
const WORDS = [
  ['violin', 20],
  ['cymbals', 20],
  ['music', 20],
  ['guitar', 10],
  ['drums', 10],
  ['plays', 10],
  ['crash', 10],
  ['rare', 0.6],
].map(([word, count]) => ({ word: word as string, count: count as number }))
const split = (how: Split['how'], documents = MUSIC, words = WORDS, others: Split['others'] = []) =>
  topicHandlers['topics.split']({ documents, others, rule: RULE, phrases: [], words, how }, engineContext())

/** Whatever is split, nothing is lost: counts of words, and shares of clips. */
function expectWhole({ parts, fractions }: Awaited<ReturnType<typeof split>>, words = WORDS): void {
  for (const { word, count } of words) {
    const total = parts
      .flatMap((part) => part.words)
      .filter((entry) => entry.word === word)
      .reduce((sum, entry) => sum + entry.count, 0)
    expect(total).toBeCloseTo(count, 6)
  }
  for (const clip of fractions) {
    expect(clip.fractions.reduce((sum, fraction) => sum + fraction, 0)).toBeCloseTo(1, 6)
  }
  expect(fractions.map(({ id }) => id)).toEqual(MUSIC.map(({ id }) => id))
}

describe('splitting a topic', () => {
  it('proposes the two that it is', async () => {
    const found = await split({ by: 'proposal', seed: 1 })
    expectWhole(found)
    const strings = found.parts.findIndex(({ words }) => words[0]?.word === 'violin')
    const wordsOf = (part: number) =>
      found.parts[part]!.words.filter(({ word }) => !['music', 'rare'].includes(word))
        .map(({ word }) => word)
        .sort()
    expect([wordsOf(strings), wordsOf(1 - strings)]).toEqual([
      ['guitar', 'plays', 'violin'],
      ['crash', 'cymbals', 'drums'],
    ])
    for (const { id, fractions } of found.fractions) {
      expect(fractions[id % 2 === 0 ? strings : 1 - strings]).toBeGreaterThan(0.6)
    }
    expect(await split({ by: 'proposal', seed: 1 })).toEqual(found)
  })

  it('follows words that are put apart, in the order of the parts', async () => {
    const found = await split({ by: 'words', parts: [['drums'], ['guitar', 'music']] })
    expectWhole(found)
    expect(found.parts[0]!.words.map(({ word }) => word)).toContain('cymbals')
    expect(found.parts[1]!.words.map(({ word }) => word)).toEqual(
      expect.arrayContaining(['guitar', 'music', 'violin']),
    )
    expect(found.parts[0]!.words.map(({ word }) => word)).not.toContain('music')
  })

  it('follows clips that are put apart', async () => {
    const found = await split({
      by: 'clips',
      parts: [
        [0, 2],
        [1, 3],
      ],
    })
    expectWhole(found)
    expect(found.fractions.slice(0, 4).map(({ fractions }) => fractions)).toEqual([
      [1, 0],
      [0, 1],
      [1, 0],
      [0, 1],
    ])
    for (const { id, fractions } of found.fractions) {
      expect(fractions[id % 2]).toBeGreaterThan(0.6)
    }
  })

  it('says in a sentence what can not be', async () => {
    await expect(split({ by: 'words', parts: [['drums'], ['trumpet']] })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: 'The topic has no word "trumpet".',
    })
    await expect(split({ by: 'words', parts: [['drums'], ['drums']] })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: 'The word "drums" is in two parts.',
    })
    await expect(split({ by: 'clips', parts: [[0], [77]] })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: 'Clip 77 has no share of the topic.',
    })
    await expect(split({ by: 'proposal', seed: 1 }, MUSIC, WORDS.slice(0, 1))).rejects.toMatchObject({
      code: 'BAD_INPUT',
    })
  })

  it('divides clips that it does not read by the parts that it finds, and no word by them', async () => {
    const mixed = ['a guitar and drums', 'a violin and cymbals', 'the violin plays', 'cymbals crash']
    const others = [
      { id: 100, captions: ['a guitar and a violin'] },
      { id: 101, captions: ['drums and cymbals'] },
      { id: 102, captions: ['music'] },
      // As many as would undo the division if they were read.
      ...Array.from({ length: 200 }, (_, i) => ({ id: 200 + i, captions: mixed })),
    ]
    const alone = await split({ by: 'proposal', seed: 1 })
    const found = await split({ by: 'proposal', seed: 1 }, MUSIC, WORDS, others)
    expect(found.parts).toEqual(alone.parts)
    expect(found.fractions.slice(0, MUSIC.length)).toEqual(alone.fractions)
    const fractionsOf = (clipId: number) => found.fractions.find(({ id }) => id === clipId)!.fractions
    const strings = found.parts.findIndex(({ words }) => words[0]?.word === 'violin')
    expect(fractionsOf(100)[strings]).toBeGreaterThan(0.95)
    expect(fractionsOf(101)[strings]).toBeLessThan(0.05)
    expect(fractionsOf(200)[strings]).toBeCloseTo(0.5, 1)

    const byClips = await split({ by: 'clips', parts: [[0, 102], [1]] }, MUSIC, WORDS, others)
    expect(byClips.fractions.find(({ id }) => id === 102)?.fractions).toEqual([1, 0])
    await expect(
      split({ by: 'clips', parts: [[100], [101]] }, [], WORDS, others.slice(0, 2)),
    ).rejects.toMatchObject({ code: 'BAD_INPUT' })
  })
})

describe('a topic from scratch', () => {
  type Create = EngineParams<'topics.create'>
  const create = (from: Create['from'], vocabulary: string[] = [], others: Create['others'] = []) =>
    topicHandlers['topics.create'](
      { documents: MUSIC, others, rule: RULE, phrases: ['guitar_solo'], vocabulary, from },
      engineContext(),
    )

  it('by words has their counts, and the shares of the clips that say them', async () => {
    const { words, shares } = await create({ by: 'words', words: ['drums', 'Crash'] }, [
      'drums',
      'crash',
      'cymbals',
      'music',
    ])
    expect(words).toEqual([
      { word: 'drums', count: 10 },
      { word: 'crash', count: 10 },
    ])
    expect(shares).toHaveLength(10)
    for (const { id, share } of shares) {
      expect(id % 2).toBe(1)
      expect(share).toBeCloseTo(2 / 5, 6)
    }
    await expect(create({ by: 'words', words: ['tuba'] })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: 'No caption of the clips that topics are found in has the word "tuba".',
    })
    await expect(create({ by: 'words', words: ['two words'] })).rejects.toMatchObject({ code: 'BAD_INPUT' })
  })

  it('by clips has the words that set them apart', async () => {
    const { words, shares } = await create({ by: 'clips', clipIds: [1, 3, 5] })
    expect(words.map(({ word }) => word)).toEqual(expect.arrayContaining(['cymbals', 'drums', 'crash']))
    expect(words.map(({ word }) => word)).not.toContain('violin')
    expect(shares).toEqual([1, 3, 5].map((id) => ({ id, share: 1 })))
    await expect(create({ by: 'clips', clipIds: [99] })).rejects.toMatchObject({ code: 'BAD_INPUT' })
  })

  it('gives clips that are not read their shares, and takes no word from them', async () => {
    const others = [
      { id: 100, captions: ['drums', 'tuba drums'] },
      { id: 101, captions: ['a tuba', 'a violin'] },
    ]
    const byWords = await create({ by: 'words', words: ['drums'] }, [], others)
    expect(byWords.words).toEqual([{ word: 'drums', count: 10 }])
    expect(byWords.shares.at(-1)).toEqual({ id: 100, share: 2 / 3 })
    await expect(create({ by: 'words', words: ['tuba'] }, [], others)).rejects.toMatchObject({
      code: 'BAD_INPUT',
    })
    const byClips = await create({ by: 'clips', clipIds: [1, 3, 100, 101] }, [], others)
    expect(byClips.words).toEqual((await create({ by: 'clips', clipIds: [1, 3] })).words)
    expect(byClips.shares).toEqual([1, 3, 100, 101].map((id) => ({ id, share: 1 })))
    await expect(create({ by: 'clips', clipIds: [100, 101] }, [], others)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message:
        'None of the 2 clips is one that topics are found in, so there are no words to make a topic of.',
    })
  })
})

describe('the map of topics', () => {
  const map = async (topics: EngineParams<'topics.map'>['topics']) =>
    (await topicHandlers['topics.map']({ topics }, engineContext())).points
  const distance = (a: { x: number; y: number }, b: { x: number; y: number }) =>
    Math.hypot(a.x - b.x, a.y - b.y)

  it('keeps distances of three topics to one scale', async () => {
    const topics = [
      { words: [0, 1], counts: [6, 4] },
      { words: [0, 1, 2], counts: [4, 4, 2] },
      { words: [2, 3], counts: [5, 5] },
    ]
    // The square root of the Jensen-Shannon divergence, by its definition.
    const p = topics.map(({ words, counts }) =>
      Array.from({ length: 4 }, (_, w) => (counts[words.indexOf(w)] ?? 0) / counts.reduce((a, b) => a + b)),
    )
    const divergence = (a: number[], b: number[]) =>
      a.reduce((sum, x, w) => {
        const m = (x + b[w]!) / 2
        return sum + (x > 0 ? x * Math.log(x / m) : 0) / 2 + (b[w]! > 0 ? b[w]! * Math.log(b[w]! / m) : 0) / 2
      }, 0)
    const points = await map(topics)
    const pairs = [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const
    const scales = pairs.map(
      ([i, j]) => distance(points[i]!, points[j]!) / Math.sqrt(divergence(p[i]!, p[j]!)),
    )
    for (const scale of scales) {
      expect(scale).toBeCloseTo(scales[0]!, 5)
    }
    expect(Math.max(...points.flatMap(({ x, y }) => [Math.abs(x), Math.abs(y)]))).toBeCloseTo(1, 6)
  })

  it('puts alike topics together, and one alone in the middle', async () => {
    const topic = { words: [0], counts: [3] }
    for (const { x, y } of await map([topic])) {
      expect(Math.hypot(x, y)).toBe(0)
    }
    expect(await map([])).toEqual([])
    const [a, b, c] = await map([topic, { words: [0], counts: [9] }, { words: [1], counts: [1] }])
    expect(distance(a!, b!)).toBeLessThan(1e-6)
    expect(distance(a!, c!)).toBeGreaterThan(0.5)
  })
})

it('finds the leading eigenvectors of a matrix with known ones', async () => {
  const random = createRandom(3)
  const n = 30
  const { vectors } = symmetricEigen(
    Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_unused, j) => Math.cos(i * j + i + j))),
  )
  const values = Array.from({ length: n }, (_, i) => (i < 3 ? 9 - 2 * i : random.next()))
  const matrix = Float64Array.from({ length: n * n }, (_, at) =>
    values.reduce(
      (sum, value, k) => sum + value * vectors[Math.floor(at / n)]![k]! * vectors[at % n]![k]!,
      0,
    ),
  )
  const found = await leadingEigenvectors(matrix, n, 2, createPacer(new AbortController().signal))
  found.forEach(({ value, vector }, k) => {
    expect(value).toBeCloseTo(values[k]!, 8)
    expect(Math.abs(vector.reduce((sum, x, i) => sum + x * vectors[i]![k]!, 0))).toBeCloseTo(1, 8)
  })
})

describe('words marked in captions', () => {
  const mark = async (texts: string[], words: string[], phrases: string[] = []) =>
    (await topicHandlers['topics.mark']({ rule: RULE, phrases, words, texts }, engineContext())).marks
  const marked = async (text: string, words: string[], phrases: string[] = []) =>
    (await mark([text], words, phrases))[0]!.map(([from, to]) => text.slice(from, to))

  it('stand where they were written', async () => {
    expect(await marked('A Dog, the dog & DOGS!', ['dog'])).toEqual(['Dog', 'dog'])
    expect(await marked('😀 naïve CAFE\u0301 — 😀 café', ['café'])).toEqual(['CAFE\u0301', 'café'])
    expect(await marked('a red star and a red dot, red', ['red_star', 'red'], ['red_star'])).toEqual([
      'red star',
      'red',
      'red',
    ])
    expect(await marked('男人在弹吉他', ['吉他'])).toEqual(['吉他'])
    expect(await mark(['', 'nothing here'], ['dog'])).toEqual([[], []])
  })

  it('are whole words, wherever they are', async () => {
    const piece = fc.constantFrom('dog', 'Dog', 'dogs', ' ', ', ', '😀', 'é', 'x', '-')
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const text = pieces.join('')
        const [ranges] = await mark([text], ['dog'])
        expect(ranges!.map(([from, to]) => text.slice(from, to).toLowerCase())).toEqual(
          (text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [])
            .map((word) => word.toLowerCase())
            .filter((word) => word === 'dog'),
        )
      }),
      { numRuns: 60 },
    )
  })
})
