/**
 * The captioner (design: Dong et al., CVPR 2017, and the attentive decoder of Yao et al., ICCV 2015), as
 * functions from graph values to graph values. B clips with C captions each: everything of a clip (encoder,
 * topic head, the frames' part of the attention) is computed once, everything of a caption B*C times; rows of
 * captions are ordered clip by clip. Letters in shapes: B clips, n frames, F features a frame, D neurons, K
 * topics, H hidden, A attention, W embedding, V words, T words of a caption, R = B*C captions.
 */
import * as ops from '../graph/ops.ts'
import { constant, dim } from '../graph/value.ts'
import type { Input, Value } from '../graph/value.ts'
import { dropout } from './dropout.ts'
import type { DropoutMasks } from './dropout.ts'
import { parameterLeaves, topicHeadMasks } from './parameters.ts'
import type { Architecture } from './parameters.ts'

/** A captioner in a graph: its architecture, and the leaves of its parameters by name. */
export interface Network<Leaf extends Value = Value> {
  architecture: Architecture
  leaves: ReadonlyMap<string, Leaf>
}

export const createNetwork = (architecture: Architecture): Network<Input> => ({
  architecture,
  leaves: parameterLeaves(architecture),
})

/** The leaf of a parameter. */
function leaf({ leaves }: Network, name: string): Value {
  const value = leaves.get(name)
  if (!value) {
    throw new Error(`the captioner has no parameter ${name}`)
  }
  return value
}

/** x W + b over the last axis of x, as one product: [..., I] -> [..., O]. */
function linear(network: Network, x: Value, weight: string, bias?: string): Value {
  const w = leaf(network, weight)
  const flat = ops.matmul(
    x.shape.length === 2 ? x : ops.reshape(x, [x.shape.slice(0, -1).reduce((a, b) => a * b, 1), dim(x, -1)]),
    w,
  )
  const product = bias === undefined ? flat : ops.addScaled(flat, leaf(network, bias), 1)
  return x.shape.length === 2 ? product : ops.reshape(product, [...x.shape.slice(0, -1), dim(w, 1)])
}

/**
 * One LSTM step from the gates' pre-activations z [..., 4H] (input, forget, candidate, output); memory null:
 * zero.
 */
function lstmStep(z: Value, memory: Value | null): { hidden: Value; memory: Value } {
  const [i, f, g, o] = ops.split(z, z.shape.length - 1, 4)
  if (!i || !f || !g || !o) {
    throw new Error('an LSTM has four gates')
  }
  const written = ops.multiply(ops.sigmoid(i), ops.tanh(g))
  const next = memory ? ops.add(ops.multiply(ops.sigmoid(f), memory), written) : written
  return { hidden: ops.multiply(ops.sigmoid(o), ops.tanh(next)), memory: next }
}

/** Frames between the two that a delta is the difference of, on each side. */
const DELTA_REACH = 2

/**
 * Delta features (Furui, IEEE TASSP 34(1), 1986, in their simplest form): x_{t+2} - x_{t-2}, zero where one
 * of the two is not a frame. x [n, B, I], mask [n, B] -> [n, B, I]. What moves shows in them at once,
 * whatever it looks like.
 */
function deltas(x: Value, mask: Value): Value {
  const [n, B, I] = [dim(x, 0), dim(x, 1), dim(x, 2)]
  const edge = ops.broadcast(constant(0), [Math.min(DELTA_REACH, n), B, I])
  if (n <= 2 * DELTA_REACH) {
    return ops.broadcast(constant(0), x.shape)
  }
  const difference = ops.subtract(
    ops.slice(x, 0, 2 * DELTA_REACH, n),
    ops.slice(x, 0, 0, n - 2 * DELTA_REACH),
  )
  const valid = ops.reshape(ops.slice(mask, 0, 2 * DELTA_REACH, n), [n - 2 * DELTA_REACH, B, 1])
  return ops.concat([edge, ops.multiply(difference, valid), edge], 0)
}

/** The directions of the encoder's LSTM, in the order of v's components. */
export const DIRECTIONS = ['forward', 'backward'] as const
export type Direction = (typeof DIRECTIONS)[number]

/**
 * The encoder E: x [n, B, F] (time first, normalised features, zeros where padded), mask float [n, B] (1: a
 * frame) -> v [B, n, D], zero where padded. v_i = [x_i ; forward_i ; backward_i], or without x_i (setting
 * keepFeatures); of LSTM states max(0, h) where neurons are not negative (setting neurons), multiplied by neuronGain.
 */
export function encode(network: Network, x: Value, mask: Value, masks: DropoutMasks = {}): Value {
  const {
    inputDropout,
    featureDropout,
    deltas: withDeltas,
    keepFeatures,
    neurons,
    neuronGain,
  } = network.architecture.settings
  const read = dropout(withDeltas ? ops.concat([x, deltas(x, mask)], 2) : x, masks.read, inputDropout)
  const hidden = bidirectionalLstm(network, read, mask)
  const parts = DIRECTIONS.map((direction) =>
    ops.affine(neurons === 'non-negative' ? ops.relu(hidden[direction]) : hidden[direction], neuronGain),
  )
  if (keepFeatures) {
    parts.unshift(dropout(x, masks.kept, featureDropout))
  }
  return ops.transpose(ops.concat(parts, 2), [1, 0, 2])
}

/**
 * The encoder's LSTM over what it reads of each frame, [n, B, read]. Valid frames come first, so only the
 * backward direction meets padding before frames: its state is held at zero there. Both directions take
 * their steps together, as a batch of two, the backward one from the last frame on. The hidden states of each, [n, B, E],
 * zero where padded.
 */
function bidirectionalLstm(network: Network, read: Value, mask: Value): Record<Direction, Value> {
  const [n, B] = [dim(mask, 0), dim(mask, 1)]
  const E = network.architecture.settings.encoderSize
  const inBothDirections = (make: (direction: Direction) => Value): Value =>
    ops.concat(DIRECTIONS.map(make), 0)
  const hiddenWeight = inBothDirections((direction) =>
    ops.reshape(leaf(network, `encoder.${direction}.hidden`), [1, E, 4 * E]),
  )
  const gatesOf = (direction: Direction): Value =>
    linear(network, read, `encoder.${direction}.input`, `encoder.${direction}.bias`)
  const frames = {
    forward: ops.split(gatesOf('forward'), 0, n),
    backward: ops.split(gatesOf('backward'), 0, n),
  }
  const valid = ops.split(ops.reshape(mask, [n, B, 1]), 0, n)
  const frameAt = (direction: Direction, step: number): number =>
    direction === 'forward' ? step : n - 1 - step
  const [forward, backward]: [Value[], Value[]] = [[], []]
  let hidden: Value | null = null
  let memory: Value | null = null
  for (let step = 0; step < n; step++) {
    const fromInput = inBothDirections((direction) => frames[direction][frameAt(direction, step)]!)
    const isFrame = inBothDirections((direction) => valid[frameAt(direction, step)]!)
    const next = lstmStep(hidden ? ops.add(fromInput, ops.matmul(hidden, hiddenWeight)) : fromInput, memory)
    hidden = ops.multiply(next.hidden, isFrame)
    memory = ops.multiply(next.memory, isFrame)
    forward[frameAt('forward', step)] = ops.slice(hidden, 0, 0, 1)
    backward[frameAt('backward', step)] = ops.slice(hidden, 0, 1, 2)
  }
  return { forward: ops.concat(forward, 0), backward: ops.concat(backward, 0) }
}

/** v-bar, the mean of v over the valid frames: v [B, n, D], mask [n, B] -> [B, D]. */
export function meanOverFrames(v: Value, mask: Value): Value {
  const count = ops.reshape(ops.sum(mask, [0]), [dim(v, 0), 1])
  return ops.divide(ops.sum(v, [1]), count)
}

/**
 * The topic head f: linear, ReLU, dropout, linear. [B, D] -> [B, K], no output activation. Where it is tied,
 * only its own weights count.
 */
export function topicScores(network: Network, vMean: Value, masks: DropoutMasks = {}): Value {
  const head = withTiedHead(network)
  const hidden = ops.relu(linear(head, vMean, 'topics.hidden', 'topics.hidden_bias'))
  const rate = network.architecture.settings.dropout
  return linear(head, dropout(hidden, masks.topics, rate), 'topics.output', 'topics.output_bias')
}

function withTiedHead({ architecture, leaves }: Network): Network {
  const tied = [...topicHeadMasks(architecture)].map(([name, mask]) => {
    const weights = leaf({ architecture, leaves }, name)
    return [name, ops.multiply(weights, constant(mask, weights.shape))] as const
  })
  return { architecture, leaves: new Map([...leaves, ...tied]) }
}

/** The interpretive loss L_I of each clip: scores and s [B, K] -> [B]. */
export function interpretiveLoss(architecture: Architecture, scores: Value, s: Value): Value {
  const topicLosses =
    architecture.settings.topicLoss === 'squared'
      ? ops.square(ops.subtract(scores, s))
      : ops.subtract(ops.softplus(scores), ops.multiply(scores, s))
  return ops.sum(topicLosses, [1])
}

/**
 * What decoding needs of the clips: computed once a clip. The context (gate * sum over frames of alpha_i v_i)
 * meets the network only through its products with two weights, and a product may change places with the sum:
 * so every frame is multiplied once, instead of every word's context, and the context itself is never made.
 */
export interface DecoderMemory {
  /** W_c v_i + b, [B, n, A]. */
  frameKeys: Value
  /**
   * v_i times the context's weights to the decoder's gates, [B, n, 4H], and to the logits' hidden layer, [B,
   * n, W].
   */
  frameGates: Value
  frameOutput: Value
  /** 0 for a frame, -1e9 where padded, [B, 1, n]. */
  frameBias: Value
  /** Decoder's first hidden state and memory, [B, H]. */
  hidden: Value
  memory: Value
}

/** From v to what decoding needs; mask [n, B]. */
export function decoderMemory(network: Network, v: Value, vMean: Value, mask: Value): DecoderMemory {
  const [B, n] = [dim(v, 0), dim(v, 1)]
  return {
    frameKeys: linear(network, v, 'attention.frame', 'attention.bias'),
    frameGates: linear(network, v, 'decoder.context'),
    frameOutput: linear(network, v, 'output.context'),
    frameBias: ops.reshape(ops.affine(ops.transpose(mask, [1, 0]), 1e9, -1e9), [B, 1, n]),
    hidden: ops.tanh(linear(network, vMean, 'initial.hidden', 'initial.hidden_bias')),
    memory: ops.tanh(linear(network, vMean, 'initial.memory', 'initial.memory_bias')),
  }
}

/** Word ids to their embeddings: [...] -> [..., W]. */
export const embed = (network: Network, words: Value): Value => ops.gather(leaf(network, 'embedding'), words)

/** The word's part of the decoder's gates, with their bias: embeddings [N, W] -> [N, 4H]. */
export const wordGates = (network: Network, embedded: Value): Value =>
  linear(network, embedded, 'decoder.word', 'decoder.bias')

/** What a decoder step starts from: the word's part of the gates [R, 4H], and the state before [R, H]. */
interface DecoderInputs {
  wordGates: Value
  hidden: Value
  memory: Value
  /** What dropout multiplies the input, forget and output gates by, [R, 3H]; missing: no dropout there. */
  gateFactors?: Value | undefined
}

/** One decoder step: the state after it, [R, H], and what it attends to. */
export function decoderStep(
  network: Network,
  clips: Pick<DecoderMemory, 'frameKeys' | 'frameGates' | 'frameBias'>,
  { wordGates: fromWord, hidden, memory, gateFactors }: DecoderInputs,
) {
  const [B, A] = [dim(clips.frameKeys, 0), dim(clips.frameKeys, 2)]
  const R = dim(hidden, 0)
  const C = R / B
  const query = ops.reshape(ops.matmul(hidden, leaf(network, 'attention.hidden')), [B, C, A])
  const scores = ops.additiveScores(clips.frameKeys, query, leaf(network, 'attention.score'))
  /** alpha, [B, C, n]: sums to 1 over the valid frames. */
  const attention = ops.softmax(ops.add(scores, clips.frameBias))
  const gate = ops.sigmoid(linear(network, hidden, 'gate.hidden', 'gate.bias'))
  /** gate * alpha, [B, C, n]: what the context weighs each frame with. */
  const frameWeights = ops.multiply(attention, ops.reshape(gate, [B, C, 1]))
  const z = ops.add(
    ops.add(fromWord, ops.reshape(ops.matmul(frameWeights, clips.frameGates), [R, dim(fromWord, 1)])),
    ops.matmul(hidden, leaf(network, 'decoder.hidden')),
  )
  const gates = gateFactors ? dropGates(z, gateFactors) : z
  return { ...lstmStep(gates, memory), attention, frameWeights }
}

/** An LSTM's gates [R, 4H] with dropout of all but the candidate, by its factors [R, 3H]. */
function dropGates(z: Value, factors: Value): Value {
  const H = dim(z, 1) / 4
  const of = (gate: number): Value => ops.slice(factors, 1, gate * H, (gate + 1) * H)
  const candidate = ops.broadcast(constant(1), [dim(z, 0), H])
  return ops.multiply(z, ops.concat([of(0), of(1), candidate, of(2)], 1))
}

/** What logits are made of: hidden [N, H], the context's part [N, W] and the words' embeddings [N, W]. */
interface LogitInputs {
  hidden: Value
  context: Value
  embedded: Value
}

/** Logits from h, context and previous word: [N, V]. */
export function logits(
  network: Network,
  { hidden, context, embedded }: LogitInputs,
  masks: DropoutMasks = {},
): Value {
  const rate = network.architecture.settings.dropout
  const mixed = ops.tanh(
    ops.add(
      ops.add(linear(network, dropout(hidden, masks.hidden, rate), 'output.hidden', 'output.bias'), context),
      embedded,
    ),
  )
  return linear(network, dropout(mixed, masks.output, rate), 'output.word', 'output.word_bias')
}
