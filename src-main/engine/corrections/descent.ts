/** Descent until a caption is said: a few steps, a look at what is said, and so on. */
import { throwIfCancelled } from '../cancellation.ts'
import type { Lesson, Look } from './lesson.ts'
import { SHARE, STEPS_PER_CALL } from './shift-steps.ts'
import type { ShiftSteps } from './shift-steps.ts'

/** Of Polyak's length: where steps have to be shorter, they lead nowhere. */
const LEAST_SHARE = 0.002
/** What a share that was halved grows by with every step that makes things better. */
const REGROWTH = 1.5
/** Calls of a few steps that are taken when a caption is said. */
const CALLS_TO_SPARE = 2

/** A shift of neurons, [D] or [n, D], and what is said with it. */
export interface Point {
  shift: Float32Array
  look: Look
}

export interface Descent extends Point {
  /** Steps. */
  taken: number
}

export interface Descending {
  lesson: Lesson
  start: Point
  steps: ShiftSteps
  mostSteps: number
  signal: AbortSignal
  /** Hears of steps. */
  report: (steps: number) => void
}

/** Takes steps until the caption is said of all views, or there have been too many, or too short ones: then the best look stands. */
export async function descend({
  lesson,
  start,
  steps,
  mostSteps,
  signal,
  report,
}: Descending): Promise<Descent> {
  let point = start
  let best = start
  let taken = 0
  let share = SHARE
  steps.restore(start.shift)
  while (taken < mostSteps && share >= LEAST_SHARE && missedIn(point.look) > 0) {
    throwIfCancelled(signal)
    const objective = await steps.take(share, weightsOf(point.look))
    taken += STEPS_PER_CALL
    report(taken)
    // The slope says little of what lies far off: a step that makes things worse is taken back and halved.
    if (!(objective.after < objective.before)) {
      steps.restore(point.shift)
      share /= 2
      continue
    }
    share = Math.min(SHARE, share * REGROWTH)
    const shift = await steps.shift()
    point = { shift, look: await lesson.look(shift) }
    if (isBetter(point.look, best.look)) {
      best = point
    }
  }
  return { ...best, taken }
}

/**
 * Goes on from where a caption is said of all views, until it is said with some to spare: more of the way costs no other
 * clip anything, and bears more noise. Where it did not get there, or leads away again, the last point stands.
 */
export async function goOn(
  descent: Descent,
  { lesson, steps, signal }: Pick<Descending, 'lesson' | 'steps' | 'signal'>,
): Promise<Descent> {
  let last = descent
  if (missedIn(descent.look) > 0) {
    return descent
  }
  steps.restore(descent.shift)
  for (let call = 0; call < CALLS_TO_SPARE; call++) {
    throwIfCancelled(signal)
    const objective = await steps.take(SHARE, steps.allViews)
    const shift = await steps.shift()
    const look = await lesson.look(shift)
    if (missedIn(look) > 0 || !(objective.after < objective.before)) {
      return last
    }
    last = { shift, look, taken: last.taken + STEPS_PER_CALL }
  }
  return last
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
