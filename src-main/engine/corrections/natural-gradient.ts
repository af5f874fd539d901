/**
 * Steps along the natural gradient: of all changes that bring the captions equally far, the one that moves
 * the captions of replayed training clips least (curvature.ts).
 */
import { losses } from '../captioner/losses.ts'
import { batchLeaves } from '../captioner/minibatch.ts'
import type { BatchArrays, BatchShape } from '../captioner/minibatch.ts'
import type { FeatureBatch } from '../captioner/features.ts'
import { createNetwork } from '../captioner/model.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import type { Architecture, Parameters } from '../captioner/parameters.ts'
import { parametersOf } from '../captioner/training/step.ts'
import { gradients } from '../graph/gradient.ts'
import * as ops from '../graph/ops.ts'
import { compileLoop } from '../graph/runtime.ts'
import type { CompiledLoop, DeviceName, Tensor, Tensors } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { constant, input } from '../graph/value.ts'
import type { Input, Value } from '../graph/value.ts'
import { factorName, FACTORS } from './curvature.ts'
import type { Curvature } from './curvature.ts'
import { layerShape, parametersIn } from './layers.ts'

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
 * A compiled loop that changes some layers so that captions become likelier; it holds their parameters. The
 * objective is the captions' mean negative log-likelihood. Each step goes a share of Polyak's length
 * ("Introduction to optimization", 1987, 5.3): the fall of the objective that is left, over the slope.
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
    const names = parametersIn([...curvature.keys()])
    const changed = new Map(names.map((name) => [name, network.leaves.get(name)!]))
    const factors = curvatureLeaves(architecture, curvature)
    const share = input('share', [])
    const loop = await compileLoop(
      [
        {
          state: nextParameters(architecture, { nll, changed, factors, share }),
          perStep: [share],
          collect: { nll },
        },
      ],
      device,
    )
    const feed = (leaf: Input, array: Tensor['data']) => [leaf.name, tensorFor(leaf, array)] as const
    const feeds: Tensors = {
      ...Object.fromEntries([...parameters].filter(([name]) => !changed.has(name))),
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

  /** Goes back to the layers of `parameters`. */
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
  /** The parameters that change, by name. */
  changed: ReadonlyMap<string, Input>
  factors: Curvature<Input>
  /** Of Polyak's length. */
  share: Value
}

function nextParameters(architecture: Architecture, { nll, changed, factors, share }: StepInputs) {
  const leaves = [...changed.values()]
  const slopes = gradients(nll, leaves)
  const slopeOf = new Map([...changed.keys()].map((name, i) => [name, slopes[i]!]))
  const { directions, slope } = naturalGradient(architecture, slopeOf, factors)
  // Where nothing is left to learn the slope is zero, and so is the step.
  const length = ops.divide(ops.multiply(nll, share), ops.maximum(slope, constant(LEAST_SLOPE)))
  return [...changed].map(([name, leaf]) => ({
    current: leaf,
    next: ops.subtract(leaf, ops.multiply(directions.get(name)!, length)),
  }))
}

/**
 * The natural gradient of layers' parameters from their gradients, both by parameter name, and the slope along it
 * (the gradient's product with it; positive).
 */
function naturalGradient(
  architecture: Architecture,
  slopeOf: ReadonlyMap<string, Value>,
  factors: Curvature<Input>,
): { directions: Map<string, Value>; slope: Value } {
  const slopes: Value[] = []
  const directions = new Map<string, Value>()
  for (const [layer, { inputs, outputs }] of factors) {
    const { rows, columns } = layerShape(architecture, layer)
    const gradients = parametersIn([layer]).map((name) => ({ name, gradient: slopeOf.get(name)! }))
    const whole = ops.concat(
      gradients.map(({ gradient }, i) => ops.reshape(gradient, [rows[i]!, columns])),
      0,
    )
    const natural = ops.matmul(ops.matmul(inputs, whole), outputs)
    slopes.push(ops.sum(ops.multiply(whole, natural)))
    let end = 0
    gradients.forEach(({ name, gradient }, i) => {
      const start = end
      end += rows[i]!
      directions.set(name, ops.reshape(ops.slice(natural, 0, start, end), gradient.shape))
    })
  }
  return { directions, slope: slopes.reduce((a, b) => ops.add(a, b)) }
}

/** Leaves for a curvature. */
function curvatureLeaves(architecture: Architecture, curvature: Curvature): Curvature<Input> {
  return new Map(
    [...curvature.keys()].map((layer) => {
      const { rows, columns } = layerShape(architecture, layer)
      const I = rows.reduce((sum, count) => sum + count)
      return [
        layer,
        {
          inputs: input(`curvature.${factorName(layer, 'inputs')}`, [I, I]),
          outputs: input(`curvature.${factorName(layer, 'outputs')}`, [columns, columns]),
        },
      ]
    }),
  )
}

const curvatureFeeds = (leaves: Curvature<Input>, curvature: Curvature): Record<string, Tensor> =>
  Object.fromEntries(
    [...leaves].flatMap(([layer, inputs]) =>
      FACTORS.map((factor) => [inputs[factor].name, curvature.get(layer)![factor]]),
    ),
  )
