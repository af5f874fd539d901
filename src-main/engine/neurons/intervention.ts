/**
 * Moving neurons. A topic owns the neurons that its prediction difference singles out; to add the topic they
 * are moved, in every v_i of the clip, toward their mean over training clips that bear it, to drop it toward
 * their mean over those that do not. A neuron may also be set to a value by itself.
 */
import type { Moves } from '../../engine-host/contract/index.ts'
import type { NeuronMove } from '../captioner/decoding/moves.ts'
import { failures } from './failures.ts'
import type { NeuronMapFile } from './neuron-map.ts'

/** A topic moves no more than this share of all neurons: its strongest ones. */
const LARGEST_SHARE = 0.25

interface NeuronChange extends NeuronMove {
  /** The topic's column; null: moved by itself. */
  topic: number | null
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
  const aboveShuffled = ranked.filter((j) => delta(j) > (map.shuffled[j] ?? 0))
  // A topic that no neuron singles out is still carried by its strongest ones.
  return (aboveShuffled.length > 0 ? aboveShuffled : ranked).slice(0, Math.ceil(LARGEST_SHARE * D))
}

/**
 * What to move and where to: neurons moved by themselves first, then those of topics, the largest delta
 * first. A neuron that several topics own goes where the one with the larger delta times strength wants it.
 * Throws NOT_FOUND for a neuron that is not there, BAD_INPUT for one that is a feature of the frame.
 */
export function planMoves(map: NeuronMapFile, { topics, neurons }: Moves): NeuronChange[] {
  const byThemselves = new Map(neurons.map((move) => [move.neuron, changeOfNeuron(map, move)]))
  const byTopics = new Map<number, WeighedChange>()
  for (const move of topics) {
    for (const change of changesOfTopic(map, move)) {
      const rival = byTopics.get(change.neuron)
      if (!byThemselves.has(change.neuron) && (!rival || change.weight > rival.weight)) {
        byTopics.set(change.neuron, change)
      }
    }
  }
  const moved = [...byTopics.values()].sort((a, b) => b.weight - a.weight)
  return [
    ...byThemselves.values(),
    ...moved.map(({ neuron, topic, target, strength }) => ({ neuron, topic, target, strength })),
  ]
}

/** A neuron that is set to a value. */
function changeOfNeuron(map: NeuronMapFile, { neuron, value }: Moves['neurons'][number]): NeuronChange {
  const D = map.shuffled.length
  if (neuron >= D) {
    throw failures.neuronUnknown({ neuron, last: D - 1 })
  }
  if (neuron < map.firstLearnt) {
    throw failures.notLearnt({ neuron, firstLearnt: map.firstLearnt })
  }
  return { neuron, topic: null, target: value, strength: 1 }
}

/** Of several topics that own a neuron, the one with the largest weight moves it. */
interface WeighedChange extends NeuronChange {
  weight: number
}

/** The neurons of a topic that is added or dropped. */
function changesOfTopic(map: NeuronMapFile, { topic, strength }: Moves['topics'][number]): WeighedChange[] {
  if (strength === 0) {
    return []
  }
  const targets = strength < 0 ? map.absent : map.bearing
  return neuronsOfTopic(map, topic).map((neuron) => ({
    neuron,
    topic,
    target: targets[neuron * map.topics + topic] ?? 0,
    strength: Math.abs(strength),
    weight: (map.delta[neuron * map.topics + topic] ?? 0) * Math.abs(strength),
  }))
}
