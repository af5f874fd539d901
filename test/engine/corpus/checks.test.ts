/** Faults put into captions are found, and little else is. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EngineParams, TopicModel } from '../../../src-main/engine-host/contract/index.ts'
import { corpusHandlers } from '../../../src-main/engine/corpus/index.ts'
import { oneSlipApart } from '../../../src-main/engine/corpus/typos.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import { engineContext } from '../context.ts'

type Clips = EngineParams<'corpus.check'>['clips']

const SCENES = [
  ['dog', ['runs', 'walks', 'jumps'], ['beach', 'grass', 'street'], ['happily', 'quickly', 'slowly']],
  ['woman', ['slices', 'chops', 'peels'], ['potato', 'onion', 'carrot'], ['carefully', 'kitchen', 'quickly']],
  ['band', ['plays', 'performs', 'rehearses'], ['guitar', 'music', 'drums'], ['stage', 'concert', 'loudly']],
] as const

/** Clips of three kinds with five captions each; and the topics that they are of. */
function corpus(count: number): { clips: Clips; topics: TopicModel } {
  const random = createRandom(7)
  const pick = <T>(choices: readonly T[]): T => choices[random.below(choices.length)]!
  let id = 0
  const clips = Array.from({ length: count }, (_, clip) => {
    const [subject, verbs, objects, adverbs] = SCENES[clip % SCENES.length]!
    return {
      id: clip,
      captions: Array.from({ length: 5 }, () => ({
        id: ++id,
        text: `a ${subject} ${pick(verbs)} with the ${pick(objects)} ${pick(adverbs)}`,
      })),
    }
  })
  const vocabulary = [...new Set(SCENES.flat(2))].map((word) => ({ word, tokens: 10, documents: 10 }))
  const topics = SCENES.map((scene) => ({
    alpha: 0.1,
    counts: [...new Set(scene.flat())].map((word) => ({
      word: vocabulary.findIndex((entry) => entry.word === word),
      count: 10,
    })),
  }))
  return {
    clips,
    topics: {
      vocabulary,
      phrases: [],
      rule: { builtInStopWords: true, stopWords: [], lemmas: false },
      beta: 0.01,
      topics,
    },
  }
}

const check = async (clips: Clips, topics: TopicModel | null = null, signal?: AbortSignal) =>
  (await corpusHandlers['corpus.check']({ clips, topics }, engineContext(signal))).findings
const ofKind = (findings: Awaited<ReturnType<typeof check>>, kind: string) =>
  findings.filter((finding) => finding.kind === kind)
const change = (clips: Clips, captionId: number, text: string): void => {
  for (const { captions } of clips) {
    for (const caption of captions) {
      if (caption.id === captionId) {
        caption.text = text
      }
    }
  }
}

describe('checking captions', () => {
  it('finds typos, and mends them as they were written', async () => {
    const { clips } = corpus(60)
    change(clips, 7, 'A Woamn slices with the potato, KICHEN!')
    change(clips, 12, 'a bnad plays music')
    change(clips, 20, 'a person named Casey runs')
    const typos = ofKind(await check(clips), 'typo')
    expect(typos.map(({ captionId, suggestion }) => [captionId, suggestion])).toEqual([
      [7, 'A Woman slices with the potato, KITCHEN!'],
      [12, 'a band plays music'],
    ])
    expect(typos[0]!.reason).toBe('"woamn" is probably "woman", "kichen" is probably "kitchen".')
  })

  it('finds captions of another clip by their topics', async () => {
    const { clips, topics } = corpus(60)
    const wrong = [3, 48, 100, 151]
    for (const id of wrong) {
      const kind = Math.floor((id - 1) / 5) % SCENES.length
      change(
        clips,
        id,
        ['a band performs music on stage', 'a dog jumps on the beach', 'a woman peels an onion'][kind]!,
      )
    }
    expect(ofKind(await check(clips, topics), 'contradiction').map(({ captionId }) => captionId)).toEqual(
      wrong,
    )
    expect(ofKind(await check(clips), 'contradiction')).toEqual([])
  })

  it('finds foreign lines by script and by words, and does not call their words typos', async () => {
    const { clips } = corpus(60)
    change(clips, 5, 'un homme joue de la guitare')
    change(clips, 9, '一只狗在海滩上奔跑')
    const findings = await check(clips)
    expect(
      ofKind(findings, 'language')
        .map(({ captionId }) => captionId)
        .sort(),
    ).toEqual([5, 9])
    expect(ofKind(findings, 'typo')).toEqual([])
  })

  it('takes a corpus in another language as it is', async () => {
    const { clips } = corpus(60)
    const cyrillic = (text: string): string =>
      text.replaceAll(/[a-z]/g, (letter) => 'абвгдежзийклмнопрстуфхцчшщ'[letter.charCodeAt(0) - 97]!)
    for (const { captions } of clips) {
      for (const caption of captions) {
        caption.text = cyrillic(caption.text)
      }
    }
    change(clips, 9, 'a dog runs on the beach')
    const findings = await check(clips)
    expect(ofKind(findings, 'language').map(({ captionId }) => captionId)).toEqual([9])
    expect(ofKind(findings, 'typo')).toEqual([])
  })

  it('finds repetitions of earlier captions of the clip, and single captions where others have more', async () => {
    const clips = [
      {
        id: 1,
        captions: ['A dog runs.', 'a cat sleeps', 'a dog runs', 'the dog runs', 'a dog rums', 'a bird'].map(
          (text, i) => ({ id: i + 1, text }),
        ),
      },
      { id: 2, captions: [{ id: 10, text: 'a dog runs' }] },
      { id: 3, captions: ['one', 'two', 'three'].map((text, i) => ({ id: 20 + i, text })) },
      { id: 4, captions: [] },
    ]
    const findings = await check(clips)
    expect(ofKind(findings, 'duplicate').map(({ captionId, reason }) => [captionId, reason])).toEqual([
      [3, 'The same words as "A dog runs.".'],
      [4, 'Only function words set it apart from "A dog runs.".'],
      [5, 'One letter sets it apart from "A dog runs.".'],
    ])
    expect(ofKind(findings, 'single').map(({ clipId, captionId }) => [clipId, captionId])).toEqual([
      [2, null],
    ])
    // Where every clip has one, that is how it is.
    expect(await check(clips.slice(1, 2))).toEqual([])
  })

  it('bears a caption of two megabytes, empty ones, and stops when asked to', async () => {
    const { clips, topics } = corpus(12)
    change(clips, 1, 'a dog runs '.repeat(190_000))
    change(clips, 2, '')
    change(clips, 3, '…')
    const findings = await check(clips, topics)
    expect(findings.every(({ reason }) => reason.length < 300)).toBe(true)
    await expect(check(clips, topics, AbortSignal.abort())).rejects.toThrow()
    expect(await check([])).toEqual([])
  })
})

it('tells one slip from more', () => {
  expect(
    [
      ['teh', 'the'],
      ['woman', 'women'],
      ['dg', 'dog'],
      ['dog', 'dog'],
      ['dog', 'god'],
      ['abcd', 'badc'],
    ].map(([a, b]) => oneSlipApart(a!, b!)),
  ).toEqual([true, true, true, false, false, false])
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(letters, letters, (a, b) => {
      expect(oneSlipApart(a, b)).toBe(distance(a, b) === 1)
    }),
  )
})

/** Optimal string alignment by the full table. */
function distance(a: string, b: string): number {
  // The first row and column: all letters of one are inserted. The others are filled in below.
  const table = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_unused, j) => Math.max(i, j)),
  )
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      let best = Math.min(
        table[i - 1]![j]! + 1,
        table[i]![j - 1]! + 1,
        table[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
      )
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, table[i - 2]![j - 2]! + 1)
      }
      table[i]![j] = best
    }
  }
  return table[a.length]![b.length]!
}
