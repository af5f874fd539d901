/**
 * Teaching the network one caption by shifting neurons: gradient descent on the caption's likelihood until it is
 * said with some slack (lesson.ts), and a little further.
 */
import type { ClipFeatures, EngineContext } from '../../engine-host/contract/index.ts'
import { throwIfCancelled } from '../cancellation.ts'
import { neuronCount } from '../captioner/parameters.ts'
import { releasing } from '../releasing.ts'
import { descend, missedIn, SHARE, STEPS_PER_CALL } from './descent.ts'
import type { Descent } from './descent.ts'
import { Lesson } from './lesson.ts'
import type { LessonSource, Look, Wanted } from './lesson.ts'
import { ShiftSteps } from './shift-steps.ts'

export const MAX_STEPS = 600
/** Of Polyak's length: where steps have to be shorter, neurons hardly reach what is said. */
const LEAST_SHARE = 0.005
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
    const nothing = new Float32Array(neuronCount(source.model.architecture))
    const start = { position: nothing, look: await lesson.look(nothing) }
    const known = { wanted, views: lesson.views, topics: lesson.topics }
    if (missedIn(start.look) === 0) {
      return { ...known, shift: nothing, look: start.look, taken: 0, before: NaN, after: NaN }
    }
    const steps = use(await ShiftSteps.compile(source.model, lesson, source.device))
    const lookAt = (shift: Float32Array): Promise<Look> => lesson.look(shift)
    const limits = { mostSteps: MAX_STEPS, leastShare: LEAST_SHARE }
    const descent = await descend({ start, steps, lookAt, ...limits, signal, report })
    const { position: shift, ...learnt } = await goOn(descent, { lesson, steps, signal })
    return { ...known, shift, ...learnt }
  })
}

/**
 * Goes on from where a caption is said of all views, until it is said with some to spare: more of the way costs no other
 * clip anything, and bears more noise. Where it did not get there, or leads away again, the last point stands.
 */
async function goOn(
  descent: Descent<Float32Array>,
  { lesson, steps, signal }: { lesson: Lesson; steps: ShiftSteps; signal: AbortSignal },
): Promise<Descent<Float32Array>> {
  let last = descent
  if (missedIn(descent.look) > 0) {
    return descent
  }
  steps.restore(descent.position)
  const all = new Float32Array(lesson.views.length).fill(1 / lesson.views.length)
  for (let call = 0; call < CALLS_TO_SPARE; call++) {
    throwIfCancelled(signal)
    const objective = await steps.take(SHARE, all)
    const position = await steps.position()
    const look = await lesson.look(position)
    if (missedIn(look) > 0 || !(objective.after < objective.before)) {
      return last
    }
    last = { ...descent, position, look, taken: last.taken + STEPS_PER_CALL, after: -objective.after }
  }
  return last
}
