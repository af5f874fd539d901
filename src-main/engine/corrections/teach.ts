/**
 * Teaching the network one caption by shifting neurons: gradient descent on how unlikely its words are, until it is
 * said with some slack (lesson.ts), and a little further. At first neurons are shifted in all frames alike: such a shift is
 * small, people can read it, and it bears other frames. What that can't bring, a shift of each frame's own does: the
 * decoder reads other frames for every word.
 */
import type { ClipFeatures, EngineContext } from '../../engine-host/contract/index.ts'
import { neuronCount } from '../captioner/parameters.ts'
import { releasing } from '../releasing.ts'
import { descend, goOn, isBetter, missedIn } from './descent.ts'
import type { Point } from './descent.ts'
import { Lesson } from './lesson.ts'
import type { LessonSource, Look, Wanted } from './lesson.ts'
import { ShiftSteps } from './shift-steps.ts'
import type { ShiftOf } from './shift-steps.ts'

/** Steps in all frames alike, and in each frame by itself. */
const MOST_ALIKE = 100
const MOST_APART = 900
export const MAX_STEPS = MOST_ALIKE + MOST_APART

/** A caption that was taught. */
export interface Taught {
  wanted: Wanted
  /** What is added to every neuron, in every frame alike, [D], or in each of the clip's m frames, [m, D]. */
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
export function teach(wanted: Wanted, source: LessonSource, control: Control): Promise<Taught> {
  return releasing(async (use) => {
    const lesson = await Lesson.read(wanted, source, use)
    const nothing = new Float32Array(neuronCount(source.model.architecture))
    const start = { shift: nothing, look: await lesson.look(nothing) }
    const known = { wanted, views: lesson.views, topics: lesson.topics }
    if (missedIn(start.look) === 0) {
      return { ...known, ...start, taken: 0, before: NaN, after: NaN }
    }
    const shiftBy = async (of: ShiftOf, from: Point, mostSteps: number, report: Control['report']) => {
      const steps = use(await ShiftSteps.compile(source.model, lesson, of, source.device))
      const descent = await descend({ lesson, steps, start: from, mostSteps, ...control, report })
      return goOn(descent, { lesson, steps, ...control })
    }
    const alike = await shiftBy('all frames', start, MOST_ALIKE, control.report)
    if (missedIn(alike.look) === 0 || lesson.frames === 1) {
      return { ...known, ...alike }
    }
    const frames = { ...alike, shift: repeated(alike.shift, source.model.architecture.frames) }
    const apart = await shiftBy('each frame', frames, MOST_APART, (steps) =>
      control.report(alike.taken + steps),
    )
    const shift = apart.shift.slice(0, lesson.frames * nothing.length)
    const better = isBetter(apart.look, alike.look) ? { ...apart, shift } : alike
    return { ...known, ...better, taken: alike.taken + apart.taken, before: alike.before }
  })
}

type Control = Pick<EngineContext, 'signal'> & { report: (steps: number) => void }

/** A shift [D] of all frames alike as one of each frame, [frames, D]. */
function repeated(shift: Float32Array, frames: number): Float32Array {
  const rows = new Float32Array(frames * shift.length)
  for (let frame = 0; frame < frames; frame++) {
    rows.set(shift, frame * shift.length)
  }
  return rows
}
