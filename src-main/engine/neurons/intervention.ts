/**
 * Moving a topic's neurons. A topic owns the neurons that its prediction difference singles out; to add the topic they
 * are moved, in every v_i of the clip, toward their mean over training clips that bear it, to drop it toward their mean
 * over those that do not.
 */
import type { ClipIntervention } from '../contract.ts'
import type { NeuronMapFile } from './neuron-map.ts'

/** A topic moves no more than this share of all neurons: its strongest ones. */
const MOST_SHARE = 0.25

export interface NeuronChange {
  neuron: number
  /** The topic's column. */
  topic: number
  /** Where strength 1 puts the neuron. */
  target: number
}

/** The learnt neurons that a topic owns, strongest first: delta above what shuffled topics give, at most a quarter of all. */
export function neuronsOfTopic(map: NeuronMapFile, topic: number): number[] {
  const D = map.shuffled.length
  const delta = (j: number) => map.delta[j * map.topics + topic] ?? 0
  const ranked = Array.from({ length: D }, (_, j) => j).filter((j) => j >= map.firstLearnt && delta(j) > 0).sort((a, b) => delta(b) - delta(a) || a - b)
  const honest = ranked.filter((j) => delta(j) > (map.shuffled[j] ?? 0))
  // A topic that no neuron singles out is still carried by its strongest ones.
  return (honest.length > 0 ? honest : ranked).slice(0, Math.ceil(MOST_SHARE * D))
}

/** What to move and where to; a neuron that several topics own goes where the one with the larger delta wants it. */
export function planIntervention(map: NeuronMapFile, intervention: Pick<ClipIntervention, 'addTopics' | 'dropTopics'>): NeuronChange[] {
  const changes = new Map<number, NeuronChange & { delta: number }>()
  const plan = (topic: number, targets: Float32Array) => {
    for (const neuron of neuronsOfTopic(map, topic)) {
      const delta = map.delta[neuron * map.topics + topic] ?? 0
      const other = changes.get(neuron)
      if (!other || delta > other.delta) changes.set(neuron, { neuron, topic, target: targets[neuron * map.topics + topic] ?? 0, delta })
    }
  }
  for (const topic of intervention.dropTopics) plan(topic, map.absent)
  for (const topic of intervention.addTopics) plan(topic, map.bearing)
  return [...changes.values()].sort((a, b) => b.delta - a.delta).map(({ neuron, topic, target }) => ({ neuron, topic, target }))
}

/** Moves the neurons of place `b` of v [B, n, D] by `strength`, in every valid frame (mask [n, B]); changes `v`. */
export function applyIntervention(v: Float32Array, mask: Float32Array, b: number, sizes: { B: number; n: number; D: number }, changes: readonly NeuronChange[], strength: number): void {
  const { B, n, D } = sizes
  for (let t = 0; t < n; t++) {
    if (mask[t * B + b] !== 1) continue
    const row = (b * n + t) * D
    for (const { neuron, target } of changes) {
      const value = v[row + neuron] ?? 0
      v[row + neuron] = value + strength * (target - value)
    }
  }
}
