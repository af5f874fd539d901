/** Adam (Kingma and Ba, ICLR 2015, algorithm 1) as graph values, with L2 weight decay and global gradient-norm clipping. */
import * as ops from './ops.ts'
import { constant, input } from './value.ts'
import type { Value } from './value.ts'

const BETA1 = 0.9
const BETA2 = 0.999
const EPSILON = 1e-8

export interface Optimizer {
  /** What the loop carries: every parameter and its two moments, named `m.NAME` and `v.NAME`. */
  state: { current: Value; next: Value }[]
  /** Scalar leaves fed for every step: see `adamSchedule`. */
  perStep: Value[]
  /** Norm of the gradient before clipping. */
  gradientNorm: Value
}

/**
 * One step. `weightDecay` w adds w ||theta||^2 to the objective (by its gradient, 2 w theta); the norm of all gradients
 * together is then clipped at `clipNorm`.
 */
export function adam(parameters: readonly Value[], gradients: readonly Value[], { weightDecay, clipNorm }: { weightDecay: number; clipNorm: number }): Optimizer {
  const rate = input('adam.rate', [])
  const correction = input('adam.correction', [])
  const decayed = parameters.map((parameter, i) => {
    const gradient = gradients[i]
    if (!gradient) throw new Error(`${parameter.name ?? 'a parameter'} has no gradient`)
    return weightDecay > 0 ? ops.add(gradient, ops.affine(parameter, 2 * weightDecay)) : gradient
  })
  const squares = decayed.map((gradient) => ops.sum(ops.square(gradient)))
  const gradientNorm = ops.sqrt(squares.reduce((a, b) => ops.add(a, b)))
  const scale = ops.divide(constant(clipNorm), ops.maximum(gradientNorm, constant(clipNorm)))
  const state = parameters.flatMap((parameter, i) => {
    const name = parameter.name ?? ''
    const gradient = ops.multiply(decayed[i] ?? parameter, scale)
    const m = input(`m.${name}`, parameter.shape)
    const v = input(`v.${name}`, parameter.shape)
    const nextM = ops.add(ops.affine(m, BETA1), ops.affine(gradient, 1 - BETA1))
    const nextV = ops.add(ops.affine(v, BETA2), ops.affine(ops.square(gradient), 1 - BETA2))
    // theta - rate * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon), with both corrections in two scalars.
    const step = ops.divide(ops.multiply(nextM, rate), ops.affine(ops.multiply(ops.sqrt(nextV), correction), 1, EPSILON))
    return [
      { current: parameter, next: ops.subtract(parameter, step) },
      { current: m, next: nextM },
      { current: v, next: nextV },
    ]
  })
  return { state, perStep: [rate, correction], gradientNorm }
}

/** The per-step scalars for steps `first`, `first + 1`, ... (counted from 1), at each step's learning rate. */
export function adamSchedule(first: number, learningRates: readonly number[]): { rate: Float32Array; correction: Float32Array } {
  return {
    rate: Float32Array.from(learningRates, (learningRate, i) => learningRate / (1 - BETA1 ** (first + i))),
    correction: Float32Array.from(learningRates, (_, i) => 1 / Math.sqrt(1 - BETA2 ** (first + i))),
  }
}
