/** What a training step costs, for choosing between shapes of batches. */
import { elementCount } from '../../graph/value.ts'
import type { BatchShape } from '../minibatch.ts'
import { neuronCount, parameterTable, readSize } from '../parameters.ts'
import type { Architecture } from '../parameters.ts'

/**
 * What a parameter and a word of unrolled recurrence cost a step beside products, as operations; measured on
 * two AVX-512 cores.
 */
const OVERHEAD = { parameter: 650, word: 2e8, frame: 3e7 }

/**
 * Floating-point operations of a training step, about: two for each multiplication of a weight with each row
 * that uses it, and twice that again for the gradients.
 */
export function stepOperations(architecture: Architecture, shape: BatchShape): number {
  const { settings, frames, vocabularySize: V } = architecture
  const { encoderSize: E, hiddenSize: H, attentionSize: A, embeddingSize: W } = settings
  const D = neuronCount(architecture)
  const rows = shape.clips * shape.captions * shape.words
  const perFrame = 2 * (readSize(architecture) + E) * 4 * E + D * (A + 4 * H + W)
  const perWord = (W + H) * 4 * H + H * A + frames * (A + 4 * H + W) + H * W + W * V
  return 6 * (shape.clips * frames * perFrame + rows * perWord)
}

/**
 * What a step costs, in floating-point operations of matrix products: the products themselves, the
 * optimizer's passes over the parameters, and the many small operations of every time step.
 */
export function stepCost(architecture: Architecture, shape: BatchShape): number {
  const parameters = [...parameterTable(architecture).values()].reduce(
    (total, parameter) => total + elementCount(parameter.shape),
    0,
  )
  return (
    stepOperations(architecture, shape) +
    OVERHEAD.parameter * parameters +
    OVERHEAD.word * shape.words +
    OVERHEAD.frame * architecture.frames
  )
}
