/** What an exported encoder computes of one clip. */
import * as ops from '../../graph/ops.ts'
import { input } from '../../graph/value.ts'
import type { Value } from '../../graph/value.ts'
import { memoryOutputs } from '../decoding/graphs.ts'
import { createNetwork, decoderMemory, encode, meanOverFrames, topicScores } from '../model.ts'
import type { CaptionerModel } from '../model-folder.ts'
import { neuronCount } from '../parameters.ts'
import { shiftOf } from './codebook-graph.ts'

/** The inputs of an exported encoder: raw features [n, F], and which rows are frames [n]. */
export const clipInputs = ({ architecture: { frames: n }, transform }: CaptionerModel) => ({
  features: input('features', [n, transform.mean.length]),
  mask: input('mask', [n]),
})

/**
 * What is computed of a clip's features: v [1, n, D] and v-bar [1, D] as the encoder has them, and, with the neurons of a
 * clip of the codebook shifted, f(v-bar) [1, K] and what decoding needs.
 */
export function clipGraph(model: CaptionerModel) {
  const { architecture, transform } = model
  const { frames: n, inputSize } = architecture
  const F = transform.mean.length
  const network = createNetwork(architecture)
  const inputs = clipInputs(model)
  const mask = ops.reshape(inputs.mask, [n, 1])
  const standardised = ops.multiply(
    ops.subtract(inputs.features, input('features.mean', [F])),
    input('features.scale', [F]),
  )
  const x = transform.projection
    ? ops.matmul(standardised, input('features.projection', [F, inputSize]))
    : standardised
  const v = encode(network, ops.reshape(ops.multiply(x, mask), [n, 1, inputSize]), mask)
  const vMean = meanOverFrames(v, mask)
  const shift = shiftOf(model, vMean)
  const shifted = shift === null ? v : ops.add(v, ops.multiply(ops.reshape(mask, [1, n, 1]), shift))
  const meanShifted = shift === null ? vMean : meanOverFrames(shifted, mask)
  return {
    v,
    vMean,
    topics: topicScores(network, meanShifted),
    memory: memoryOutputs(decoderMemory(network, shifted, meanShifted, mask)),
  }
}

/** From a clip's v [1, n, D], with neurons moved, and its mask [n] to what decoding needs. */
export function memoryOfMoved({ architecture }: CaptionerModel, moved?: Value): Record<string, Value> {
  const network = createNetwork(architecture)
  const mask = ops.reshape(input('mask', [architecture.frames]), [architecture.frames, 1])
  const v = moved ?? input('v', [1, architecture.frames, neuronCount(architecture)])
  return memoryOutputs(decoderMemory(network, v, meanOverFrames(v, mask), mask))
}
