/**
 * Steps along the natural gradient on the read-out's weights: of all changes that bring a caption equally far, the one
 * that moves the captions of other clips least (read-out-curvature.ts).
 */
import { losses } from '../captioner/losses.ts'
import { batchLeaves } from '../captioner/minibatch.ts'
import { createNetwork } from '../captioner/model.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import type { Parameters } from '../captioner/parameters.ts'
import { parametersOf } from '../captioner/training/step.ts'
import { gradients } from '../graph/gradient.ts'
import * as ops from '../graph/ops.ts'
import { compileLoop } from '../graph/runtime.ts'
import type { CompiledLoop, DeviceName, Tensor, Tensors } from '../graph/runtime.ts'
import { tensorFor } from '../graph/session.ts'
import { dim, input } from '../graph/value.ts'
import type { Input, Value } from '../graph/value.ts'
import { stepLength, takeSteps } from './descent.ts'
import type { Steps } from './descent.ts'
import type { Lesson } from './lesson.ts'
import type { Curvature } from './read-out-curvature.ts'

/** The parameters that stand one below the other in W of the read-out, the bias last. */
const READ_OUT = ['output.hidden', 'output.context', 'output.bias'] as const

/** A compiled loop that holds the read-out; the objective and the steps' length are those of `ShiftSteps`. */
export class ReadOutSteps implements Steps<Parameters> {
  readonly #model: CaptionerModel
  readonly #loop: CompiledLoop
  /** What every call is fed alike. */
  readonly #feeds: Tensors
  readonly #captionWeight: Input

  private constructor(model: CaptionerModel, loop: CompiledLoop, feeds: Tensors, captionWeight: Input) {
    this.#model = model
    this.#loop = loop
    this.#feeds = feeds
    this.#captionWeight = captionWeight
  }

  static async compile(
    model: CaptionerModel,
    lesson: Lesson,
    curvature: Curvature,
    device: DeviceName,
  ): Promise<ReadOutSteps> {
    const { architecture, parameters } = model
    const { shape, arrays } = lesson.minibatch
    const network = createNetwork(architecture)
    const batch = batchLeaves(architecture, shape)
    const { nll } = losses(network, batch, {}, 0)
    const inverses = {
      inputs: input('curvature.inputs', curvature.inputs.shape),
      outputs: input('curvature.outputs', curvature.outputs.shape),
    }
    const share = input('share', [])
    const changed = READ_OUT.map((name) => network.leaves.get(name)!)
    const loop = await compileLoop(
      [{ state: nextParameters(nll, changed, inverses, share), perStep: [share], collect: { nll } }],
      device,
    )
    const feed = (leaf: Input, array: Tensor['data']) => [leaf.name, tensorFor(leaf, array)] as const
    const isChanged = new Set<string>(READ_OUT)
    const feeds = Object.fromEntries([
      ...[...parameters].filter(([name]) => !isChanged.has(name)),
      [inverses.inputs.name, curvature.inputs],
      [inverses.outputs.name, curvature.outputs],
      feed(batch.features, lesson.features.features),
      feed(batch.frameMask, lesson.features.mask),
      feed(batch.topics, arrays.topics),
      feed(batch.words, arrays.words),
      feed(batch.targets, arrays.targets),
      feed(batch.wordMask, arrays.wordMask),
    ])
    const steps = new ReadOutSteps(model, loop, feeds, batch.captionWeight)
    steps.restore(parameters)
    return steps
  }

  take(share: number, weights: Float32Array): Promise<{ before: number; after: number }> {
    const captionWeight = tensorFor(this.#captionWeight, weights)
    return takeSteps(this.#loop, { ...this.#feeds, [this.#captionWeight.name]: captionWeight }, share)
  }

  /** All parameters of the model as they are now. */
  async position(): Promise<Parameters> {
    return new Map([...this.#model.parameters, ...parametersOf(await this.#loop.state(), READ_OUT)])
  }

  restore(parameters: Parameters): void {
    this.#loop.load(new Map(READ_OUT.map((name) => [name, parameters.get(name)!])))
  }

  async release(): Promise<void> {
    await this.#loop.release()
  }
}

/** Each parameter of the read-out, and what it is after a step of `share` times Polyak's length along A^-1 G S^-1. */
function nextParameters(nll: Value, leaves: readonly Input[], inverses: Curvature<Input>, share: Value) {
  const W = dim(leaves[0]!, -1)
  const rows = leaves.map(({ shape }) => (shape.length === 1 ? 1 : shape[0]!))
  const slopes = gradients(nll, [...leaves])
  const gradient = ops.concat(
    slopes.map((slope, i) => ops.reshape(slope, [rows[i]!, W])),
    0,
  )
  const direction = ops.matmul(ops.matmul(inverses.inputs, gradient), inverses.outputs)
  const slope = ops.sum(ops.multiply(gradient, direction))
  const length = stepLength(nll, share, slope)
  let end = 0
  return leaves.map((leaf, i) => {
    const start = end
    end += rows[i]!
    const ofLeaf = ops.reshape(ops.slice(direction, 0, start, end), leaf.shape)
    return { current: leaf, next: ops.subtract(leaf, ops.multiply(ofLeaf, length)) }
  })
}
