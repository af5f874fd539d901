/** A classifier of a captioner's neurons, exported with it: from a clip's features to the probabilities of classes. */
import { join } from 'node:path'
import type { ActionHead } from '#contract'
import { isThere } from '../../../formats/files.ts'
import { readSafetensors } from '../../../formats/safetensors.ts'
import type { FloatTensor } from '../../../formats/safetensors.ts'
import * as ops from '../../graph/ops.ts'
import { input, sameShape } from '../../graph/value.ts'
import type { Value } from '../../graph/value.ts'
import { failures } from '../failures.ts'
import type { CaptionerModel } from '../model-folder.ts'
import { neuronCount } from '../parameters.ts'
import { clipGraph } from './clip-graph.ts'

/** What an export's numbers of it are called. */
export const CLASS_HEAD_FILE = 'classes.safetensors'
/** The names that its arrays have in the file, and in a network. */
const MEAN = 'classes.mean'
const FACTOR = 'classes.factor'
const WEIGHTS = 'classes.weights'
const BIAS = 'classes.bias'

/** The arrays of a classifier by name. */
export function classHeadTensors({ mean, factor, weights, bias }: ActionHead): Map<string, FloatTensor> {
  const [D, C] = [mean.length, bias.length]
  return new Map([
    [MEAN, { shape: [D], data: mean }],
    [FACTOR, { shape: [D], data: factor }],
    [WEIGHTS, { shape: [D, C], data: weights }],
    [BIAS, { shape: [C], data: bias }],
  ])
}

/** From a clip's raw features [n, F] and its mask [n] to `probabilities` [C]: softmax((v-bar - mean) factor W + b). */
export function classOutputs(model: CaptionerModel, head: ActionHead): Record<string, Value> {
  const [D, C] = [head.mean.length, head.bias.length]
  const { vMean } = clipGraph(model)
  const standardised = ops.multiply(ops.subtract(vMean, input(MEAN, [D])), input(FACTOR, [D]))
  const scores = ops.add(ops.matmul(standardised, input(WEIGHTS, [D, C])), input(BIAS, [C]))
  return { probabilities: ops.reshape(ops.softmax(scores), [C]) }
}

/**
 * The classifier that an export holds beside its model; null: none. Throws BAD_INPUT, naming the file, for one that is not of
 * the model's neurons, and numbers that are not finite.
 */
export async function readClassHead(
  folder: string,
  { architecture }: CaptionerModel,
): Promise<Omit<ActionHead, 'strength'> | null> {
  const path = join(folder, CLASS_HEAD_FILE)
  if (!(await isThere(path))) {
    return null
  }
  const tensors = await readSafetensors(path)
  const D = neuronCount(architecture)
  const C = tensors.get(BIAS)?.shape[0] ?? 0
  const take = (name: string, shape: readonly number[]): Float32Array => {
    const tensor = tensors.get(name)
    if (tensor === undefined || !sameShape(tensor.shape, shape) || !tensor.data.every(Number.isFinite)) {
      throw failures.modelDamaged({ path }, { cause: new Error(name) })
    }
    return tensor.data
  }
  return {
    mean: take(MEAN, [D]),
    factor: take(FACTOR, [D]),
    weights: take(WEIGHTS, [D, C]),
    bias: take(BIAS, [C]),
  }
}
