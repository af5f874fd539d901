/**
 * Teaching the network one caption by shifting neurons: gradient descent on how unlikely its words are, until it is
 * said with some slack (lesson.ts), and a little further. At first neurons are shifted in all frames alike: such a shift is
 * small, people can read it, and it bears other frames. Where a person moved some, these are shifted alone, from where they
 * were moved to, and others only where that is not enough. What no such shift can bring, a shift of each frame's own does: the
 * decoder reads other frames for every word.
 */
import type { ClipFeatures, EngineContext } from '../../engine-host/contract/index.ts'
import { neuronCount } from '../captioner/parameters.ts'
import { releasing } from '../releasing.ts'
import { descend, goOn, missedIn } from './descent.ts'
import type { Descending, Descent, Point } from './descent.ts'
import { Lesson } from './lesson.ts'
import type { LessonSource, Look, Wanted } from './lesson.ts'
import { ShiftSteps } from './shift-steps.ts'

/** Steps of the neurons that a person moved, of all of them in all frames alike, and of all in each frame by itself. */
const MOST_MOVED = 20
const MOST_ALIKE = 60
const MOST_APART = 900
export const MAX_STEPS = MOST_MOVED + MOST_ALIKE + MOST_APART

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
  /** Mean ln p of the caption over the views, without the shift and with it; NaN where nothing had to be learnt. */
  before: number
  after: number
}

/** Teaches a caption of a clip; `report` hears of steps. Where that takes too many, the best shift stands. */
export function teach(wanted: Wanted, source: LessonSource, control: Control): Promise<Taught> {
  return releasing(async (use) => {
    const lesson = await Lesson.read(wanted, source, use)
    const nothing = new Float32Array(neuronCount(source.model.architecture))
    const pointAt = async (shift: Float32Array): Promise<Point> => ({ shift, look: await lesson.look(shift) })
    const known = { wanted, views: lesson.views, topics: lesson.topics }
    const asIs = await pointAt(nothing)
    if (missedIn(asIs.look) === 0) {
      return { ...known, ...asIs, taken: 0, before: NaN, after: NaN }
    }
    const alike = use(await ShiftSteps.compile(source.model, lesson, 'all frames', source.device))
    const before = await alike.likelihood(nothing)
    const steps = { lesson, mostSteps: MOST_ALIKE, ...control }
    const first =
      wanted.moved === undefined
        ? await shiftBy(alike, { start: asIs, ...steps })
        : await shiftMoved(alike, { start: await pointAt(wanted.moved), ...steps })
    if (missedIn(first.look) === 0 || lesson.frames === 1) {
      return { ...known, ...first, before, after: await alike.likelihood(first.shift) }
    }
    const apart = use(await ShiftSteps.compile(source.model, lesson, 'each frame', source.device))
    const second = await shiftBy(apart, {
      lesson,
      start: { ...first, shift: repeated(first.shift, source.model.architecture.frames) },
      mostSteps: MOST_APART,
      signal: control.signal,
      report: (taken) => control.report(first.taken + taken),
    })
    const after = await apart.likelihood(second.shift)
    const shift = second.shift.slice(0, lesson.frames * nothing.length)
    return { ...known, ...second, shift, taken: first.taken + second.taken, before, after }
  })
}

/** Goes on from neurons that were moved: with these alone, and where they don't get there, with all. */
async function shiftMoved(steps: ShiftSteps, descending: Omit<Descending, 'steps'>): Promise<Descent> {
  const { shift } = descending.start
  steps.keepTo(shift.map((moved) => Number(moved !== 0)))
  const moved = await shiftBy(steps, { ...descending, mostSteps: MOST_MOVED })
  if (missedIn(moved.look) === 0) {
    return moved
  }
  steps.keepTo(new Float32Array(shift.length).fill(1))
  const report = (taken: number): void => descending.report(moved.taken + taken)
  const all = await shiftBy(steps, { ...descending, start: moved, report })
  return { ...all, taken: moved.taken + all.taken }
}

/** Shifts neurons until the caption is said, and a little further. */
async function shiftBy(steps: ShiftSteps, descending: Omit<Descending, 'steps'>): Promise<Descent> {
  return goOn(await descend({ ...descending, steps }), { ...descending, steps })
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
