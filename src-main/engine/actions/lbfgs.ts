/**
 * The minimum of a smooth convex function by L-BFGS (Nocedal and Wright, Numerical Optimization, 2nd ed., algorithms 7.4 and
 * 7.5), with a backtracking line search that asks for sufficient decrease.
 */
import { addScaled, dot } from '../vectors.ts'

export interface Evaluation {
  value: number
  gradient: Float64Array
}
export type Objective = (point: Float64Array) => Promise<Evaluation>

const MOST_STEPS = 1000
/** Pairs of steps that are remembered. */
const MEMORY = 10
/** The share of the decrease that the slope promises which a step has to give. */
const SUFFICIENT = 1e-4
/**
 * Where values differ by less than this share of them they are equal: then the slope decides, which is not lost in rounding so
 * soon (the approximate Wolfe condition of Hager and Zhang, SIAM J. Optim. 16, 2005).
 */
const ROUNDING = 1e-7
/** Steps that are this much shorter than the first are lost in rounding. */
const SHORTEST = 2 ** -20

interface Step {
  /** The step, and how the gradient changed along it. */
  s: Float64Array
  y: Float64Array
  /** 1 / s y. */
  rho: number
}

/** The point from `start` where no component of the gradient is larger than `tolerance`; else the best that was found. */
export async function minimise(
  objective: Objective,
  start: Float64Array<ArrayBuffer>,
  tolerance: number,
): Promise<Float64Array<ArrayBuffer>> {
  let point = start
  let { value, gradient } = await objective(point)
  let memory: Step[] = []
  for (let step = 0; step < MOST_STEPS && largest(gradient) > tolerance; step++) {
    const direction = descentDirection(gradient, memory)
    const slope = dot(direction, gradient)
    const from = point
    let length = memory.length === 0 ? Math.min(1, 1 / norm(gradient)) : 1
    const shortest = length * SHORTEST
    let next = along(from, direction, length)
    let found = await objective(next)
    const isEnough = (): boolean =>
      found.value <= value + SUFFICIENT * length * slope ||
      (found.value <= value + ROUNDING * Math.abs(value) &&
        dot(direction, found.gradient) <= (2 * SUFFICIENT - 1) * slope)
    while (!isEnough() && length > shortest) {
      length /= 2
      next = along(from, direction, length)
      found = await objective(next)
    }
    if (!isEnough()) {
      // Rounding hides what is left: with remembered steps they may be at fault, else this is the minimum.
      if (memory.length === 0) {
        return point
      }
      memory = []
      continue
    }
    memory = remembered(memory, {
      s: next.map((x, i) => x - from[i]!),
      y: found.gradient.map((g, i) => g - gradient[i]!),
    })
    ;[point, value, gradient] = [next, found.value, found.gradient]
  }
  return point
}

/** The two-loop recursion: minus the inverse Hessian, as the remembered steps know it, times the gradient. */
function descentDirection(gradient: Float64Array, memory: readonly Step[]): Float64Array {
  const q = gradient.map((g) => -g)
  const weights = new Float64Array(memory.length)
  for (const [i, { s, y, rho }] of [...memory.entries()].reverse()) {
    weights[i] = rho * dot(s, q)
    addScaled(q, -weights[i]!, y)
  }
  const last = memory.at(-1)
  if (last !== undefined) {
    const scale = 1 / (last.rho * dot(last.y, last.y))
    q.forEach((x, i) => {
      q[i] = x * scale
    })
  }
  memory.forEach(({ s, y, rho }, i) => {
    addScaled(q, weights[i]! - rho * dot(y, q), s)
  })
  return q
}

/** Steps along which the function does not curve upwards say nothing. */
function remembered(memory: readonly Step[], { s, y }: Pick<Step, 's' | 'y'>): Step[] {
  const curvature = dot(s, y)
  return curvature <= 1e-12 * dot(y, y)
    ? [...memory]
    : [...memory.slice(memory.length < MEMORY ? 0 : 1), { s, y, rho: 1 / curvature }]
}

const norm = (a: Float64Array): number => Math.sqrt(dot(a, a))

const largest = (a: Float64Array): number => a.reduce((most, x) => Math.max(most, Math.abs(x)), 0)

const along = (
  from: Float64Array<ArrayBuffer>,
  direction: Float64Array,
  length: number,
): Float64Array<ArrayBuffer> => from.map((x, i) => x + length * direction[i]!)
