/**
 * Descent until a caption is said: a few steps, a look at what is said, and so on. What is stepped on is the shift of
 * neurons (shift-steps.ts) or the read-out (read-out-steps.ts).
 */
import { throwIfCancelled } from '../cancellation.ts'
import * as ops from '../graph/ops.ts'
import type { CompiledLoop, Tensors } from '../graph/runtime.ts'
import { floats } from '../graph/session.ts'
import { constant } from '../graph/value.ts'
import type { Value } from '../graph/value.ts'
import type { Look } from './lesson.ts'

/** Of Polyak's length that a step goes. */
export const SHARE = 0.3
/** What a share that was halved grows by with every step that makes things better. */
const REGROWTH = 1.5
/** Steps that `Steps.take` takes. */
export const STEPS_PER_CALL = 2
const LEAST_SLOPE = 1e-30

/** Steps from position to position. */
export interface Steps<Position> {
  /**
   * Takes some steps, each of `share` times Polyak's length, on the views weighed by `weights`; returns the objective
   * before and after them.
   */
  take(share: number, weights: Float32Array): Promise<{ before: number; after: number }>
  /** Where they have led. */
  position(): Promise<Position>
  restore(position: Position): void
}

/**
 * Runs a compiled loop for some steps of `share` times their length, which collects the objective `nll`; returns it before
 * and after them.
 */
export async function takeSteps(
  loop: CompiledLoop,
  feeds: Tensors,
  share: number,
): Promise<{ before: number; after: number }> {
  // One step more, of no length, tells where the others have led.
  const shares = new Float32Array(STEPS_PER_CALL + 1).fill(share, 0, STEPS_PER_CALL)
  const out = await loop.run(shares.length, { ...feeds, share: { shape: [shares.length], data: shares } })
  const objective = floats(out, 'nll')
  return { before: objective[0] ?? NaN, after: objective.at(-1) ?? NaN }
}

/**
 * `share` times Polyak's length ("Introduction to optimization", 1987, 5.3) along a direction with a slope: the fall of the
 * objective that is left, over the slope. Where nothing is left to learn the slope is zero, and so is the step.
 */
export const stepLength = (objective: Value, share: Value, slope: Value): Value =>
  ops.divide(ops.multiply(objective, share), ops.maximum(slope, constant(LEAST_SLOPE)))

/** A position, and what is said there. */
export interface Point<Position> {
  position: Position
  look: Look
}

export interface Descent<Position> extends Point<Position> {
  /** Steps. */
  taken: number
  /** Mean ln p of the caption over the views where it is not said yet, at the first and the last step; NaN without steps. */
  before: number
  after: number
}

interface Descending<Position> {
  start: Point<Position>
  steps: Steps<Position>
  lookAt: (position: Position) => Promise<Look>
  mostSteps: number
  /** Steps that are shorter lead nowhere. */
  leastShare: number
  signal: AbortSignal
  report: (steps: number) => void
}

/** Takes steps until the caption is said of all views, or there have been too many, or too short ones: then the best look stands. */
export async function descend<Position>({
  start,
  steps,
  lookAt,
  mostSteps,
  leastShare,
  signal,
  report,
}: Descending<Position>): Promise<Descent<Position>> {
  let point = start
  let best = start
  let [before, after] = [NaN, NaN]
  let taken = 0
  let share = SHARE
  while (taken < mostSteps && share >= leastShare && missedIn(point.look) > 0) {
    throwIfCancelled(signal)
    const objective = await steps.take(share, weightsOf(point.look))
    if (taken === 0) {
      before = -objective.before
    }
    taken += STEPS_PER_CALL
    report(taken)
    // The slope says little of what lies far off: a step that makes things worse is taken back and halved.
    if (!(objective.after < objective.before)) {
      steps.restore(point.position)
      share /= 2
      continue
    }
    after = -objective.after
    share = Math.min(SHARE, share * REGROWTH)
    const position = await steps.position()
    point = { position, look: await lookAt(position) }
    if (isBetter(point.look, best.look)) {
      best = point
    }
  }
  return { ...best, taken, before, after }
}

export const missedIn = ({ missed }: Look): number => missed.filter(Boolean).length

/** Views that are said as wanted take no part, until they are not; the others count alike. */
function weightsOf(look: Look): Float32Array {
  const left = missedIn(look)
  return Float32Array.from(look.missed, (isMissed) => (isMissed ? 1 / left : 0))
}

/** The whole clip is said as wanted, or else more views are. */
function isBetter(look: Look, than: Look): boolean {
  const whole = Number(look.missed[0]) - Number(than.missed[0])
  return whole < 0 || (whole === 0 && missedIn(look) < missedIn(than))
}
