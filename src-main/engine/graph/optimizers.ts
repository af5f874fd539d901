/**
 * Optimizers as graph values: one step of each is part of the compiled graph. The parameters and the
 * optimizer's slots (as large as the parameters, named `m.NAME`, `v.NAME`) are the state that a compiled loop
 * carries; what changes from step to step beside the minibatch is a few scalars, which `scalars` computes.
 *
 * Every pass over the parameters costs memory bandwidth, so the formulas are arranged for few passes: weight
 * decay rides on the product that makes a weight's gradient, and constant factors of the moments are kept in
 * the scalars.
 */
import type { LoopBody } from './loop.ts'
import * as ops from './ops.ts'
import type { CompiledLoop, Tensor, Tensors } from './runtime.ts'
import { elementCount } from './shape.ts'
import type { Shape } from './shape.ts'
import { constant, input } from './value.ts'
import type { Input, Value } from './value.ts'

export interface Optimizer {
  /** What the loop carries: every parameter and its two slots. */
  state: LoopBody['state']
  /** Scalars fed for every step. */
  perStep: readonly Input[]
  /** Norm of the gradient before clipping. */
  gradientNorm: Value
  /**
   * The scalars of steps `first`, `first + 1`, ... (counted from 1), at each step's learning rate; by
   * input's name.
   */
  scalars(first: number, learningRates: readonly number[]): Tensors
}

export interface OptimizerSettings {
  kind: 'adam' | 'adadelta'
  /** w adds w ||theta||^2 to the objective (by its gradient, 2 w theta), before clipping. */
  weightDecay: number
  /** The norm of all gradients together is clipped at it. */
  clipNorm: number
}

/** Names of a parameter's two slots. */
const slotsOf = (parameter: string) => ({ m: `m.${parameter}`, v: `v.${parameter}` })

/** One step of an optimizer on `parameters` with their `gradients`. */
export function optimizer(
  parameters: readonly Input[],
  gradients: readonly Value[],
  { kind, weightDecay, clipNorm }: OptimizerSettings,
): Optimizer {
  if (gradients.length !== parameters.length) {
    throw new Error(`${parameters.length} parameters have ${gradients.length} gradients`)
  }
  const updates = parameters.map((parameter, i) => ({
    parameter,
    gradient: weightDecay > 0 ? ops.addScaled(gradients[i]!, parameter, 2 * weightDecay) : gradients[i]!,
  }))
  const gradientNorm = ops.sqrt(
    updates.map(({ gradient }) => ops.sumOfSquares(gradient)).reduce((a, b) => ops.add(a, b)),
  )
  const scale = ops.divide(constant(clipNorm), ops.maximum(gradientNorm, constant(clipNorm)))
  const rule = RULES[kind]()
  const state = updates.flatMap(({ parameter, gradient }) => {
    const slots = slotsOf(parameter.name)
    const [m, v] = [input(slots.m, parameter.shape), input(slots.v, parameter.shape)]
    const next = rule.next(parameter, { m, v }, ops.multiply(gradient, scale))
    return [
      { current: parameter, next: next.parameter },
      { current: m, next: next.m },
      { current: v, next: next.v },
    ]
  })
  return { state, perStep: rule.perStep, gradientNorm, scalars: rule.scalars }
}

const RULES: Record<OptimizerSettings['kind'], () => Rule> = { adam, adadelta }

interface Rule {
  perStep: readonly Input[]
  /** A parameter theta and its slots after a step along its clipped gradient. */
  next(theta: Value, slots: { m: Value; v: Value }, gradient: Value): { parameter: Value; m: Value; v: Value }
  scalars: Optimizer['scalars']
}

const perStepScalar = (name: string, values: readonly number[]): Record<string, Tensor> => ({
  [name]: { shape: [values.length], data: Float32Array.from(values) },
})

/**
 * Adam (Kingma and Ba, ICLR 2015, algorithm 1). With M = m/(1 - beta1) and V = v/(1 - beta2) as slots, and
 * c_t = sqrt((1 - beta2) / (1 - beta2^t)), its step alpha m^ / (sqrt(v^) + epsilon) is rate M / (sqrt(V) +
 * epsilon/c_t) with rate = alpha (1 - beta1) / ((1 - beta1^t) c_t).
 */
function adam(): Rule {
  const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8]
  const [rate, offset] = [input('adam.rate', []), input('adam.epsilon', [])]
  return {
    perStep: [rate, offset],
    next(theta, { m, v }, gradient) {
      const nextM = ops.add(ops.affine(m, beta1), gradient)
      const nextV = ops.add(ops.affine(v, beta2), ops.square(gradient))
      const step = ops.multiply(ops.divide(nextM, ops.add(ops.sqrt(nextV), offset)), rate)
      return { parameter: ops.subtract(theta, step), m: nextM, v: nextV }
    },
    scalars(first, learningRates) {
      const correction = (t: number) => Math.sqrt((1 - beta2) / (1 - beta2 ** t))
      const rateOf = (alpha: number, t: number) => (alpha * (1 - beta1)) / ((1 - beta1 ** t) * correction(t))
      return {
        ...perStepScalar(
          'adam.rate',
          learningRates.map((alpha, i) => rateOf(alpha, first + i)),
        ),
        ...perStepScalar(
          'adam.epsilon',
          learningRates.map((_, i) => epsilon / correction(first + i)),
        ),
      }
    },
  }
}

/**
 * Adadelta (Zeiler, arXiv 1212.5701, algorithm 1): m is E[dx^2], v is E[g^2]; the step is multiplied by the
 * learning rate.
 */
function adadelta(): Rule {
  const [rho, epsilon] = [0.95, 1e-6]
  const rate = input('adadelta.rate', [])
  return {
    perStep: [rate],
    next(theta, { m, v }, gradient) {
      const nextV = ops.add(ops.affine(v, rho), ops.affine(ops.square(gradient), 1 - rho))
      const step = ops.multiply(
        ops.sqrt(ops.divide(ops.affine(m, 1, epsilon), ops.affine(nextV, 1, epsilon))),
        gradient,
      )
      const nextM = ops.add(ops.affine(m, rho), ops.affine(ops.square(step), 1 - rho))
      return { parameter: ops.subtract(theta, ops.multiply(step, rate)), m: nextM, v: nextV }
    },
    scalars: (_first, learningRates) => perStepScalar('adadelta.rate', learningRates),
  }
}

/** Where a run starts: the parameters as they are, and empty slots. */
export function initialState(
  parameters: ReadonlyMap<string, { shape: Shape; data: Float32Array }>,
): Map<string, Tensor> {
  const state = new Map<string, Tensor>()
  for (const [name, { shape, data }] of parameters) {
    state.set(name, { shape, data })
    for (const slot of Object.values(slotsOf(name))) {
      state.set(slot, { shape, data: new Float32Array(elementCount(shape)) })
    }
  }
  return state
}

/** Some steps of an optimizer. */
export interface Steps {
  /** Steps that were taken before these. */
  taken: number
  /** One for each step to take. */
  learningRates: readonly number[]
  /** What the loop's body is fed beside the optimizer's scalars. */
  feeds: Tensors
  /** Which of the loop's bodies; the first when left out. */
  body?: number
}

/** Takes steps with the loop that carries the optimizer's state. Returns what the loop collects. */
export function takeSteps(
  loop: CompiledLoop,
  { scalars }: Optimizer,
  { taken, learningRates, feeds, body = 0 }: Steps,
): Promise<Record<string, Tensor>> {
  return loop.run(learningRates.length, { ...feeds, ...scalars(taken + 1, learningRates) }, body)
}
