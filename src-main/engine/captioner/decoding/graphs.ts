/** The graphs of captioning: what the decoder runs, and what a model export is made of. */
import * as ops from '../../graph/ops.ts'
import { input } from '../../graph/value.ts'
import type { Value } from '../../graph/value.ts'
import {
  createNetwork,
  decoderMemory,
  decoderStep,
  embed,
  encode,
  logits,
  meanOverFrames,
  topicScores,
  wordGates,
} from '../model.ts'
import type { DecoderMemory, Network } from '../model.ts'
import { neuronCount } from '../parameters.ts'
import type { Architecture } from '../parameters.ts'

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
  const { frames: n, inputSize: F } = architecture
  const network = createNetwork(architecture)
  const R = clips * rows
  const features = input('features', [n, clips, F])
  const mask = input('mask', [n, clips])
  const v = input('v', [clips, n, neuronCount(architecture)])
  const vMean = meanOverFrames(v, mask)
  const topics = topicScores(network, vMean)
  const remembered = rememberedInputs(architecture, clips, rows)
  const words = input('words', [R], 'int64')
  const step = wordStep(network, remembered, embed(network, words))
  const top = likeliest === null ? null : ops.top(step.logProbabilities, likeliest)
  return {
    leaves: { features, mask, v, ...remembered, words },
    encoder: { v: encode(network, features, mask) },
    topics: { topics, v_mean: vMean },
    memory: { ...memoryOutputs(decoderMemory(network, v, vMean, mask)), topics },
    step: {
      ...(top
        ? { log_probabilities: top.values, next_words: top.indices }
        : { log_probabilities: step.logProbabilities }),
      next_hidden: step.hidden,
      next_memory: step.memory,
      attention: step.attention,
    },
  }
}

/** Inputs for what a decoder step is fed of clips, and for the state of its rows; their names begin with `prefix`. */
export function rememberedInputs(architecture: Architecture, clips: number, rows: number, prefix = '') {
  const { frames: n, settings } = architecture
  const R = clips * rows
  return {
    frameKeys: input(`${prefix}frame_keys`, [clips, n, settings.attentionSize]),
    frameGates: input(`${prefix}frame_gates`, [clips, n, 4 * settings.hiddenSize]),
    frameOutput: input(`${prefix}frame_output`, [clips, n, settings.embeddingSize]),
    frameBias: input(`${prefix}frame_bias`, [clips, 1, n]),
    hidden: input(`${prefix}hidden`, [R, settings.hiddenSize]),
    memory: input(`${prefix}memory`, [R, settings.hiddenSize]),
  }
}

/** One decoder step from the embeddings [R, W] of the words before: the state after it, and ln p of each next word [R, V]. */
export function wordStep(network: Network, remembered: DecoderMemory, embedded: Value) {
  const step = decoderStep(network, remembered, {
    wordGates: wordGates(network, embedded),
    hidden: remembered.hidden,
    memory: remembered.memory,
  })
  const context = ops.reshape(ops.matmul(step.frameWeights, remembered.frameOutput), embedded.shape)
  const logProbabilities = ops.logSoftmax(logits(network, { hidden: step.hidden, context, embedded }))
  return { ...step, logProbabilities }
}

/** What a decoder step is fed of the clips, by the names of its inputs. */
export const memoryOutputs = (memory: DecoderMemory): Record<string, Value> => ({
  frame_keys: memory.frameKeys,
  frame_gates: memory.frameGates,
  frame_output: memory.frameOutput,
  frame_bias: memory.frameBias,
  hidden: memory.hidden,
  memory: memory.memory,
})
