/**
 * Steps of gradient descent on a shift of neurons: what is added to each of them, in all frames alike, so that a
 * caption becomes likelier. The weights stay.
 */
import { captionNll } from '../captioner/losses.ts'
import { batchLeaves } from '../captioner/minibatch.ts'
import { createNetwork } from '../captioner/model.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import { neuronCount } from '../captioner/parameters.ts'
import { gradients } from '../graph/gradient.ts'
import * as ops from '../graph/ops.ts'
import { compileLoop } from '../graph/runtime.ts'
import type { CompiledLoop, DeviceName, Tensor, Tensors } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { dim, input } from '../graph/value.ts'
import type { Input, Value } from '../graph/value.ts'
import { stepLength, takeSteps } from './descent.ts'
import type { Steps } from './descent.ts'
import type { Lesson } from './lesson.ts'

const SHIFT = 'shift'

/**
 * A compiled loop that holds the shift. The objective is the mean over a lesson's views of the caption's negative
 * log-likelihood. Each step goes a share of Polyak's length along the gradient (descent.ts).
 */
export class ShiftSteps implements Steps<Float32Array> {
  readonly #loop: CompiledLoop
  /** What every call is fed alike. */
  readonly #feeds: Tensors
  readonly #captionWeight: Input

  private constructor(loop: CompiledLoop, feeds: Tensors, captionWeight: Input) {
    this.#loop = loop
    this.#feeds = feeds
    this.#captionWeight = captionWeight
  }

  /** For a lesson, from a shift of nothing. */
  static async compile(model: CaptionerModel, lesson: Lesson, device: DeviceName): Promise<ShiftSteps> {
    const { architecture, parameters } = model
    const { shape, arrays } = lesson.minibatch
    const D = neuronCount(architecture)
    const batch = batchLeaves(architecture, shape)
    const v = input('v', [shape.clips, architecture.frames, D])
    const shift = input(SHIFT, [D])
    const share = input('share', [])
    const nll = captionNll(createNetwork(architecture), shiftedFrames(v, batch.frameMask, shift), batch)
    const loop = await compileLoop(
      [{ state: [nextShift(nll, shift, share)], perStep: [share], collect: { nll } }],
      device,
    )
    const feed = (leaf: Input, array: Tensor['data']) => [leaf.name, tensorFor(leaf, array)] as const
    const steps = new ShiftSteps(
      loop,
      Object.fromEntries([
        ...parameters,
        feed(v, lesson.encoded.v),
        feed(batch.frameMask, lesson.encoded.mask),
        feed(batch.words, arrays.words),
        feed(batch.targets, arrays.targets),
        feed(batch.wordMask, arrays.wordMask),
      ]),
      batch.captionWeight,
    )
    steps.restore(new Float32Array(D))
    return steps
  }

  take(share: number, weights: Float32Array): Promise<{ before: number; after: number }> {
    const captionWeight = tensorFor(this.#captionWeight, weights)
    return takeSteps(this.#loop, { ...this.#feeds, [this.#captionWeight.name]: captionWeight }, share)
  }

  /** The shift as it is now, [D]. */
  async position(): Promise<Float32Array> {
    return floats(Object.fromEntries(await this.#loop.state()), SHIFT)
  }

  restore(shift: Float32Array): void {
    this.#loop.load(new Map([[SHIFT, { shape: [shift.length], data: shift }]]))
  }

  async release(): Promise<void> {
    await this.#loop.release()
  }
}

/** v [B, n, D] with a shift [D] added in every valid frame; mask [n, B]. */
function shiftedFrames(v: Value, mask: Value, shift: Value): Value {
  const [B, n, D] = [dim(v, 0), dim(v, 1), dim(v, 2)]
  const isFrame = ops.reshape(ops.transpose(mask, [1, 0]), [B, n, 1])
  return ops.add(v, ops.multiply(isFrame, ops.reshape(shift, [1, 1, D])))
}

function nextShift(nll: Value, shift: Input, share: Value) {
  const [gradient] = gradients(nll, [shift])
  const slope = ops.sum(ops.square(gradient!))
  const length = stepLength(nll, share, slope)
  return { current: shift, next: ops.subtract(shift, ops.multiply(gradient!, length)) }
}
