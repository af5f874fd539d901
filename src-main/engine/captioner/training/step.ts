/** The compiled training step (step-graph.ts), several minibatches a call. */
import { takeSteps } from '../../graph/optimizers.ts'
import { compileLoop } from '../../graph/runtime.ts'
import type { CompiledLoop, DeviceName, Tensor } from '../../graph/runtime.ts'
import { floats } from '../../graph/session.ts'
import { elementCount } from '../../graph/value.ts'
import type { Input } from '../../graph/value.ts'
import type { BatchSize } from '../minibatch.ts'
import type { Architecture, Parameters } from '../parameters.ts'
import { trainingStepGraph } from './step-graph.ts'
import type { StepLosses, StepShape } from './step-graph.ts'

/** The training step for every bucket; `bucket` is an index into the numbers of words it was compiled for. */
export interface TrainingStep {
  shapes: readonly StepShape[]
  /** Holds parameters and optimizer slots from call to call. */
  loop: CompiledLoop
  /**
   * Takes as many steps as there are learning rates, after `taken` earlier ones, on what `feeds` holds
   * (per-step leaves, stacked).
   */
  run(
    bucket: number,
    taken: number,
    feeds: ReadonlyMap<string, Tensor>,
    learningRates: readonly number[],
  ): Promise<StepLosses[]>
  release(): Promise<void>
}

interface StepOptions {
  /** B and C of a minibatch. */
  size: BatchSize
  /** Numbers of words T to compile for. */
  buckets: readonly number[]
  /** Weight of the interpretive loss. */
  lambda: number
  device: DeviceName
  /** Parameters that are not trainable stay as they are: they are inputs, fed with every call. */
  trainable?: (name: string) => boolean
}

/** Compiles the training step of an architecture for every bucket. */
export async function compileTrainingStep(
  architecture: Architecture,
  { size, buckets, lambda, device, trainable }: StepOptions,
): Promise<TrainingStep> {
  const compiled = buckets.map((words) =>
    trainingStepGraph(architecture, { ...size, words }, lambda, trainable),
  )
  const [first, ...others] = compiled
  if (!first) {
    throw new Error('a step needs a number of words')
  }
  const loop = await compileLoop([first.body, ...others.map(({ body }) => body)], device)
  return {
    shapes: compiled.map(({ shape }) => shape),
    loop,
    async run(bucket, taken, feeds, learningRates) {
      const out = await takeSteps(loop, first.rule, {
        taken,
        learningRates,
        feeds: Object.fromEntries(feeds),
        body: bucket,
      })
      const [loss, nll, topicLoss] = [floats(out, 'loss'), floats(out, 'nll'), floats(out, 'topicLoss')]
      return Array.from(loss, (value, k) => ({
        loss: value,
        nll: nll[k] ?? NaN,
        topicLoss: topicLoss[k] ?? NaN,
      }))
    },
    release: () => loop.release(),
  }
}

/**
 * Stacks what changes with every step of a call: per-step arrays of each leaf, in step order -> [K,
 * ...shape].
 */
export function stack(leaf: Input, parts: readonly Tensor['data'][]): Tensor {
  const size = elementCount(leaf.shape)
  const stacked = arrayFor(leaf, size * parts.length)
  parts.forEach((part, k) => {
    // All parts of a leaf have the leaf's type; TypedArray.set refuses a mix of BigInt and numbers by
    // throwing.
    ;(stacked as Float32Array).set(part as Float32Array, k * size)
  })
  return { shape: [parts.length, ...leaf.shape], data: stacked }
}

function arrayFor({ dtype }: Input, length: number): Tensor['data'] {
  switch (dtype) {
    case 'int64':
      return new BigInt64Array(length)
    case 'uint8':
      return new Uint8Array(length)
    default:
      return new Float32Array(length)
  }
}

/** The named parameters of a loop's state. Throws when one is missing. */
export function parametersOf(state: ReadonlyMap<string, Tensor>, names: Iterable<string>): Parameters {
  const parameters: Parameters = new Map()
  for (const name of names) {
    const tensor = state.get(name)
    if (!(tensor?.data instanceof Float32Array)) {
      throw new Error(`the state has no parameter ${name}`)
    }
    parameters.set(name, { shape: tensor.shape, data: tensor.data })
  }
  return parameters
}
