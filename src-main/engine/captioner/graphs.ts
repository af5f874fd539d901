/** The graphs of captioning: what the decoder runs, and what a model export is made of. */
import * as ops from '../graph/ops.ts'
import { input } from '../graph/value.ts'
import {
  decoderMemory,
  decoderStep,
  encode,
  leaf,
  logits,
  meanOverFrames,
  topicScores,
  wordGates,
} from './model.ts'
import { neuronCount, parameterLeaves } from './parameters.ts'
import type { Architecture } from './parameters.ts'

export type CaptioningGraphs = ReturnType<typeof captioningGraphs>

/**
 * Values by name, for `clips` clips with `rows` hypotheses each, R = clips * rows of them clip by clip.
 * `likeliest`: the step gives so many words of each row, likeliest first; null: it gives the
 * log-probabilities of all, by id.
 */
export function captioningGraphs(
  architecture: Architecture,
  clips: number,
  rows: number,
  likeliest: number | null,
) {
  const { frames: n, inputSize: F, settings } = architecture
  const leaves = parameterLeaves(architecture)
  const R = clips * rows
  const features = input('features', [n, clips, F])
  const mask = input('mask', [n, clips])
  const v = input('v', [clips, n, neuronCount(architecture)])
  const vMean = meanOverFrames(v, mask)
  const topics = topicScores(architecture, leaves, vMean)
  const memory = decoderMemory(leaves, v, vMean, mask)
  const given = {
    frameKeys: input('frame_keys', [clips, n, settings.attentionSize]),
    frameGates: input('frame_gates', [clips, n, 4 * settings.hiddenSize]),
    frameOutput: input('frame_output', [clips, n, settings.embeddingSize]),
    frameBias: input('frame_bias', [clips, 1, n]),
    hidden: input('hidden', [R, settings.hiddenSize]),
    memory: input('memory', [R, settings.hiddenSize]),
  }
  const words = input('words', [R], 'int64')
  const embedded = ops.gather(leaf(leaves, 'embedding'), words)
  const step = decoderStep(leaves, given, wordGates(leaves, embedded), given.hidden, given.memory)
  const context = ops.reshape(ops.matmul(step.frameWeights, given.frameOutput), [R, settings.embeddingSize])
  const all = ops.logSoftmax(logits(architecture, leaves, step.hidden, context, embedded))
  const top = likeliest === null ? null : ops.top(all, likeliest)
  return {
    leaves: { features, mask, v, ...given, words },
    encoder: { v: encode(architecture, leaves, features, mask) },
    topics: { topics, v_mean: vMean },
    memory: {
      frame_keys: memory.frameKeys,
      frame_gates: memory.frameGates,
      frame_output: memory.frameOutput,
      frame_bias: memory.frameBias,
      hidden: memory.hidden,
      memory: memory.memory,
      topics,
    },
    step: {
      ...(top ? { log_probabilities: top.values, next_words: top.indices } : { log_probabilities: all }),
      next_hidden: step.hidden,
      next_memory: step.memory,
      attention: step.attention,
    },
  }
}
