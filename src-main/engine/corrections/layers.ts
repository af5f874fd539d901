/**
 * The layers that corrections are learnt into: linear maps y = a W, whose a ends with a 1 for the bias. Topics are
 * learnt where frames become neurons, by the encoder's two LSTMs; typed words where words are read off, by the
 * read-out: of another wording the neurons know nothing.
 */
import type { losses } from '../captioner/losses.ts'
import type { BatchLeaves } from '../captioner/minibatch.ts'
import type { Direction, Encoded } from '../captioner/model.ts'
import { parameterTable } from '../captioner/parameters.ts'
import type { Architecture } from '../captioner/parameters.ts'
import * as ops from '../graph/ops.ts'
import { constant, dim, elementCount } from '../graph/value.ts'
import type { Value } from '../graph/value.ts'

/** By layer, the parameters that stand one below the other in W, the bias last. */
const PARAMETERS = {
  forward: ['encoder.forward.input', 'encoder.forward.hidden', 'encoder.forward.bias'],
  backward: ['encoder.backward.input', 'encoder.backward.hidden', 'encoder.backward.bias'],
  readOut: ['output.hidden', 'output.context', 'output.bias'],
} as const
export type Layer = keyof typeof PARAMETERS

export const ENCODER: readonly Layer[] = ['forward', 'backward']
export const READ_OUT: readonly Layer[] = ['readOut']

export const parametersIn = (layers: readonly Layer[]): string[] =>
  layers.flatMap((layer) => PARAMETERS[layer])

/** Rows of W that each parameter of a layer is, in their order, and W's columns. */
export function layerShape(architecture: Architecture, layer: Layer): { rows: number[]; columns: number } {
  const table = parameterTable(architecture)
  const shapes = PARAMETERS[layer].map((name) => table.get(name)!.shape)
  return {
    rows: shapes.map((shape) => (shape.length === 1 ? 1 : shape[0]!)),
    columns: shapes[0]!.at(-1)!,
  }
}

/** What a layer does in a graph: N frames, or words. */
interface LayerAtWork {
  /** a, [N, I], zero where there is no frame or word. */
  inputs: Value
  /** What the loss has the same slopes along as along y, N times O values. */
  outputs: Value
}

/** A layer in the graph of a minibatch with one caption a clip. */
export function layerAtWork(
  layer: Layer,
  { frameMask, wordMask }: BatchLeaves,
  { encoded, readOut }: Pick<ReturnType<typeof losses>, 'encoded' | 'readOut'>,
): LayerAtWork {
  if (layer === 'readOut') {
    return { inputs: withBias(readOut.inputs, wordMask), outputs: readOut.ofContext }
  }
  // Clips that only fill a batch up keep their frames, as a mean needs some, but have no words.
  const isClip = ops.slice(wordMask, 0, 0, 1)
  return {
    inputs: withBias(frameInputs(encoded, layer), ops.multiply(frameMask, isClip)),
    outputs: encoded.gates[layer],
  }
}

/** Rows [N, I - 1] with a 1 at their ends, [N, I]; zero where the mask (N values) is. */
function withBias(rows: Value, mask: Value): Value {
  const N = dim(rows, 0)
  const whole = ops.concat([rows, ops.broadcast(constant(1), [N, 1])], 1)
  return ops.multiply(whole, ops.reshape(mask, [N, 1]))
}

/** What a direction's gates are made of at every frame, [n B, read + E]. */
function frameInputs({ hidden, read }: Encoded, direction: Direction): Value {
  const rows = ops.concat([read, statesBefore(hidden[direction], direction)], 2)
  return ops.reshape(rows, [dim(rows, 0) * dim(rows, 1), dim(rows, 2)])
}

/** The hidden state that each frame's step starts from, in the direction's order: [n, B, E]. */
function statesBefore(hidden: Value, direction: Direction): Value {
  const [n, B, E] = [dim(hidden, 0), dim(hidden, 1), dim(hidden, 2)]
  const zero = ops.broadcast(constant(0), [1, B, E])
  if (n === 1) {
    return zero
  }
  return direction === 'forward'
    ? ops.concat([zero, ops.slice(hidden, 0, 0, n - 1)], 0)
    : ops.concat([ops.slice(hidden, 0, 1, n), zero], 0)
}

/** [..., O] as rows, [N, O]. */
export function asRows(x: Value): Value {
  const O = dim(x, -1)
  return ops.reshape(x, [elementCount(x.shape) / O, O])
}
