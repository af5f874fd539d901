/** Orders of the heat map: pure functions over delta(j, k). */
import type { NeuronMap } from '#contract'

export type HeatOrder = 'cluster' | 'topic' | 'neuron'

/** Cosine of two rows; 0 where one is zero. */
function cosine(a: readonly number[], b: readonly number[]): number {
  let [product, left, right] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * b[i]!
    left += a[i]! ** 2
    right += b[i]! ** 2
  }
  return left > 0 && right > 0 ? product / Math.sqrt(left * right) : 0
}

/** A chain of rows in which each follows the one that it is most like among those left, from the first on. */
export function chained(rows: readonly (readonly number[])[]): number[] {
  const remaining = new Set(rows.keys())
  const order: number[] = []
  let last: number | undefined = 0
  while (last !== undefined && remaining.delete(last)) {
    order.push(last)
    const from: readonly number[] = rows[last] ?? []
    last = undefined
    let best = -Infinity
    for (const row of remaining) {
      const alike = cosine(from, rows[row] ?? [])
      if (alike > best) {
        ;[best, last] = [alike, row]
      }
    }
  }
  return order
}

/**
 * Columns (topics) and rows (neurons) as they are drawn, by place. `cluster`: topics whose neurons are alike
 * stand together, and neurons under the topic that they stand for, the strongest first; `topic`: the same
 * with topics as they come; `neuron`: both as they come.
 */
export function heatOrder(
  map: NeuronMap,
  deltas: readonly (readonly number[])[],
  order: HeatOrder,
): { topics: number[]; neurons: number[] } {
  const plain = { topics: [...map.topics.keys()], neurons: [...map.neurons.keys()] }
  if (order === 'neuron') {
    return plain
  }
  const columns = map.topics.map((_, k) => deltas.map((row) => row[k] ?? 0))
  const topics = order === 'cluster' ? chained(columns) : plain.topics
  const placeOf = new Map(topics.map((column, place) => [map.topics[column]?.id ?? -1, place]))
  const place = (index: number): number => placeOf.get(map.neurons[index]?.topicId ?? -1) ?? topics.length
  const neurons = plain.neurons.sort(
    (a, b) => place(a) - place(b) || (map.neurons[b]?.delta ?? 0) - (map.neurons[a]?.delta ?? 0) || a - b,
  )
  return { topics, neurons }
}
