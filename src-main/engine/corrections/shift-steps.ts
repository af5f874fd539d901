/**
 * Steps of gradient descent on a shift of neurons: what is added to each of them, in all frames alike or in each frame by
 * itself, so that a caption becomes likelier. The weights stay.
 */
import { overCaptions, wordLogProbabilities } from '../captioner/losses.ts'
import { batchLeaves } from '../captioner/minibatch.ts'
import { createNetwork } from '../captioner/model.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import { neuronCount } from '../captioner/parameters.ts'
import { gradients } from '../graph/gradient.ts'
import * as ops from '../graph/ops.ts'
import { compileLoop } from '../graph/runtime.ts'
import type { CompiledLoop, DeviceName, Tensor, Tensors } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { constant, dim, input } from '../graph/value.ts'
import type { Input, Value } from '../graph/value.ts'
import type { Lesson } from './lesson.ts'

/** Of Polyak's length that a step goes at most. */
export const SHARE = 0.3
/** Steps that `take` takes. */
export const STEPS_PER_CALL = 4
/** How much of the mean of squared slopes is the mean before. */
const DECAY = 0.95
const LEAST_SLOPE = 1e-30

const SHIFT = 'shift'
const SQUARES = 'squares'
const FREE = 'free'

/** Whether neurons are shifted in all frames alike, [D], or in each frame by itself, [n, D]. */
export type ShiftOf = 'all frames' | 'each frame'

/**
 * A compiled loop that holds the shift. The objective is the mean over views of the squared -ln p of the caption's words, summed over
 * them: it falls most where a word is least likely. A step goes a share of Polyak's length along the gradient, each component over its
 * root mean square of late (RMSProp: Tieleman and Hinton, lecture 6.5 of "Neural networks for machine learning", 2012).
 */
export class ShiftSteps {
  readonly #loop: CompiledLoop
  /** What every call is fed alike. */
  readonly #feeds: Tensors
  readonly #captionWeight: Input
  readonly #shape: number[]
  /** By neuron, 1 where it may be shifted, [D]. */
  #free: Float32Array
  /** Weights of the views, all alike. */
  readonly allViews: Float32Array

  private constructor(loop: CompiledLoop, feeds: Tensors, captionWeight: Input, shape: number[]) {
    this.#loop = loop
    this.#feeds = feeds
    this.#captionWeight = captionWeight
    this.#shape = shape
    this.#free = new Float32Array(shape.at(-1)!).fill(1)
    this.allViews = new Float32Array(captionWeight.shape[0]!).fill(1 / captionWeight.shape[0]!)
  }

  static async compile(
    model: CaptionerModel,
    lesson: Lesson,
    of: ShiftOf,
    device: DeviceName,
  ): Promise<ShiftSteps> {
    const { architecture, parameters } = model
    const { shape, arrays } = lesson.minibatch
    const D = neuronCount(architecture)
    const batch = batchLeaves(architecture, shape)
    const v = input('v', [shape.clips, architecture.frames, D])
    const shift = input(SHIFT, of === 'each frame' ? [architecture.frames, D] : [D])
    const share = input('share', [])
    const free = input(FREE, [D])
    const shifted = shiftedFrames(v, batch.frameMask, shift)
    const wordLosses = ops.affine(wordLogProbabilities(createNetwork(architecture), shifted, batch), -1)
    const objective = overCaptions(ops.square(wordLosses), batch)
    const nll = overCaptions(wordLosses, batch)
    const loop = await compileLoop(
      [
        {
          state: nextShift(objective, { shift, share, free }),
          perStep: [share],
          collect: { objective, nll },
        },
      ],
      device,
    )
    const feed = (leaf: Input, array: Tensor['data']) => [leaf.name, tensorFor(leaf, array)] as const
    const feeds = Object.fromEntries([
      ...parameters,
      feed(v, lesson.encoded.v),
      feed(batch.frameMask, lesson.encoded.mask),
      feed(batch.words, arrays.words),
      feed(batch.targets, arrays.targets),
      feed(batch.wordMask, arrays.wordMask),
    ])
    return new ShiftSteps(loop, feeds, batch.captionWeight, [...shift.shape])
  }

  /**
   * Takes some steps, each of `share` times Polyak's length, on the views weighed by `weights`; returns the objective
   * before and after them.
   */
  async take(share: number, weights: Float32Array): Promise<{ before: number; after: number }> {
    // One step more, of no length, tells where the others have led.
    const shares = new Float32Array(STEPS_PER_CALL + 1).fill(share, 0, STEPS_PER_CALL)
    const { objective } = await this.#run(shares, weights)
    return { before: objective[0] ?? NaN, after: objective.at(-1) ?? NaN }
  }

  /** From now on steps shift these neurons alone, 1 in `free` [D]. */
  keepTo(free: Float32Array): void {
    this.#free = free
  }

  /** The caption's ln p with a shift, mean over the views. */
  async likelihood(shift: Float32Array): Promise<number> {
    this.restore(shift)
    const { nll } = await this.#run(new Float32Array(1), this.allViews)
    return -(nll[0] ?? NaN)
  }

  async #run(
    shares: Float32Array,
    weights: Float32Array,
  ): Promise<Record<'objective' | 'nll', Float32Array>> {
    const out = await this.#loop.run(shares.length, {
      ...this.#feeds,
      [this.#captionWeight.name]: tensorFor(this.#captionWeight, weights),
      share: { shape: [shares.length], data: shares },
      [FREE]: { shape: [this.#free.length], data: this.#free },
    })
    return { objective: floats(out, 'objective'), nll: floats(out, 'nll') }
  }

  /** The shift as it is now. */
  async shift(): Promise<Float32Array> {
    return floats(Object.fromEntries(await this.#loop.state([SHIFT])), SHIFT)
  }

  /** Goes on from a shift; what slopes were of late is forgotten. */
  restore(shift: Float32Array): void {
    const tensor = (values: Float32Array): Tensor => ({ shape: this.#shape, data: values })
    this.#loop.load(
      new Map([
        [SHIFT, tensor(shift)],
        [SQUARES, tensor(new Float32Array(shift.length))],
      ]),
    )
  }

  async release(): Promise<void> {
    await this.#loop.release()
  }
}

/** v [B, n, D] with a shift, [D] or [n, D], added in every valid frame; mask [n, B]. */
function shiftedFrames(v: Value, mask: Value, shift: Value): Value {
  const [B, n, D] = [dim(v, 0), dim(v, 1), dim(v, 2)]
  const isFrame = ops.reshape(ops.transpose(mask, [1, 0]), [B, n, 1])
  return ops.add(v, ops.multiply(isFrame, ops.reshape(shift, [1, shift.shape.length === 1 ? 1 : n, D])))
}

/**
 * A step along a direction goes `share` times Polyak's length ("Introduction to optimization", 1987, 5.3): the fall of the
 * objective that is left, over the slope. Where nothing is left to learn the slope is zero, and so is the step.
 */
function nextShift(objective: Value, { shift, share, free }: { shift: Input; share: Value; free: Value }) {
  const [gradient] = gradients(objective, [shift])
  const squares = input(SQUARES, shift.shape)
  const nextSquares = ops.add(ops.affine(squares, DECAY), ops.affine(ops.square(gradient!), 1 - DECAY))
  const least = constant(LEAST_SLOPE)
  const direction = ops.multiply(free, ops.divide(gradient!, ops.maximum(ops.sqrt(nextSquares), least)))
  const slope = ops.sum(ops.multiply(gradient!, direction))
  const length = ops.divide(ops.multiply(objective, share), ops.maximum(slope, least))
  return [
    { current: shift, next: ops.subtract(shift, ops.multiply(direction, length)) },
    { current: squares, next: nextSquares },
  ]
}
