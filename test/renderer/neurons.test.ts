import { describe, expect, it } from 'vitest'
import type { NeuronMap, NeuronRow } from '#contract'
import { chained, heatOrder } from '../../src-renderer/views/neurons/heat.ts'
import { CONDITIONS, countsOf, filtered, inOrder } from '../../src-renderer/views/neurons/listing.ts'
import type { NeuronColumn, NeuronFilter } from '../../src-renderer/views/neurons/listing.ts'
import { rowsOf } from '../../src-renderer/views/corrections/versions.ts'

describe('the heat map', () => {
  it('chains rows that are alike', () => {
    expect(
      chained([
        [1, 0, 0],
        [0, 1, 0],
        [1, 0.1, 0],
        [0, 1, 0.2],
      ]),
    ).toEqual([0, 2, 1, 3])
    expect(chained([])).toEqual([])
    expect(chained([[0], [0]])).toEqual([0, 1])
  })

  it('puts neurons under the topics that they stand for, the strongest first', () => {
    const neuron = (id: number, topicId: number, delta: number) => ({ neuron: id, topicId, delta })
    const map = {
      topics: [
        { id: 7, label: 'a' },
        { id: 8, label: 'b' },
      ],
      neurons: [neuron(0, 8, 1), neuron(1, 7, 2), neuron(2, 8, 3)],
    } as unknown as NeuronMap
    const deltas = [
      [0, 1],
      [2, 0],
      [0, 3],
    ]
    expect(heatOrder(map, deltas, 'neuron')).toEqual({ topics: [0, 1], neurons: [0, 1, 2] })
    expect(heatOrder(map, deltas, 'topic')).toEqual({ topics: [0, 1], neurons: [1, 2, 0] })
    const clustered = heatOrder(map, deltas, 'cluster')
    expect(clustered.topics.toSorted()).toEqual([0, 1])
    expect(clustered.neurons.toSorted()).toEqual([0, 1, 2])
  })
})

describe('the list of neurons', () => {
  const row = (neuron: number, change: Partial<NeuronRow> = {}): NeuronRow => ({
    neuron,
    part: 'forward',
    topicId: 7,
    topicLabel: 'red',
    delta: 0.5,
    runnerUpId: null,
    runnerUpLabel: '',
    margin: 0.5,
    shuffled: 0.1,
    dead: false,
    polysemantic: false,
    alignment: { precision: 0.9, auc: 0.9, p: 0.001, q: 0.01 },
    judged: null,
    ...change,
  })
  const neurons = [
    row(0),
    row(1, { topicId: null, topicLabel: '', delta: 0, dead: true, alignment: null }),
    row(2, { topicId: 8, topicLabel: 'checkered', delta: 0.9, polysemantic: true, part: 'backward' }),
    row(3, {
      delta: 0.2,
      alignment: { precision: 0.3, auc: 0.5, p: 0.4, q: 0.6 },
      judged: { verdict: 'disagree', label: 'Warm Colours', note: 'and orange' },
    }),
  ]
  const words = new Map([[8, ['squares', 'pattern']]])
  const found = (filter: Partial<NeuronFilter>): number[] =>
    filtered(neurons, { topicId: null, text: '', conditions: {}, ...filter }, words).map(
      ({ neuron }) => neuron,
    )

  it('is searched by the beginnings of words: topics, their words, what people wrote, numbers', () => {
    expect([found({ text: 'red' }), found({ text: 'patt' }), found({ text: 'warm  ORANGE' })]).toEqual([
      [0, 3],
      [2],
      [3],
    ])
    expect([found({ text: '1' }), found({ text: 'ed' }), found({ text: '  ' })]).toEqual([
      [1],
      [],
      [0, 1, 2, 3],
    ])
  })

  it('is filtered by conditions that combine, each choice with how many it would leave', () => {
    expect(found({ topicId: 7 })).toEqual([0, 3])
    expect(found({ conditions: { heldOut: 'significant', part: 'forward' } })).toEqual([0])
    expect(found({ conditions: { people: 'disagree' } })).toEqual([3])
    expect(found({ conditions: { state: 'dead' } })).toEqual([1])
    const filter = {
      topicId: null,
      text: '',
      conditions: { heldOut: 'significant', part: 'forward' },
    } as const
    const counts = countsOf('part', neurons, filter, words)
    expect(counts.map(({ value, count }) => [value, count])).toEqual([
      ['feature', 0],
      ['forward', 1],
      ['backward', 1],
      ['activation', 0],
    ])
    // Whatever else is asked for, what a choice counts is what it leaves.
    for (const { key } of CONDITIONS) {
      for (const { value, count } of countsOf(key, neurons, filter, words)) {
        expect(found({ conditions: { ...filter.conditions, [key]: value } })).toHaveLength(count)
      }
    }
  })

  it('is ordered by any column either way; those without a value come last', () => {
    const ordered = (by: NeuronColumn, down: boolean): number[] =>
      neurons.toSorted(inOrder({ by, down })).map(({ neuron }) => neuron)
    expect(ordered('delta', true)).toEqual([2, 0, 3, 1])
    expect(ordered('neuron', false)).toEqual([0, 1, 2, 3])
    expect(ordered('precision', true)).toEqual([2, 0, 3, 1])
    expect(ordered('precision', false)).toEqual([3, 2, 0, 1])
    expect(ordered('topic', false)).toEqual([2, 0, 3, 1])
    expect(ordered('topic', true)).toEqual([0, 3, 2, 1])
  })
})

it('corrections stand by version under the queue', () => {
  const correction = (id: number, state: 'queued' | 'proposed' | 'accepted', model: number | null) =>
    ({ id, state, model, parent: 1, createdAt: String(id) }) as Parameters<typeof rowsOf>[0][number]
  const rows = rowsOf([
    correction(4, 'queued', null),
    correction(3, 'proposed', 9),
    correction(2, 'proposed', 9),
    correction(1, 'accepted', 5),
  ])
  expect(rows.map((row) => [row.type, row.corrections.map(({ id }) => id)])).toEqual([
    ['queue', [4]],
    ['version', [2, 3]],
    ['version', [1]],
  ])
})
