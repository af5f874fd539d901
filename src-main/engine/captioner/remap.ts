/**
 * Remapping: a trained topic head is carried over to topics that were merged or left out, without training.
 * The head is linear in its hidden layer h = relu(W v-bar + b), so a column that lives on is copied. Of a
 * merged topic the old columns say together, for each clip, 1 - product of (1 - p_k) ("at least one of them",
 * clips' topics being independent); its new column is fitted to that by weighted ridge regression on h,
 * starting from the sum of the old columns, which is what holds where the topics exclude each other:
 *
 *     minimise over d:  sum over clips of weight (h . (w_sum + d) - target)^2 + RIDGE trace(H'WH)/P ||d||^2
 *
 * With the squared loss a score is p itself; with the cross-entropy it is the logit, and the weight p (1 - p)
 * is that of the logistic model's curvature.
 */
import { CancelledError } from '#contract'
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { resolveDevice } from '../graph/session.ts'
import { batchSizeFor, GREEDY, padded } from './decoder.ts'
import { saveModel } from './model-folder.ts'
import type { CaptionerModel } from './model-folder.ts'
import { withJointHead } from './parameters.ts'
import type { Parameters } from './parameters.ts'
import { withModel } from './ready.ts'

const RIDGE = 1e-3
/** Of conjugate gradients; the ridge bounds how many are needed. */
const ITERATIONS = 100
const TOLERANCE = 1e-8
/** Probabilities are kept this far from 0 and 1, for their logits. */
const MARGIN = 1e-3

/** Writes the remapped model to `to`. `groups` hold old columns, none of them empty. */
export async function remap(
  { modelDir, to, groups, clips, device }: EngineParams<'captioner.remap'>,
  { signal, progress }: EngineContext,
): Promise<EngineResult<'captioner.remap'>> {
  const started = performance.now()
  const settings = await withModel(
    modelDir,
    { decoding: GREEDY, device: resolveDevice(device), batchSize: batchSizeFor(GREEDY, clips.length) },
    async ({ model, decoder, reader }) => {
      const { architecture, parameters } = model
      const P = architecture.settings.topicHiddenSize
      const old = architecture.topics
      const merged = groups.some((group) => group.length > 1)
      const hidden: Float64Array[] = []
      for (let start = 0; merged && start < clips.length; start += decoder.batchSize) {
        if (signal.aborted) {
          throw new CancelledError()
        }
        const chosen = clips.slice(start, start + decoder.batchSize)
        const { means } = await decoder.topics(
          await decoder.encode(await reader.batch(padded(chosen, decoder.batchSize))),
        )
        chosen.forEach((_, b) => hidden.push(hiddenLayer(model, means[b] ?? new Float32Array(0))))
        progress({ phase: 'reading the head', done: hidden.length, total: clips.length, unit: 'clips' })
      }
      const [weights, biases] = [
        dataOf(parameters, 'topics.output'),
        dataOf(parameters, 'topics.output_bias'),
      ]
      /** An old column: its weights, and its bias as the last. */
      const column = (k: number): Float64Array =>
        Float64Array.from({ length: P + 1 }, (_, i) => (i < P ? weights[i * old + k] : biases[k]) ?? 0)
      const output = new Float32Array(P * groups.length)
      const bias = new Float32Array(groups.length)
      groups.forEach((group, g) => {
        const columns = group.map(column)
        const fitted =
          columns.length === 1 ? columns[0]! : together(columns, hidden, architecture.settings.topicLoss)
        for (let i = 0; i < P; i++) {
          output[i * groups.length + g] = fitted[i]!
        }
        bias[g] = fitted[P]!
      })
      const remapped: Parameters = new Map(parameters)
      remapped.set('topics.output', { shape: [P, groups.length], data: output })
      remapped.set('topics.output_bias', { shape: [groups.length], data: bias })
      const remappedTo = withJointHead({ ...architecture, topics: groups.length })
      await saveModel(to, { ...model, architecture: remappedTo, parameters: remapped })
      return remappedTo.settings
    },
  )
  return { seconds: (performance.now() - started) / 1000, settings }
}

const dataOf = (parameters: Parameters, name: string): Float32Array => {
  const tensor = parameters.get(name)
  if (!tensor) {
    throw new Error(`the model has no parameter ${name}`)
  }
  return tensor.data
}

/** h of a clip's v-bar, and a 1 for the bias, [P + 1]. */
function hiddenLayer({ parameters, architecture }: CaptionerModel, mean: Float32Array): Float64Array {
  const P = architecture.settings.topicHiddenSize
  const [weights, biases] = [dataOf(parameters, 'topics.hidden'), dataOf(parameters, 'topics.hidden_bias')]
  const h = Float64Array.from({ length: P + 1 }, (_, i) => (i < P ? biases[i]! : 1))
  mean.forEach((value, d) => {
    for (let i = 0; i < P; i++) {
      h[i]! += value * weights[d * P + i]!
    }
  })
  for (let i = 0; i < P; i++) {
    h[i] = Math.max(0, h[i]!)
  }
  return h
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0)
const addScaled = (to: Float64Array, by: number, from: Float64Array): void => {
  for (let i = 0; i < to.length; i++) {
    to[i]! += by * from[i]!
  }
}

/**
 * The column that says what `columns` say together, [P + 1]; `hidden` are the clips' h with a 1, [N][P + 1].
 */
export function together(
  columns: readonly Float64Array[],
  hidden: readonly Float64Array[],
  loss: 'squared' | 'cross-entropy',
): Float64Array {
  const squared = loss === 'squared'
  const start = new Float64Array(columns[0]?.length ?? 0)
  for (const column of columns) {
    addScaled(start, 1, column)
  }
  const probability = (score: number): number =>
    squared ? Math.min(Math.max(score, 0), 1) : 1 / (1 + Math.exp(-score))
  const rows = hidden.map((h) => {
    const p = 1 - columns.reduce((none, column) => none * (1 - probability(dot(h, column))), 1)
    const inner = Math.min(Math.max(p, MARGIN), 1 - MARGIN)
    const target = squared ? p : Math.log(inner / (1 - inner))
    return { h, weight: squared ? 1 : inner * (1 - inner), residual: target - dot(h, start) }
  })
  const ridge =
    (RIDGE * rows.reduce((sum, { h, weight }) => sum + weight * dot(h, h), 0)) / Math.max(1, start.length)
  if (ridge === 0) {
    return start
  }
  const product = (d: Float64Array): Float64Array => {
    const result = d.map((value) => ridge * value)
    for (const { h, weight } of rows) {
      addScaled(result, weight * dot(h, d), h)
    }
    return result
  }
  // Conjugate gradients (Hestenes and Stiefel, 1952) on the normal equations.
  const d = new Float64Array(start.length)
  const residual = new Float64Array(start.length)
  for (const { h, weight, residual: r } of rows) {
    addScaled(residual, weight * r, h)
  }
  let direction = residual.slice()
  let norm = dot(residual, residual)
  const enough = TOLERANCE ** 2 * norm
  for (let i = 0; i < ITERATIONS && norm > enough; i++) {
    const image = product(direction)
    const rate = norm / dot(direction, image)
    addScaled(d, rate, direction)
    addScaled(residual, -rate, image)
    const next = dot(residual, residual)
    const turned = residual.slice()
    addScaled(turned, next / norm, direction)
    direction = turned
    norm = next
  }
  addScaled(d, 1, start)
  return d
}
