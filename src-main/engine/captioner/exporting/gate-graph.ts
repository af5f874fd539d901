/**
 * Gates (gates.ts, decoding/as-corrected.ts) as values of a graph, for exports that caption in a single call. G gates; sums
 * are of float32 here, and of float64 there.
 */
import type { FloatTensor } from '../../../formats/safetensors.ts'
import * as ops from '../../graph/ops.ts'
import { constant, dim, elementCount, input } from '../../graph/value.ts'
import type { Value } from '../../graph/value.ts'
import { REACH } from '../gates.ts'
import type { Gates } from '../gates.ts'
import { neuronCount } from '../parameters.ts'
import type { CaptionerModel } from '../model-folder.ts'
import { clipInputs } from './clip-graph.ts'
import { knownAs } from './codebook-graph.ts'

export interface GateGraph {
  /** Numbers of the gates, by the names of the graph's inputs. */
  weights: Map<string, FloatTensor>
  /** Which gates are open for a clip with the caption `words` [T], [1, G]: 1 where one is. */
  open(clip: { vMean: Value; topics: Value; words: Value }): Value
  /** v [1, n, D] with the neurons of open gates moved; of several that move a neuron the last one has its way. */
  move(v: Value, open: Value): Value
  /** Above zero where a caption names the topic of an open gate. */
  named(open: Value, words: Value): Value
}

/** The gates of a model that has some. */
export function gateGraph(model: CaptionerModel, gates: Gates): GateGraph {
  const weights = tensorsOf(model, gates)
  const leaf = (name: string): Value => input(name, weights.get(name)!.shape)
  const inputs = clipInputs(model)
  const namedBy = (words: Value): Value =>
    ops.reshape(ops.positive(ops.sum(ops.gather(leaf('gates.words'), words), [0])), [1, gates.gates.length])
  return {
    weights,
    open({ vMean, topics, words }) {
      const probed = ops.add(
        ops.matmul(clipSummaryOf(inputs.features, inputs.mask), leaf('gates.weights')),
        leaf('gates.bias'),
      )
      const score = ops.add(probed, ops.matmul(betweenZeroAndOne(topics), leaf('gates.topic_share')))
      const sure = ops.positive(ops.subtract(score, leaf('gates.threshold')))
      const open = ops.multiply(sure, not(namedBy(words)))
      const known = knownAs({ ...model, gates }, vMean)
      return known === null ? open : ops.multiply(open, not(ops.positive(ops.sum(known))))
    },
    move(v, open) {
      const [n, D] = [dim(v, 1), dim(v, 2)]
      const row = (name: string, g: number): Value => ops.slice(leaf(name), 0, g, g + 1)
      let target: Value = ops.broadcast(constant(0), [1, D])
      let strength: Value = target
      for (let g = 0; g < gates.gates.length; g++) {
        const moves = ops.multiply(row('gates.moved', g), ops.slice(open, 1, g, g + 1))
        const replaced = (old: Value, name: string): Value =>
          ops.add(old, ops.multiply(moves, ops.subtract(row(name, g), old)))
        target = replaced(target, 'gates.target')
        strength = replaced(strength, 'gates.strength')
      }
      const share = ops.multiply(ops.reshape(inputs.mask, [1, n, 1]), ops.reshape(strength, [1, 1, D]))
      return ops.add(v, ops.multiply(share, ops.subtract(ops.reshape(target, [1, 1, D]), v)))
    },
    named: (open, words) => ops.sum(ops.multiply(open, namedBy(words))),
  }
}

const not = (flag: Value): Value => ops.affine(flag, -1, 1)

const betweenZeroAndOne = (x: Value): Value => ops.subtract(ops.relu(x), ops.relu(ops.affine(x, 1, -1)))

/** `clipSummary` of gates.ts: features [n, F], mask [n] -> [1, 3F]. */
function clipSummaryOf(features: Value, mask: Value): Value {
  const [n, F] = [dim(features, 0), dim(features, 1)]
  const rows = ops.sum(mask)
  const inFrames = (x: Value, from = 0): Value =>
    ops.sum(ops.multiply(x, ops.reshape(ops.slice(mask, 0, from, n), [n - from, 1])), [0])
  const mean = ops.divide(inFrames(features), rows)
  const deviation = ops.sqrt(ops.divide(inFrames(ops.square(ops.subtract(features, mean))), rows))
  const parts = [mean, changeOf(features, rows, inFrames), deviation]
  return ops.concat(
    parts.map((part) => ops.reshape(part, [1, F])),
    1,
  )
}

/** Of each feature the mean of how much it changes over some frames, [F]. */
function changeOf(features: Value, rows: Value, inFrames: (x: Value, from: number) => Value): Value {
  const [n, F] = [dim(features, 0), dim(features, 1)]
  if (n <= REACH) {
    return ops.broadcast(constant(0), [F])
  }
  const difference = ops.subtract(ops.slice(features, 0, REACH, n), ops.slice(features, 0, 0, n - REACH))
  const size = ops.maximum(difference, ops.affine(difference, -1))
  return ops.divide(inFrames(size, REACH), ops.maximum(ops.affine(rows, 1, -REACH), constant(1)))
}

function tensorsOf(
  { architecture, vocabulary, transform }: CaptionerModel,
  { gates }: Gates,
): Map<string, FloatTensor> {
  const G = gates.length
  const [S, V, K, D] = [
    3 * transform.mean.length,
    architecture.vocabularySize,
    architecture.topics,
    neuronCount(architecture),
  ]
  const tensors = new Map<string, FloatTensor>()
  const tensor = (name: string, ...shape: number[]): Float32Array => {
    const elements = new Float32Array(elementCount(shape))
    tensors.set(name, { shape, data: elements })
    return elements
  }
  const [probes, bias, threshold] = [
    tensor('gates.weights', S, G),
    tensor('gates.bias', 1, G),
    tensor('gates.threshold', 1, G),
  ]
  const [shares, words] = [tensor('gates.topic_share', K, G), tensor('gates.words', V, G)]
  const [moved, target, strength] = [
    tensor('gates.moved', G, D),
    tensor('gates.target', G, D),
    tensor('gates.strength', G, D),
  ]
  gates.forEach((gate, g) => {
    gate.weights.forEach((weight, i) => (probes[i * G + g] = weight))
    bias[g] = gate.bias
    threshold[g] = gate.threshold
    shares[gate.topic * G + g] = gate.topicShare
    for (const word of gate.words) {
      const id = vocabulary.idOf.get(word)
      if (id !== undefined) {
        words[id * G + g] = 1
      }
    }
    for (const move of gate.moves) {
      moved[g * D + move.neuron] = 1
      target[g * D + move.neuron] = move.target
      strength[g * D + move.neuron] = move.strength
    }
  })
  return tensors
}
