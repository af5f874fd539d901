/**
 * What the Topics view computes on its own: relevance, search, order, rows that are marked, and what the
 * extract dialog asks for.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { extractRequest } from '#contract'
import type { TopicRow } from '#contract'
import { useMarks } from '../../src-renderer/composables/marks.ts'
import {
  keptTopics,
  requestOf,
  seededTopics,
  usualDraft,
} from '../../src-renderer/views/topics/extraction.ts'
import { byRelevance, matching, ordered } from '../../src-renderer/views/topics/order.ts'

const row = (id: number, label: string, words: string[], rest: Partial<TopicRow> = {}): TopicRow => ({
  id,
  label,
  labelled: false,
  description: '',
  hue: null,
  state: 'active',
  words: words.map((word) => ({ word, p: 1 / words.length, lift: 1 })),
  npmi: null,
  size: 0.1,
  clips: id,
  movedClips: 0,
  clearest: [],
  averagePrecision: null,
  ...rest,
})

it('ranks words by probability, by lift, and between', () => {
  const words = [
    { word: 'man', p: 0.4, lift: 1 },
    { word: 'guitar', p: 0.3, lift: 30 },
    { word: 'luthier', p: 0.001, lift: 40 },
    { word: 'gone', p: 0, lift: 0 },
  ]
  const at = (lambda: number): string[] => byRelevance(words, lambda).map(({ word }) => word)
  expect(at(1)).toEqual(['man', 'guitar', 'luthier', 'gone'])
  expect(at(0)).toEqual(['luthier', 'guitar', 'man', 'gone'])
  expect(at(0.6)).toEqual(['guitar', 'man', 'luthier', 'gone'])
})

it('finds topics that have every part of a search in their label or as the beginning of a word', () => {
  const topics = [
    row(1, 'music', ['guitar', 'acoustic_guitar', 'man']),
    row(2, 'kitchen', ['pan', 'man']),
    row(3, 'other', ['thing']),
  ]
  const found = (text: string, rarer: number[] = []): number[] =>
    matching(topics, text, new Set(rarer)).map(({ id }) => id)
  expect([found(''), found('ma'), found('KIT'), found('ma gui'), found('uitar'), found('rare', [3])]).toEqual(
    [[1, 2, 3], [1, 2], [2], [1], [], [3]],
  )
  expect(found('guitar')).toEqual([1])
})

it('orders by a figure, the largest first and none last', () => {
  const topics = [row(1, 'b', [], { npmi: -0.1 }), row(2, 'a', []), row(3, 'c', [], { npmi: 0.2 })]
  expect(ordered(topics, 'npmi').map(({ id }) => id)).toEqual([3, 1, 2])
  expect(ordered(topics, 'label').map(({ id }) => id)).toEqual([2, 1, 3])
})

describe('marks', () => {
  it('give up what a range took when it goes back, and keep what was marked before', () => {
    const keys = [...'abcdef']
    const { chosen, mark } = useMarks(
      () => keys,
      () => 'a',
    )
    mark('toggle', 5, 5)
    mark('range', 1, 2)
    mark('range', 2, 3)
    mark('range', 3, 2)
    expect(chosen.value).toEqual(['b', 'c', 'f'])
    mark('range', 2, 0)
    expect(chosen.value).toEqual(['a', 'b', 'f'])
  })

  it('follow their rows, count only those in the list, and without any the cursor counts', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(20)), fc.array(fc.nat(20)), (keys, toggled) => {
        const { chosen, indices, mark } = useMarks(
          () => keys,
          () => 99,
        )
        const marked = new Set<number>()
        for (const key of toggled.filter((key) => keys.includes(key))) {
          mark('toggle', keys.indexOf(key), keys.indexOf(key))
          if (!marked.delete(key)) {
            marked.add(key)
          }
        }
        expect([...indices.value].map((index) => keys[index])).toEqual(keys.filter((key) => marked.has(key)))
        expect(chosen.value).toEqual(marked.size === 0 ? [99] : keys.filter((key) => marked.has(key)))
      }),
    )
  })
})

it('makes a request of what the dialog holds', () => {
  const topics = [
    row(1, 'a', [], { labelled: true }),
    row(2, 'b', []),
    row(3, 'c', [], { labelled: true, state: 'junk' }),
  ]
  expect(seededTopics('music: guitar, violin\n\npan, knife')).toEqual([
    { label: 'music', seeds: ['guitar', 'violin'] },
    { label: null, seeds: ['pan', 'knife'] },
  ])
  expect(keptTopics('labelled', topics, []).map(({ id }) => id)).toEqual([1])
  expect(keptTopics('none', topics, topics)).toEqual([])
  const draft = {
    ...usualDraft({ k: 30, minDocumentFrequency: 3, maxDocumentShare: 0.5 }),
    stopWords: 'foo, bar baz',
    phrases: true,
    seeds: 'music: guitar',
    keep: 'labelled' as const,
    keepAs: 'start' as const,
  }
  expect(extractRequest.parse(requestOf(draft, keptTopics('labelled', topics, [])))).toMatchObject({
    k: 30,
    burnIn: null,
    stopWords: ['foo', 'bar', 'baz'],
    phraseScore: 10,
    topics: [{ label: 'music', seeds: ['guitar'] }],
    keep: [{ topicId: 1, as: 'start' }],
  })
  expect(
    extractRequest.parse(requestOf(usualDraft({ k: 20, minDocumentFrequency: 3, maxDocumentShare: 0.5 }), []))
      .phraseScore,
  ).toBeNull()
})
