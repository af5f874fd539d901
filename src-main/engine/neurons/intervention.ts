/**
 * Moving neurons. A topic owns the neurons that its prediction difference singles out; to add the topic they
 * are moved, in every v_i of the clip, toward their mean over training clips that bear it, to drop it toward
 * their mean over those that do not. A neuron may also be set to a value by itself.
 */
import { VitrineError } from '#contract'
import type { Moves } from '../../engine-host/contract/index.ts'
import type { NeuronMapFile } from './neuron-map.ts'

/** A topic moves no more than this share of all neurons: its strongest ones. */
const MOST_SHARE = 0.25

export interface NeuronChange {
  neuron: number
  /** The topic's column; null: moved by itself. */
  topic: number | null
  /** Where strength 1 puts the neuron. */
  target: number
  /** 0 to 1: how far on the way there. */
  strength: number
}

/**
 * The learnt neurons that a topic owns, strongest first: delta above what shuffled topics give, at most a
 * quarter of all.
 */
export function neuronsOfTopic(map: NeuronMapFile, topic: number): number[] {
  const D = map.shuffled.length
  const delta = (j: number) => map.delta[j * map.topics + topic] ?? 0
  const ranked = Array.from({ length: D }, (_, j) => j)
    .filter((j) => j >= map.firstLearnt && delta(j) > 0)
    .sort((a, b) => delta(b) - delta(a) || a - b)
  const honest = ranked.filter((j) => delta(j) > (map.shuffled[j] ?? 0))
  // A topic that no neuron singles out is still carried by its strongest ones.
  return (honest.length > 0 ? honest : ranked).slice(0, Math.ceil(MOST_SHARE * D))
}

/**
 * What to move and where to: neurons moved by themselves first, then those of topics, the largest delta
 * first. A neuron that several topics own goes where the one with the larger delta times strength wants it.
 * Throws NOT_FOUND for a neuron that is not there, BAD_INPUT for one that is a feature of the frame.
 */
export function planMoves(map: NeuronMapFile, { topics, neurons }: Moves): NeuronChange[] {
  const D = map.shuffled.length
  const own = new Map<number, NeuronChange>()
  for (const { neuron, value } of neurons) {
    if (neuron >= D) {
      throw new VitrineError(
        'NOT_FOUND',
        `There is no neuron ${neuron}; this model has neurons 0 to ${D - 1}.`,
      )
    }
    if (neuron < map.firstLearnt) {
      throw new VitrineError(
        'BAD_INPUT',
        `Neuron ${neuron} is a feature of the frame, not learnt.`,
        `Choose one from ${map.firstLearnt} on.`,
      )
    }
    own.set(neuron, { neuron, topic: null, target: value, strength: 1 })
  }
  const changes = new Map<number, NeuronChange & { weight: number }>()
  for (const { topic, strength } of topics) {
    const targets = strength < 0 ? map.absent : map.bearing
    for (const neuron of strength === 0 ? [] : neuronsOfTopic(map, topic)) {
      const weight = (map.delta[neuron * map.topics + topic] ?? 0) * Math.abs(strength)
      const other = changes.get(neuron)
      if (own.has(neuron) || (other && weight <= other.weight)) {
        continue
      }
      changes.set(neuron, {
        neuron,
        topic,
        target: targets[neuron * map.topics + topic] ?? 0,
        strength: Math.abs(strength),
        weight,
      })
    }
  }
  const moved = [...changes.values()].sort((a, b) => b.weight - a.weight)
  return [
    ...own.values(),
    ...moved.map(({ neuron, topic, target, strength }) => ({ neuron, topic, target, strength })),
  ]
}

/** Moves the neurons of place `b` of v [B, n, D] in every valid frame (mask [n, B]); changes `v`. */
export function applyMoves(
  v: Float32Array,
  mask: Float32Array,
  b: number,
  sizes: { B: number; n: number; D: number },
  changes: readonly NeuronChange[],
): void {
  const { B, n, D } = sizes
  for (let t = 0; t < n; t++) {
    if (mask[t * B + b] !== 1) {
      continue
    }
    const row = (b * n + t) * D
    for (const { neuron, target, strength } of changes) {
      const value = v[row + neuron] ?? 0
      v[row + neuron] = value + strength * (target - value)
    }
  }
}
