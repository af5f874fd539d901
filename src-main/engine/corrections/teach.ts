/**
 * Teaching the network one caption by shifting neurons: gradient descent on the caption's likelihood until it is
 * said with some slack (lesson.ts), and a little further.
 */
import type { ClipFeatures, EngineContext } from '../../engine-host/contract/index.ts'
import { throwIfCancelled } from '../cancellation.ts'
import { neuronCount } from '../captioner/parameters.ts'
import { releasing } from '../releasing.ts'
import { Lesson } from './lesson.ts'
import type { LessonSource, Look, Wanted } from './lesson.ts'
import { ShiftSteps, STEPS_PER_CALL } from './shift-steps.ts'

/** Of Polyak's length that a step goes. */
const SHARE = 0.3
/** What a share that was halved grows by with every step that makes things better. */
const REGROWTH = 1.5
export const MAX_STEPS = 600
/** Calls of a few steps that are taken when a caption is said. */
const CALLS_TO_SPARE = 4

/** A caption that was taught. */
export interface Taught {
  wanted: Wanted
  /** What is added to every neuron in every frame, [D]. */
  shift: Float32Array
  look: Look
  /** f(v-bar) of the whole clip before. */
  topics: readonly number[]
  /** The clip's views, whole first. */
  views: readonly ClipFeatures[]
  /** Steps. */
  taken: number
  /** Mean ln p of the caption over the views where it is not said yet, at the first and the last step; NaN without steps. */
  before: number
  after: number
}

/** Teaches a caption of a clip; `report` hears of steps. Where that takes too many, the best shift stands. */
export function teach(
  wanted: Wanted,
  source: LessonSource,
  { signal, report }: Pick<EngineContext, 'signal'> & { report: (steps: number) => void },
): Promise<Taught> {
  return releasing(async (use) => {
    const lesson = await Lesson.read(wanted, source, use)
    const start = new Float32Array(neuronCount(source.model.architecture))
    const first = { shift: start, look: await lesson.look(start) }
    const known = { wanted, views: lesson.views, topics: lesson.topics }
    if (missedIn(first.look) === 0) {
      return { ...known, ...first, taken: 0, before: NaN, after: NaN }
    }
    const steps = use(await ShiftSteps.compile(source.model, lesson, source.device))
    const descending = { lesson, steps, signal, report }
    return { ...known, ...(await goOn(await descend(first, descending), descending)) }
  })
}

/** A shift, and what is said with it. */
interface Point {
  shift: Float32Array
  look: Look
}

type Descent = Point & Pick<Taught, 'taken' | 'before' | 'after'>

interface Descending {
  lesson: Lesson
  steps: ShiftSteps
  signal: AbortSignal
  report: (steps: number) => void
}

/** Takes steps until the caption is learnt, or there have been too many: then the best look stands. */
async function descend(start: Point, { lesson, steps, signal, report }: Descending): Promise<Descent> {
  let point = start
  let best = start
  let [before, after] = [NaN, NaN]
  let taken = 0
  let share = SHARE
  while (taken < MAX_STEPS && missedIn(point.look) > 0) {
    throwIfCancelled(signal)
    const objective = await steps.take(share, weightsOf(point.look))
    if (taken === 0) {
      before = -objective.before
    }
    taken += STEPS_PER_CALL
    // The slope says little of what lies far off: a step that makes things worse is taken back and halved.
    if (!(objective.after < objective.before)) {
      steps.restore(point.shift)
      share /= 2
      continue
    }
    after = -objective.after
    share = Math.min(SHARE, share * REGROWTH)
    report(taken)
    const shift = await steps.shift()
    point = { shift, look: await lesson.look(shift) }
    if (isBetter(point.look, best.look)) {
      best = point
    }
  }
  return { ...best, taken, before, after }
}

const missedIn = ({ missed }: Look): number => missed.filter(Boolean).length

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

/**
 * Goes on from where a caption is said of all views, until it is said with some to spare: more of the way costs no other
 * clip anything, and bears more noise. Where it did not get there, or leads away again, the last point stands.
 */
async function goOn(descent: Descent, { lesson, steps, signal }: Descending): Promise<Descent> {
  let last = descent
  if (missedIn(descent.look) > 0) {
    return descent
  }
  steps.restore(descent.shift)
  const all = new Float32Array(lesson.views.length).fill(1 / lesson.views.length)
  for (let call = 0; call < CALLS_TO_SPARE; call++) {
    throwIfCancelled(signal)
    const objective = await steps.take(SHARE, all)
    const shift = await steps.shift()
    const look = await lesson.look(shift)
    if (missedIn(look) > 0 || !(objective.after < objective.before)) {
      return last
    }
    last = { ...descent, shift, look, taken: last.taken + STEPS_PER_CALL, after: -objective.after }
  }
  return last
}
