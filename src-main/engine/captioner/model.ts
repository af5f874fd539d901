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
import { topicHeadMasks } from './parameters.ts'
import type { Architecture } from './parameters.ts'

export type Leaves = ReadonlyMap<string, Value>

/** The leaf of a parameter. */
export function leaf(leaves: Leaves, name: string): Value {
  const found = leaves.get(name)
  if (!found) {
    throw new Error(`the captioner has no parameter ${name}`)
  }
  return found
}

/** x W + b over the last axis of x, as one product: [..., I] -> [..., O]. */
export function linear(leaves: Leaves, x: Value, weight: string, bias?: string): Value {
  const w = leaf(leaves, weight)
  const flat = ops.matmul(
    x.shape.length === 2 ? x : ops.reshape(x, [x.shape.slice(0, -1).reduce((a, b) => a * b, 1), dim(x, -1)]),
    w,
  )
  const product = bias === undefined ? flat : ops.addScaled(flat, leaf(leaves, bias), 1)
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

/**
 * Dropout masks, uint8 0 or 1, drawn anew in JavaScript for every minibatch, so that they are the same on
 * every device; a mask that is left out: no dropout there.
 */
export interface DropoutMasks {
  /** [n, B, read]: of what the encoder reads. */
  read?: Input
  /** [B, P]. */
  topics?: Input
  /** [T*R, H] and [T*R, W]. */
  hidden?: Input
  output?: Input
}

/** Inverted dropout: kept units are scaled by 1/(1-rate). */
function dropout(x: Value, mask: Value | undefined, rate: number): Value {
  return mask ? ops.multiply(x, ops.affine(ops.toFloat(mask), 1 / (1 - rate))) : x
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

/** What the encoder makes of a batch, and what it makes it of. */
export interface Encoded {
  /** [B, n, D]. */
  v: Value
  /**
   * The hidden states of a direction, [n, B, E], zero where padded: v has them, or max(0, h) (setting
   * neurons).
   */
  hidden: Record<Direction, Value>
  /** What both directions read of each frame, [n, B, read]. */
  read: Value
  /**
   * What the frame and the bias give to the gates of a direction, [n, B, 4E]; the hidden state before adds
   * the rest.
   */
  gates: Record<Direction, Value>
}

/** `encodeFrames` for who wants v alone. */
export const encode = (architecture: Architecture, leaves: Leaves, x: Value, mask: Value): Value =>
  encodeFrames(architecture, leaves, x, mask).v

/**
 * The encoder E: x [n, B, F] (time first, normalised features, zeros where padded), mask float [n, B] (1: a
 * frame) -> v [B, n, D], zero where padded. v_i = [x_i ; forward_i ; backward_i], or without x_i (setting
 * keepFeatures); of LSTM states max(0, h) where neurons are not negative (setting neurons). Valid frames come
 * first, so only the backward direction meets padding before frames: its state is held at zero there. Both
 * directions take their steps together, as a batch of two, the backward one from the last frame on.
 */
export function encodeFrames(
  architecture: Architecture,
  leaves: Leaves,
  x: Value,
  mask: Value,
  masks: DropoutMasks = {},
): Encoded {
  const [n, B] = [dim(x, 0), dim(x, 1)]
  const { encoderSize: E, inputDropout, deltas: withDeltas, keepFeatures, neurons } = architecture.settings
  const read = dropout(withDeltas ? ops.concat([x, deltas(x, mask)], 2) : x, masks.read, inputDropout)
  const both = (make: (name: Direction) => Value): Value => ops.concat(DIRECTIONS.map(make), 0)
  const hiddenWeight = both((name) => ops.reshape(leaf(leaves, `encoder.${name}.hidden`), [1, E, 4 * E]))
  const gatesOf = (name: Direction): Value =>
    linear(leaves, read, `encoder.${name}.input`, `encoder.${name}.bias`)
  const gates = { forward: gatesOf('forward'), backward: gatesOf('backward') }
  const frames = { forward: ops.split(gates.forward, 0, n), backward: ops.split(gates.backward, 0, n) }
  const valid = ops.split(ops.reshape(mask, [n, B, 1]), 0, n)
  const timeOf = (name: Direction, step: number) => (name === 'forward' ? step : n - 1 - step)
  const at = (values: readonly Value[] | undefined, t: number): Value => {
    const value = values?.[t]
    if (!value) {
      throw new Error(`no frame ${t}`)
    }
    return value
  }
  const [forward, backward]: [Value[], Value[]] = [[], []]
  let hidden: Value | null = null
  let memory: Value | null = null
  for (let step = 0; step < n; step++) {
    const fromInput = both((name) => at(frames[name], timeOf(name, step)))
    const isFrame = both((name) => at(valid, timeOf(name, step)))
    const next = lstmStep(hidden ? ops.add(fromInput, ops.matmul(hidden, hiddenWeight)) : fromInput, memory)
    hidden = ops.multiply(next.hidden, isFrame)
    memory = ops.multiply(next.memory, isFrame)
    forward[timeOf('forward', step)] = ops.slice(hidden, 0, 0, 1)
    backward[timeOf('backward', step)] = ops.slice(hidden, 0, 1, 2)
  }
  const states = { forward: ops.concat(forward, 0), backward: ops.concat(backward, 0) }
  const parts = DIRECTIONS.map((name) => (neurons === 'non-negative' ? ops.relu(states[name]) : states[name]))
  if (keepFeatures) {
    parts.unshift(x)
  }
  return { v: ops.transpose(ops.concat(parts, 2), [1, 0, 2]), hidden: states, read, gates }
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
export function topicScores(
  architecture: Architecture,
  all: Leaves,
  vMean: Value,
  masks: DropoutMasks = {},
): Value {
  const tied = [...topicHeadMasks(architecture)].map(([name, mask]) => {
    const weights = leaf(all, name)
    return [name, ops.multiply(weights, constant(mask, weights.shape))] as const
  })
  const leaves = new Map([...all, ...tied])
  const hidden = ops.relu(linear(leaves, vMean, 'topics.hidden', 'topics.hidden_bias'))
  return linear(
    leaves,
    dropout(hidden, masks.topics, architecture.settings.dropout),
    'topics.output',
    'topics.output_bias',
  )
}

/** The interpretive loss L_I of each clip: scores and s [B, K] -> [B]. */
export function interpretiveLoss(architecture: Architecture, scores: Value, s: Value): Value {
  const each =
    architecture.settings.topicLoss === 'squared'
      ? ops.square(ops.subtract(scores, s))
      : ops.subtract(ops.softplus(scores), ops.multiply(scores, s))
  return ops.sum(each, [1])
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
export function decoderMemory(leaves: Leaves, v: Value, vMean: Value, mask: Value): DecoderMemory {
  const [B, n] = [dim(v, 0), dim(v, 1)]
  return {
    frameKeys: linear(leaves, v, 'attention.frame', 'attention.bias'),
    frameGates: linear(leaves, v, 'decoder.context'),
    frameOutput: linear(leaves, v, 'output.context'),
    frameBias: ops.reshape(ops.affine(ops.transpose(mask, [1, 0]), 1e9, -1e9), [B, 1, n]),
    hidden: ops.tanh(linear(leaves, vMean, 'initial.hidden', 'initial.hidden_bias')),
    memory: ops.tanh(linear(leaves, vMean, 'initial.memory', 'initial.memory_bias')),
  }
}

/**
 * One decoder step. `wordGates` [R, 4H] is the word's part of the gates with the bias; hidden and memory [R,
 * H].
 */
export function decoderStep(
  leaves: Leaves,
  clips: Pick<DecoderMemory, 'frameKeys' | 'frameGates' | 'frameBias'>,
  wordGates: Value,
  hidden: Value,
  memory: Value,
) {
  const [B, A] = [dim(clips.frameKeys, 0), dim(clips.frameKeys, 2)]
  const R = dim(hidden, 0)
  const C = R / B
  const query = ops.reshape(ops.matmul(hidden, leaf(leaves, 'attention.hidden')), [B, C, A])
  const scores = ops.additiveScores(clips.frameKeys, query, leaf(leaves, 'attention.score'))
  /** alpha, [B, C, n]: sums to 1 over the valid frames. */
  const attention = ops.softmax(ops.add(scores, clips.frameBias))
  const gate = ops.sigmoid(linear(leaves, hidden, 'gate.hidden', 'gate.bias'))
  /** gate * alpha, [B, C, n]: what the context weighs each frame with. */
  const frameWeights = ops.multiply(attention, ops.reshape(gate, [B, C, 1]))
  const z = ops.add(
    ops.add(wordGates, ops.reshape(ops.matmul(frameWeights, clips.frameGates), [R, dim(wordGates, 1)])),
    ops.matmul(hidden, leaf(leaves, 'decoder.hidden')),
  )
  return { ...lstmStep(z, memory), attention, frameWeights }
}

/**
 * Logits from h, context and previous word: hidden [N, H], the context's part and words' embeddings [N, W] ->
 * [N, V].
 */
export function logits(
  architecture: Architecture,
  leaves: Leaves,
  hidden: Value,
  context: Value,
  words: Value,
  masks: DropoutMasks = {},
): Value {
  const rate = architecture.settings.dropout
  const mixed = ops.tanh(
    ops.add(
      ops.add(linear(leaves, dropout(hidden, masks.hidden, rate), 'output.hidden', 'output.bias'), context),
      words,
    ),
  )
  return linear(leaves, dropout(mixed, masks.output, rate), 'output.word', 'output.word_bias')
}

/** The word's part of the decoder's gates: embeddings [N, W] -> [N, 4H]. */
export const wordGates = (leaves: Leaves, words: Value): Value =>
  linear(leaves, words, 'decoder.word', 'decoder.bias')

/** A minibatch: leaves fed for every step. */
export interface BatchLeaves {
  /** float [n, B, F] and [n, B]. */
  features: Input
  frameMask: Input
  /** float [B, K]. */
  topics: Input
  /** int64 [T, R]: the words fed (from the start word on), and those to predict (to the end word). */
  words: Input
  targets: Input
  /** float [T, R]: 1 where there is a word to predict. */
  wordMask: Input
  /** float [R]: each caption's share of the batch; sums to 1 (0 where a clip has fewer captions than C). */
  captionWeight: Input
}

export interface Losses {
  /**
   * nll (smoothed, where labels are) + lambda * topicLoss + penalty: what is minimised (weight decay is added
   * to the gradients).
   */
  total: Value
  /** Mean over captions of the summed negative log-likelihood of its words. */
  nll: Value
  /** Mean over captions of L_I. */
  topicLoss: Value
  encoded: Encoded
}

/** What of a minibatch the decoder reads. */
type CaptionLeaves = Pick<BatchLeaves, 'frameMask' | 'words' | 'wordMask'>

/**
 * The decoder over captions that are known: v [B, n, D] and its mean over frames -> the scores of every word
 * at every place, [T*R, V], and what each caption attends to in all, [B, C, n] (words that are not there left
 * out).
 */
function readCaptions(
  architecture: Architecture,
  leaves: Leaves,
  v: Value,
  vMean: Value,
  { frameMask, words: fed, wordMask }: CaptionLeaves,
  masks: DropoutMasks,
): { scored: Value; attended: Value } {
  const { settings } = architecture
  const [T, R] = [dim(fed, 0), dim(fed, 1)]
  const [n, B] = [dim(frameMask, 0), dim(frameMask, 1)]
  const C = R / B
  const clips = decoderMemory(leaves, v, vMean, frameMask)
  const words = ops.reshape(ops.gather(leaf(leaves, 'embedding'), fed), [T * R, settings.embeddingSize])
  const gates = ops.split(wordGates(leaves, words), 0, T)
  const perCaption = (x: Value): Value => {
    const H = dim(x, 1)
    return ops.reshape(ops.broadcast(ops.reshape(x, [B, 1, H]), [B, C, H]), [R, H])
  }
  let hidden = perCaption(clips.hidden)
  let memory = perCaption(clips.memory)
  const hiddens: Value[] = []
  const frameWeights: Value[] = []
  const maskAt = ops.split(ops.reshape(wordMask, [T, B, C, 1]), 0, T)
  let attended: Value = constant(0)
  gates.forEach((wordGate, t) => {
    const step = decoderStep(leaves, clips, wordGate, hidden, memory)
    hidden = step.hidden
    memory = step.memory
    hiddens.push(hidden)
    frameWeights.push(step.frameWeights)
    const mask = maskAt[t]
    if (mask) {
      attended = ops.add(attended, ops.multiply(step.attention, ops.reshape(mask, [B, C, 1])))
    }
  })

  // The context's part of the logits for all words at once: rows clip by clip for the product, then word by
  // word again.
  const W = settings.embeddingSize
  const byClip = ops.reshape(ops.concat(frameWeights, 1), [B, T * C, n])
  const context = ops.reshape(
    ops.transpose(ops.reshape(ops.matmul(byClip, clips.frameOutput), [B, T, C, W]), [1, 0, 2, 3]),
    [T * R, W],
  )
  return { scored: logits(architecture, leaves, ops.concat(hiddens, 0), context, words, masks), attended }
}

/** ln p of each word of known captions given those before it, [T, R], from v [B, n, D]. */
export function wordLogProbabilities(
  architecture: Architecture,
  leaves: Leaves,
  v: Value,
  batch: CaptionLeaves & Pick<BatchLeaves, 'targets'>,
): Value {
  const [T, R] = [dim(batch.words, 0), dim(batch.words, 1)]
  const { scored } = readCaptions(architecture, leaves, v, meanOverFrames(v, batch.frameMask), batch, {})
  return ops.reshape(ops.affine(ops.crossEntropy(scored, ops.reshape(batch.targets, [T * R])), -1), [T, R])
}

/**
 * The objective of design section 1 over one minibatch: per caption the NLL of its words, lambda times the
 * clip's interpretive loss, and the doubly stochastic attention penalty (Xu et al., ICML 2015, eq. 14): sum
 * over frames of (1 - the frame's attention summed over the words)^2.
 */
export function losses(
  architecture: Architecture,
  leaves: Leaves,
  batch: BatchLeaves,
  masks: DropoutMasks,
  lambda: number,
): Losses {
  const { settings } = architecture
  const [T, R] = [dim(batch.words, 0), dim(batch.words, 1)]
  const [n, B] = [dim(batch.frameMask, 0), dim(batch.frameMask, 1)]
  const C = R / B
  const encoded = encodeFrames(architecture, leaves, batch.features, batch.frameMask, masks)
  const vMean = meanOverFrames(encoded.v, batch.frameMask)
  const { scored, attended } = readCaptions(architecture, leaves, encoded.v, vMean, batch, masks)
  const wordLoss = ops.reshape(ops.crossEntropy(scored, ops.reshape(batch.targets, [T * R])), [T, R])
  const overCaptions = (perWord: Value): Value =>
    ops.sum(ops.multiply(ops.multiply(perWord, batch.wordMask), batch.captionWeight))
  const nll = overCaptions(wordLoss)

  const clipWeight = ops.sum(ops.reshape(batch.captionWeight, [B, C]), [1])
  const topicLoss = ops.sum(
    ops.multiply(
      interpretiveLoss(architecture, topicScores(architecture, leaves, vMean, masks), batch.topics),
      clipWeight,
    ),
  )
  let objective = nll
  if (settings.labelSmoothing > 0) {
    // The target (1 - e) one-hot + e/V: its cross-entropy is (1 - e) NLL - e times the mean of all words'
    // log-probabilities.
    const everyWord = ops.affine(
      ops.reshape(ops.sum(ops.logSoftmax(scored), [1]), [T, R]),
      -1 / dim(scored, 1),
    )
    objective = ops.add(
      ops.affine(nll, 1 - settings.labelSmoothing),
      ops.affine(overCaptions(everyWord), settings.labelSmoothing),
    )
  }
  let total = ops.add(objective, ops.affine(topicLoss, lambda))
  if (settings.attentionPenalty > 0) {
    const valid = ops.reshape(ops.transpose(batch.frameMask, [1, 0]), [B, 1, n])
    const missed = ops.multiply(ops.square(ops.affine(attended, -1, 1)), valid)
    const penalty = ops.sum(ops.multiply(ops.sum(missed, [2]), ops.reshape(batch.captionWeight, [B, C])))
    total = ops.add(total, ops.affine(penalty, settings.attentionPenalty))
  }
  return { total, nll, topicLoss, encoded }
}
