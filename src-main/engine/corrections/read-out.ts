/**
 * Teaching the read-out what neurons can't be shifted to say: a decoder that learnt little hardly heeds them. Here the
 * weights change, and with them other captions; of the way there no more is gone than has to be.
 */
import type { ClipFeatures, EngineContext } from '../../engine-host/contract/index.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import type { Parameters } from '../captioner/parameters.ts'
import { releasing } from '../releasing.ts'
import { descend, missedIn } from './descent.ts'
import type { Descent } from './descent.ts'
import { Lesson } from './lesson.ts'
import type { LessonSource, Look, Wanted } from './lesson.ts'
import { measureCurvature } from './read-out-curvature.ts'
import type { Curvature } from './read-out-curvature.ts'
import { ReadOutSteps } from './read-out-steps.ts'

const MOST_STEPS = 200
/** The way back is halved so often. */
const HALVINGS = 5

/** The model whose read-out has been taught captions one after the other; `others`: clips whose captions are to stay. */
export async function teachReadOut(
  lessons: readonly Wanted[],
  source: LessonSource,
  others: readonly ClipFeatures[],
  { signal, progress }: Pick<EngineContext, 'signal' | 'progress'>,
): Promise<{ model: CaptionerModel; steps: number }> {
  let { model } = source
  let steps = 0
  const total = lessons.length * MOST_STEPS
  progress({ phase: 'measuring what other captions rest on', done: 0, total, unit: 'steps' })
  const curvature = await measureCurvature(model, others, source)
  for (const [i, wanted] of lessons.entries()) {
    const report = (taken: number): void => {
      progress({ phase: 'learning', done: i * MOST_STEPS + taken, total, unit: 'steps' })
    }
    const learnt = await teachOne(model, wanted, { ...source, curvature, signal, report })
    model = { ...model, parameters: learnt.parameters }
    steps += learnt.taken
  }
  return { model, steps }
}

interface Teaching extends Omit<LessonSource, 'model'> {
  curvature: Curvature
  report: (steps: number) => void
}

function teachOne(
  model: CaptionerModel,
  wanted: Wanted,
  { curvature, report, ...source }: Teaching,
): Promise<{ parameters: Parameters; taken: number }> {
  const { device, signal } = source
  return releasing(async (use) => {
    const lesson = await Lesson.read(wanted, { ...source, model }, use)
    const lookAt = (parameters: Parameters): Promise<Look> => lesson.lookWith(parameters)
    const start = { position: model.parameters, look: await lookAt(model.parameters) }
    const steps = use(await ReadOutSteps.compile(model, lesson, curvature, device))
    const limits = { mostSteps: MOST_STEPS, leastShare: 0 }
    const descent = await descend({ start, steps, lookAt, ...limits, signal, report })
    return {
      parameters: await backToNearest(model.parameters, descent, lookAt),
      taken: descent.taken,
    }
  })
}

/**
 * About the nearest point to `from`, on the way to where a descent led, at which all is learnt; where it did not lead
 * so far, its end.
 */
async function backToNearest(
  from: Parameters,
  { position: to, look, taken }: Descent<Parameters>,
  lookAt: (parameters: Parameters) => Promise<Look>,
): Promise<Parameters> {
  let nearest = to
  if (taken === 0 || missedIn(look) > 0) {
    return nearest
  }
  let [low, high] = [0, 1]
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2
    const parameters = interpolate(from, to, middle)
    if (missedIn(await lookAt(parameters)) === 0) {
      high = middle
      nearest = parameters
    } else {
      low = middle
    }
  }
  return nearest
}

/** The point `share` of the way from some parameters to others; those that are the same stay as they are. */
function interpolate(from: Parameters, to: Parameters, share: number): Parameters {
  return new Map(
    [...to].map(([name, tensor]) => {
      const start = from.get(name)
      if (!start || start === tensor) {
        return [name, tensor]
      }
      const between = tensor.data.map((x, i) => start.data[i]! + share * (x - start.data[i]!))
      return [name, { shape: tensor.shape, data: between }]
    }),
  )
}
