import type { NeuronMap, NeuronRow } from '#contract'
import { UsageError } from '../../arguments.ts'
import { fixed, table } from '../../table.ts'
import type { Cell } from '../../table.ts'

/** The number of a neuron. Throws UsageError. */
export function neuronNumber(text: string): number {
  const neuron = Number(text)
  if (!Number.isInteger(neuron) || neuron < 0) {
    throw new UsageError(`--neuron takes the number of a neuron, not "${text}"`)
  }
  return neuron
}

/** Neurons that a probe reads. */
const PROBES = [1, 4, 16]

/** The strongest neuron first. */
export const byDelta = (a: NeuronRow, b: NeuronRow): number => b.delta - a.delta || a.neuron - b.neuron

/**
 * A map by topic: how many neurons stand for it, and the strongest of them; on held-out clips, how that one ranks
 * them, and how well 1, 4 and 16 neurons tell the topic.
 */
export function topicTable(map: NeuronMap): string {
  const alive = map.neurons.filter(({ dead }) => !dead)
  const byTopic = Map.groupBy(alive, ({ topicId }) => topicId)
  const { clips, topics = [] } = map.alignment ?? {}
  const heldOut = new Map(topics.map((topic) => [topic.topicId, topic]))
  return table(
    [
      ...['id', 'topic', 'neurons', 'above shuffled', 'strongest', 'delta', 'shuffled'],
      ...['held-out AP', 'q', ...PROBES.map((neurons) => `AP of ${neurons}`), 'chance'],
    ],
    map.topics.map(({ id, label }): Cell[] => {
      const neurons = (byTopic.get(id) ?? []).toSorted(byDelta)
      const [strongest] = neurons
      return [
        String(id),
        label,
        neurons.length,
        neurons.filter(({ delta, shuffled }) => delta > shuffled).length,
        strongest === undefined ? null : String(strongest.neuron),
        fixed(strongest?.delta, 4),
        fixed(strongest?.shuffled, 4),
        fixed(strongest?.alignment?.precision),
        fixed(strongest?.alignment?.q, 4),
        ...PROBES.map((_, i) => fixed(heldOut.get(id)?.probes[i]?.precision)),
        fixed(clips && (heldOut.get(id)?.bearing ?? 0) / clips),
      ]
    }),
  )
}
