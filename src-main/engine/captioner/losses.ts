/**
 * The objective over one minibatch (design section 1): per caption the NLL of its words, lambda times the
 * clip's interpretive loss, and the doubly stochastic attention penalty. Letters in shapes as in model.ts.
 */
import * as ops from '../graph/ops.ts'
import { constant, dim } from '../graph/value.ts'
import type { Value } from '../graph/value.ts'
import { dropout, dropoutFactors } from './dropout.ts'
import type { DropoutMasks } from './dropout.ts'
import type { BatchLeaves } from './minibatch.ts'
import {
  decoderMemory,
  decoderStep,
  embed,
  encode,
  interpretiveLoss,
  logits,
  meanOverFrames,
  topicScores,
  wordGates,
} from './model.ts'
import type { Network } from './model.ts'
import type { Architecture } from './parameters.ts'

interface Losses {
  /**
   * nll (smoothed, where labels are) + lambda * topicLoss + penalty: what is minimised (weight decay is added
   * to the gradients).
   */
  total: Value
  /** Mean over captions of the summed negative log-likelihood of its words. */
  nll: Value
  /** Mean over captions of L_I. */
  topicLoss: Value
}

export function losses(network: Network, batch: BatchLeaves, masks: DropoutMasks, lambda: number): Losses {
  const v = encode(network, batch.features, batch.frameMask, masks)
  const vMean = meanOverFrames(v, batch.frameMask)
  const { scores, attended } = readCaptions(network, { v, vMean }, batch, masks)
  const wordLosses = ops.reshape(ops.crossEntropy(scores, flat(batch.targets)), batch.targets.shape)
  const nll = overCaptions(wordLosses, batch)
  const clipWeight = ops.sum(ops.reshape(batch.captionWeight, clipsByCaptions(batch)), [1])
  const topicLosses = interpretiveLoss(network.architecture, topicScores(network, vMean, masks), batch.topics)
  const topicLoss = ops.sum(ops.multiply(topicLosses, clipWeight))
  const { labelSmoothing, attentionPenalty } = network.architecture.settings
  const captionLoss = labelSmoothing > 0 ? smoothed(nll, scores, batch, labelSmoothing) : nll
  let total = ops.add(captionLoss, ops.affine(topicLoss, lambda))
  if (attentionPenalty > 0) {
    const penalty = doublyStochasticPenalty(network.architecture, attended, batch)
    total = ops.add(total, ops.affine(penalty, attentionPenalty))
  }
  return { total, nll, topicLoss }
}

/** ln p of each word of known captions given those before it, [T, R], from v [B, n, D]. */
export function wordLogProbabilities(
  network: Network,
  v: Value,
  batch: CaptionLeaves & Pick<BatchLeaves, 'targets'>,
): Value {
  const vMean = meanOverFrames(v, batch.frameMask)
  const { scores } = readCaptions(network, { v, vMean }, batch, {})
  return ops.reshape(ops.affine(ops.crossEntropy(scores, flat(batch.targets)), -1), batch.targets.shape)
}

/** ln p of every word at every place of known captions given the words before it, [T*R, V], from v [B, n, D]. */
export function nextWordLogProbabilities(network: Network, v: Value, batch: CaptionLeaves): Value {
  const vMean = meanOverFrames(v, batch.frameMask)
  return ops.logSoftmax(readCaptions(network, { v, vMean }, batch, {}).scores)
}

/** What of a minibatch the decoder reads. */
type CaptionLeaves = Pick<BatchLeaves, 'frameMask' | 'words' | 'wordMask'>

/** [T, R] -> [T*R]. */
const flat = (x: Value): Value => ops.reshape(x, [dim(x, 0) * dim(x, 1)])

/** B and C: rows of captions are ordered clip by clip. */
function clipsByCaptions({ frameMask, words }: CaptionLeaves): [number, number] {
  const B = dim(frameMask, 1)
  return [B, dim(words, 1) / B]
}

/**
 * The decoder over captions that are known: v [B, n, D] and its mean over frames -> the scores of every word
 * at every place, [T*R, V], and what each caption attends to in all, [B, C, n] (words that are not there left
 * out).
 */
function readCaptions(
  network: Network,
  { v, vMean }: { v: Value; vMean: Value },
  batch: CaptionLeaves,
  masks: DropoutMasks,
): { scores: Value; attended: Value } {
  const { frameMask, words, wordMask } = batch
  const [T, R] = [dim(words, 0), dim(words, 1)]
  const [B, C] = clipsByCaptions(batch)
  const clips = decoderMemory(network, v, vMean, frameMask)
  const { embeddingSize, embeddingDropout } = network.architecture.settings
  const embedded = dropout(
    ops.reshape(embed(network, words), [T * R, embeddingSize]),
    masks.embedded,
    embeddingDropout,
  )
  const gates = ops.split(wordGates(network, embedded), 0, T)
  const gateFactors = masks.gates
    ? ops.split(dropoutFactors(masks.gates, network.architecture.settings.gateDropout), 0, T)
    : []
  const perCaption = (x: Value): Value => {
    const H = dim(x, 1)
    return ops.reshape(ops.broadcast(ops.reshape(x, [B, 1, H]), [B, C, H]), [R, H])
  }
  let hidden = perCaption(clips.hidden)
  let memory = perCaption(clips.memory)
  const hiddenStates: Value[] = []
  const frameWeights: Value[] = []
  const wordMasks = ops.split(ops.reshape(wordMask, [T, B, C, 1]), 0, T)
  let attended: Value = constant(0)
  gates.forEach((wordGate, t) => {
    const step = decoderStep(network, clips, {
      wordGates: wordGate,
      hidden,
      memory,
      gateFactors: gateFactors[t],
    })
    hidden = step.hidden
    memory = step.memory
    hiddenStates.push(hidden)
    frameWeights.push(step.frameWeights)
    const mask = ops.reshape(wordMasks[t]!, [B, C, 1])
    attended = ops.add(attended, ops.multiply(step.attention, mask))
  })
  const hiddens = ops.concat(hiddenStates, 0)
  const context = weighedFrames(clips.frameOutput, frameWeights)
  return { scores: logits(network, { hidden: hiddens, context, embedded }, masks), attended }
}

/**
 * Something of the frames, [B, n, W], for all words at once, [T*R, W], by what each word weighs the frames
 * with, T times [B, C, n]: rows clip by clip for the product, then word by word again.
 */
function weighedFrames(ofFrames: Value, frameWeights: readonly Value[]): Value {
  const [B, n, W] = [dim(ofFrames, 0), dim(ofFrames, 1), dim(ofFrames, 2)]
  const T = frameWeights.length
  const byClip = ops.concat(frameWeights, 1)
  const C = dim(byClip, 1) / T
  const product = ops.matmul(ops.reshape(byClip, [B, T * C, n]), ofFrames)
  return ops.reshape(ops.transpose(ops.reshape(product, [B, T, C, W]), [1, 0, 2, 3]), [T * B * C, W])
}

/** The mean over captions, as they are weighed, of their sums over words: [T, R] -> []. */
export const overCaptions = (
  perWord: Value,
  { wordMask, captionWeight }: Pick<BatchLeaves, 'wordMask' | 'captionWeight'>,
): Value => ops.sum(ops.multiply(ops.multiply(perWord, wordMask), captionWeight))

/**
 * The NLL with the target (1 - e) one-hot + e/V: (1 - e) NLL - e times the mean of all words'
 * log-probabilities.
 */
function smoothed(nll: Value, scores: Value, batch: BatchLeaves, e: number): Value {
  const everyWord = ops.affine(
    ops.reshape(ops.sum(ops.logSoftmax(scores), [1]), batch.targets.shape),
    -1 / dim(scores, 1),
  )
  return ops.add(ops.affine(nll, 1 - e), ops.affine(overCaptions(everyWord, batch), e))
}

/**
 * The doubly stochastic attention penalty (Xu et al., ICML 2015, eq. 14): (1 - the frame's attention summed
 * over the words)^2, summed over the frames and averaged over the captions, or the other way round (setting
 * attentionPenaltyForm).
 */
function doublyStochasticPenalty(
  { settings: { attentionPenaltyForm } }: Architecture,
  attended: Value,
  batch: BatchLeaves,
): Value {
  const [B, C] = clipsByCaptions(batch)
  const n = dim(batch.frameMask, 0)
  const valid = ops.reshape(ops.transpose(batch.frameMask, [1, 0]), [B, 1, n])
  const missed = ops.multiply(ops.square(ops.affine(attended, -1, 1)), valid)
  const ofCaptions = ops.sum(missed, [2])
  if (attentionPenaltyForm === 'caption-mean') {
    return ops.sum(ops.multiply(ofCaptions, ops.reshape(batch.captionWeight, [B, C])))
  }
  // Every caption has a first word, if only the end word; a row that is none has not.
  const isCaption = ops.reshape(ops.slice(batch.wordMask, 0, 0, 1), [B, C])
  return ops.affine(ops.sum(ops.multiply(ofCaptions, isCaption)), 1 / n)
}
