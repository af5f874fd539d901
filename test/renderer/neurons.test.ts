import { describe, expect, it } from 'vitest'
import type { NeuronMap } from '#contract'
import { chained, heatOrder } from '../../src-renderer/views/neurons/heat.ts'
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
