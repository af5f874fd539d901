/**
 * Steps along the natural gradient: of all changes that bring the captions equally far, the one that moves
 * the captions of replayed training clips least (curvature.ts).
 */
import { losses } from '../captioner/losses.ts'
import { batchLeaves } from '../captioner/minibatch.ts'
import type { BatchArrays, BatchShape } from '../captioner/minibatch.ts'
import type { FeatureBatch } from '../captioner/features.ts'
import { createNetwork, DIRECTIONS } from '../captioner/model.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import { readSize } from '../captioner/parameters.ts'
import type { Architecture, Parameters } from '../captioner/parameters.ts'
import { parametersOf } from '../captioner/training/step.ts'
import { gradients } from '../graph/gradient.ts'
import * as ops from '../graph/ops.ts'
import { compileLoop } from '../graph/runtime.ts'
import type { CompiledLoop, DeviceName, Tensor, Tensors } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { constant, input } from '../graph/value.ts'
import type { Input, Value } from '../graph/value.ts'
import { FACTORS } from './curvature.ts'
import type { Curvature } from './curvature.ts'

/** Steps that `NaturalGradientSteps.take` takes. */
export const STEPS_PER_CALL = 2
const LEAST_SLOPE = 1e-30

/** The captions to learn, one a clip, as a minibatch. */
export interface TargetBatch {
  shape: BatchShape
  arrays: BatchArrays
  features: FeatureBatch
}

/**
 * A compiled loop that changes the encoder so that captions become likelier; it holds the encoder's
 * parameters. The objective is the captions' mean negative log-likelihood, through the decoder as it is. Each
 * step goes a share of Polyak's length ("Introduction to optimization", 1987, 5.3): the fall of the objective
 * that is left, over the slope.
 */
export class NaturalGradientSteps {
  readonly #model: CaptionerModel
  readonly #loop: CompiledLoop
  /** Of the parameters that change. */
  readonly #names: readonly string[]
  /** What every call is fed alike. */
  readonly #feeds: Tensors
  readonly #captionWeight: Input

  private constructor(
    model: CaptionerModel,
    loop: CompiledLoop,
    { names, feeds, captionWeight }: { names: readonly string[]; feeds: Tensors; captionWeight: Input },
  ) {
    this.#model = model
    this.#loop = loop
    this.#names = names
    this.#feeds = feeds
    this.#captionWeight = captionWeight
  }

  static async compile(
    model: CaptionerModel,
    { shape, arrays, features }: TargetBatch,
    curvature: Curvature,
    device: DeviceName,
  ): Promise<NaturalGradientSteps> {
    const { architecture, parameters } = model
    const network = createNetwork(architecture)
    const batch = batchLeaves(architecture, shape)
    const { nll } = losses(network, batch, {}, 0)
    const leaves = new Map([...network.leaves].filter(([name]) => name.startsWith('encoder.')))
    const factors = curvatureLeaves(architecture)
    const share = input('share', [])
    const loop = await compileLoop(
      [
        {
          state: nextParameters(architecture, { nll, leaves, factors, share }),
          perStep: [share],
          collect: { nll },
        },
      ],
      device,
    )
    const feed = (leaf: Input, array: Tensor['data']) => [leaf.name, tensorFor(leaf, array)] as const
    const feeds: Tensors = {
      ...Object.fromEntries([...parameters].filter(([name]) => !leaves.has(name))),
      ...curvatureFeeds(factors, curvature),
      ...Object.fromEntries([
        feed(batch.features, features.features),
        feed(batch.frameMask, features.mask),
        feed(batch.topics, arrays.topics),
        feed(batch.words, arrays.words),
        feed(batch.targets, arrays.targets),
        feed(batch.wordMask, arrays.wordMask),
      ]),
    }
    const names = [...leaves.keys()]
    const steps = new NaturalGradientSteps(model, loop, { names, feeds, captionWeight: batch.captionWeight })
    steps.restore(parameters)
    return steps
  }

  /**
   * Takes some steps, each of `share` times Polyak's length, on the captions weighed by `weights` [B];
   * returns the objective before and after them.
   */
  async take(share: number, weights: Float32Array): Promise<{ before: number; after: number }> {
    // One step more, of no length, tells where the others have led.
    const shares = new Float32Array(STEPS_PER_CALL + 1).fill(share, 0, STEPS_PER_CALL)
    const out = await this.#loop.run(shares.length, {
      ...this.#feeds,
      [this.#captionWeight.name]: tensorFor(this.#captionWeight, weights),
      share: { shape: [shares.length], data: shares },
    })
    const objective = floats(out, 'nll')
    return { before: objective[0] ?? NaN, after: objective.at(-1) ?? NaN }
  }

  /** All parameters of the model as they are now. */
  async parameters(): Promise<Parameters> {
    const changed = parametersOf(await this.#loop.state(), this.#names)
    return new Map([...this.#model.parameters, ...changed])
  }

  /** Goes back to the encoder of `parameters`. */
  restore(parameters: Parameters): void {
    this.#loop.load(new Map([...parameters].filter(([name]) => this.#names.includes(name))))
  }

  async release(): Promise<void> {
    await this.#loop.release()
  }
}

interface StepInputs {
  /** The objective. */
  nll: Value
  /** Of the parameters that change, by name. */
  leaves: ReadonlyMap<string, Input>
  factors: Curvature<Input>
  /** Of Polyak's length. */
  share: Value
}

function nextParameters(architecture: Architecture, { nll, leaves, factors, share }: StepInputs) {
  const slopes = gradients(nll, [...leaves.values()])
  const gradientOf = new Map([...leaves.keys()].flatMap((name, i) => (slopes[i] ? [[name, slopes[i]]] : [])))
  const { directions, slope } = naturalGradient(architecture, gradientOf, factors)
  // Where nothing is left to learn the slope is zero, and so is the step.
  const length = ops.divide(ops.multiply(nll, share), ops.maximum(slope, constant(LEAST_SLOPE)))
  return [...leaves].map(([name, leaf]) => ({
    current: leaf,
    next: ops.subtract(leaf, ops.multiply(directions.get(name) ?? leaf, length)),
  }))
}

/**
 * The natural gradient of the encoder's parameters from their gradients, both by parameter name, and the
 * slope along it (the gradient's product with it; positive).
 */
function naturalGradient(
  architecture: Architecture,
  gradientOf: ReadonlyMap<string, Value>,
  factors: Curvature<Input>,
): { directions: Map<string, Value>; slope: Value } {
  const [read, E] = [readSize(architecture), architecture.settings.encoderSize]
  const slopes: Value[] = []
  const directions = new Map<string, Value>()
  for (const direction of DIRECTIONS) {
    const nameOf = (part: string): string => `encoder.${direction}.${part}`
    const gradient = (part: string): Value => {
      const value = gradientOf.get(nameOf(part))
      if (!value) {
        throw new Error(`there is no gradient of ${nameOf(part)}`)
      }
      return value
    }
    const whole = ops.concat(
      [gradient('input'), gradient('hidden'), ops.reshape(gradient('bias'), [1, 4 * E])],
      0,
    )
    const natural = ops.matmul(ops.matmul(factors[direction].inputs, whole), factors[direction].gates)
    slopes.push(ops.sum(ops.multiply(whole, natural)))
    directions.set(nameOf('input'), ops.slice(natural, 0, 0, read))
    directions.set(nameOf('hidden'), ops.slice(natural, 0, read, read + E))
    directions.set(nameOf('bias'), ops.reshape(ops.slice(natural, 0, read + E, read + E + 1), [4 * E]))
  }
  return { directions, slope: slopes.reduce((a, b) => ops.add(a, b)) }
}

/** Leaves for a curvature. */
function curvatureLeaves(architecture: Architecture): Curvature<Input> {
  const I = readSize(architecture) + architecture.settings.encoderSize + 1
  const G = 4 * architecture.settings.encoderSize
  const [forward, backward] = DIRECTIONS.map((direction) => ({
    inputs: input(`curvature.${direction}.inputs`, [I, I]),
    gates: input(`curvature.${direction}.gates`, [G, G]),
  }))
  if (!forward || !backward) {
    throw new Error('an encoder has two directions')
  }
  return { forward, backward }
}

const curvatureFeeds = (leaves: Curvature<Input>, curvature: Curvature): Record<string, Tensor> =>
  Object.fromEntries(
    DIRECTIONS.flatMap((direction) =>
      FACTORS.map((factor) => [leaves[direction][factor].name, curvature[direction][factor]]),
    ),
  )
