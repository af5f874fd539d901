/**
 * The control of silencing: other neurons that say as much. Silencing loud neurons changes captions whatever they stand
 * for, and random ones are often all but silent; so each neuron is compared with one that is about as active.
 */
import { createRandom } from '../../common/random.ts'
import type { NeuronMapFile } from './neuron-map.ts'

/** Each neuron's control is drawn among so many that are nearest to it in activation. */
const NEAREST = 5

/**
 * For each of the neurons a learnt one that is none of them nor of `without`, drawn under the seed among the nearest in
 * root mean square activation over the clips of the map. No neuron is given twice; where there are too few, those that
 * there are.
 */
export function matchedNeurons(
  map: NeuronMapFile,
  neurons: readonly number[],
  { without = [], seed }: { without?: readonly number[]; seed: number },
): number[] {
  const activations = activationsOf(map)
  const random = createRandom(seed)
  const taken = new Set([...neurons, ...without])
  const free = Array.from({ length: map.shuffled.length - map.firstLearnt }, (_, i) => map.firstLearnt + i)
    .filter((neuron) => !taken.has(neuron))
    .sort((a, b) => activations[a]! - activations[b]!)
  return random.shuffle([...neurons]).flatMap((neuron) => {
    const nearest = nearestTo(activations[neuron]!, free, activations)
    if (nearest.length === 0) {
      return []
    }
    const [match] = free.splice(random.shuffle(nearest)[0]!, 1)
    return [match!]
  })
}

/** How active each neuron is: the root mean square of its v-bar over the clips of the map, [D]. */
export function activationsOf({ shuffled, clipMeans }: NeuronMapFile): Float64Array {
  const D = shuffled.length
  const squares = new Float64Array(D)
  clipMeans.forEach((value, at) => {
    squares[at % D]! += value ** 2
  })
  return squares.map((sum) => Math.sqrt((sum * D) / clipMeans.length))
}

/** The places in `free`, neurons by rising activation, of the nearest to an activation. */
function nearestTo(activation: number, free: readonly number[], activations: Float64Array): number[] {
  const distance = (place: number): number => Math.abs(activations[free[place]!]! - activation)
  return [...free.keys()].sort((a, b) => distance(a) - distance(b) || a - b).slice(0, NEAREST)
}
