/**
 * Training a captioner: take compiled steps on dealt minibatches while the next ones are prepared, validate
 * at fixed steps, keep the parameters of the best validation. Everything that happens is a function of the
 * seed and the step, so a run that goes on from a checkpoint goes on exactly as it would have: how many steps
 * a call takes, when checkpoints are written and when the run was paused change nothing but the time.
 */
import { CancelledError, settingsOfKind, VitrineError } from '#contract'
import type { CaptionerSettings, TrainingPoint } from '#contract'
import type {
  CaptionedClip,
  EngineContext,
  EngineParams,
  EngineResult,
} from '../../engine-host/contract/index.ts'
import { initialState } from '../graph/optimizers.ts'
import { resolveDevice } from '../graph/session.ts'
import type { Tensor } from '../graph/runtime.ts'
import { captionCount, chance, chooseBuckets, encodeClips, layOut, planEpoch } from './batches.ts'
import type { BatchShape, EncodedClip, PlannedBatch } from './batches.ts'
import { FeatureReader, inputSizeOf, measureTransform } from './features.ts'
import { saveModel } from './model-folder.ts'
import type { CaptionerModel } from './model-folder.ts'
import { initialParameters, neuronCount, parameterTable } from './parameters.ts'
import { loadCheckpoint, openLog, removeCheckpoints, saveCheckpoint } from './run-folder.ts'
import type { RunProgress } from './run-folder.ts'
import { batchFeeds, compileTrainingStep, drawDropout, parametersOf, stack, stepCost } from './step.ts'
import type { StepLosses, TrainingStep } from './step.ts'
import { createValidator, isBetter } from './validator.ts'
import { buildVocabulary } from './vocabulary.ts'

/** A call of the step should take about this many milliseconds, so that pause and cancel are heard. */
const CALL_TIME = 500
const MOST_STEPS_PER_CALL = 16
/** Batches of one bucket follow each other in at most this share of an epoch. */
const LONGEST_RUN = 1 / 8
/** A checkpoint is written at every validation, and after this many milliseconds. */
const CHECKPOINT_EVERY = 60_000
/**
 * Between validations that are far apart, the curves get a point after this many steps or this share of the
 * run.
 */
const POINT_EVERY = { steps: 50, share: 1 / 200 }

type TrainParams = EngineParams<'captioner.train'>

export async function train(
  request: TrainParams,
  { signal, progress: report, unpaused }: EngineContext,
): Promise<EngineResult<'captioner.train'>> {
  const params = { ...request, settings: settingsOfKind(request.kind, request.settings) }
  const { settings, seed, modelDir, runDir } = params
  const device = resolveDevice(params.device)
  const { model, state, progress } = params.resume
    ? await resumed(params)
    : await begun(params, signal, report)
  const { architecture, vocabulary } = model
  const names = [...parameterTable(architecture).keys()]

  const clips = encodeClips(
    params.kind === 'random-topics' ? shuffleTopics(params.train, seed) : params.train,
    vocabulary,
    settings.maxWords,
  )
  if (clips.length === 0) {
    throw new VitrineError(
      'NOT_READY',
      'No training clip has a caption.',
      'Import captions for the training split.',
    )
  }
  const size = { clips: Math.min(settings.batchClips, clips.length), captions: settings.captionsPerClip }
  const buckets = chooseBuckets(clips, size, settings.lengthBuckets, (words) =>
    stepCost(architecture, { ...size, words }),
  )
  const schedule = scheduleOf(settings, planEpoch(clips, buckets, size, 1, seed, 0).length)
  const deal = createDealer(clips, buckets, size, schedule.batchesPerEpoch, seed)

  report({ phase: 'compiling', done: progress.step, total: schedule.steps, unit: 'steps' })
  // Main may have missed some of them when the run ended.
  for (const point of progress.points) {
    report({ phase: 'compiling', done: progress.step, total: schedule.steps, unit: 'steps', point })
  }
  const reader = new FeatureReader(architecture.frames, model.transform)
  const validator = await createValidator(model, params.validation, settings.lambda, reader, device)
  if (!validator) {
    throw new VitrineError(
      'NOT_READY',
      'No validation clip has a caption.',
      'Import captions for the validation split.',
    )
  }
  let step: TrainingStep | null = null
  /** The checkpoint that is being written. */
  let saving: Promise<void> = Promise.resolve()
  try {
    const training = (step = await compileTrainingStep(architecture, size, buckets, settings.lambda, device))
    training.loop.load(state)
    state.clear()
    const log = await openLog(runDir, progress)
    let startedAt = performance.now() - 1000 * progress.seconds
    let savedAt = performance.now()
    let unsavedBest: CaptionerModel | null = null
    let stepsPerCall = 1

    /** Waits while the run is paused; that time is not its own. */
    const held = async () => {
      const since = performance.now()
      await unpaused()
      startedAt += performance.now() - since
    }
    const checkpoint = async () => {
      await saving
      savedAt = performance.now()
      const best = unsavedBest
      unsavedBest = null
      const slots = await training.loop.state()
      const now = { ...model, parameters: parametersOf(slots, names) }
      for (const name of names) {
        slots.delete(name)
      }
      const reached: RunProgress = structuredClone({
        ...progress,
        seconds: (performance.now() - startedAt) / 1000,
      })
      saving = (async () => {
        if (best) {
          await saveModel(modelDir, best, reached.best?.step)
        }
        await saveCheckpoint(runDir, { model: now, slots, progress: reached })
      })()
      // A rejection waits until the run comes to it.
      saving.catch(() => undefined)
    }
    const addPoint = async (validation: TrainingPoint['validation']) => {
      const { steps, ...sums } = progress.recent
      const point: TrainingPoint = {
        step: progress.step,
        epoch: progress.step / schedule.batchesPerEpoch,
        loss: sums.loss / steps,
        nll: sums.nll / steps,
        topicLoss: sums.topicLoss / steps,
        learningRate: progress.rateFactor * schedule.learningRate(progress.step - 1),
        validation,
      }
      progress.recent = { loss: 0, nll: 0, topicLoss: 0, steps: 0 }
      progress.points.push(point)
      await log.point(point)
      report({ phase: 'training', done: progress.step, total: schedule.steps, unit: 'steps', point })
    }
    const validate = async () => {
      const parameters = parametersOf(await training.loop.state(names), names)
      const check = await validator.check(parameters, { signal, unpaused: held })
      // The last step of a call may break the parameters after its loss was taken.
      if (!Number.isFinite(check.nll)) {
        throw diverged(check.nll, progress.step)
      }
      if (!progress.best || isBetter(check, progress.best, settings.selectBy)) {
        progress.best = { step: progress.step, nll: check.nll, bleu4: check.bleu4, cider: check.cider }
        unsavedBest = { ...model, parameters }
        progress.checksSinceBest = 0
        progress.checksSinceCut = 0
      } else {
        progress.checksSinceBest++
        progress.checksSinceCut++
        if (settings.schedule === 'plateau' && progress.checksSinceCut >= settings.plateauPatience) {
          progress.rateFactor *= settings.plateauFactor
          progress.checksSinceCut = 0
        }
      }
      await addPoint(check)
      await checkpoint()
    }
    /**
     * The feeds of the steps after `from`, as many as one call takes; the features of the call after them are
     * sent for.
     */
    const prepare = async (from: number): Promise<PreparedSteps> => {
      const dealt = (first: number) => deal(first, Math.min(schedule.nextStop(first), first + stepsPerCall))
      const group = dealt(from)
      reader.prefetch(clipsOf(group.batches))
      const after = from + group.batches.length
      if (after < schedule.steps) {
        reader.prefetch(clipsOf(dealt(after).batches))
      }
      return {
        ...group,
        feeds: await feedsOf(model, training, group.batches, group.bucket, reader, seed, from),
      }
    }
    const begin = (from: number): Promise<PreparedSteps> => {
      const preparing = prepare(from)
      preparing.catch(() => undefined)
      return preparing
    }

    let upcoming: Promise<PreparedSteps> | null = null
    try {
      for (;;) {
        if (schedule.isCheck(progress.step) && progress.points.at(-1)?.step !== progress.step) {
          await validate()
        }
        if (progress.step >= schedule.steps || progress.checksSinceBest >= settings.patience) {
          break
        }
        await held()
        if (signal.aborted) {
          throw new CancelledError()
        }
        const prepared: PreparedSteps = await (upcoming ?? begin(progress.step))
        const { batches, bucket, feeds } = prepared
        const rates = batches.map((_, k) => progress.rateFactor * schedule.learningRate(progress.step + k))
        const callStarted = performance.now()
        const running = training.run(bucket, progress.step, feeds, rates)
        const next = progress.step + batches.length
        upcoming = next < schedule.steps ? begin(next) : null
        const losses = await running
        const milliseconds = performance.now() - callStarted
        stepsPerCall = Math.max(
          1,
          Math.min(MOST_STEPS_PER_CALL, Math.floor((CALL_TIME * batches.length) / milliseconds)),
        )

        await log.steps(progress.step + 1, losses, rates)
        const broken = losses.findIndex(({ loss }) => !Number.isFinite(loss))
        if (broken >= 0) {
          throw diverged(losses[broken]?.loss, progress.step + broken + 1)
        }
        progress.step = next
        progress.trainingSeconds += milliseconds / 1000
        progress.captions += batches.reduce((count, { places }) => count + captionCount(places), 0)
        addTo(progress.recent, losses)
        report({ phase: 'training', done: progress.step, total: schedule.steps, unit: 'steps' })
        if (schedule.isPoint(progress.step)) {
          await addPoint(null)
        }
        if (performance.now() - savedAt > CHECKPOINT_EVERY) {
          await checkpoint()
        }
      }
    } catch (error) {
      // Also in the middle of a validation, which is then taken anew.
      if (error instanceof CancelledError && progress.step > 0) {
        await checkpoint()
      }
      throw error
    }
    await saving
    const { best } = progress
    if (unsavedBest) {
      await saveModel(modelDir, unsavedBest, best?.step)
    }
    if (!best) {
      throw new Error('training ended without a validation')
    }
    await removeCheckpoints(runDir)
    return {
      device,
      steps: progress.step,
      captionsPerSecond: progress.captions / progress.trainingSeconds,
      seconds: (performance.now() - startedAt) / 1000,
      neurons: neuronCount(architecture),
      vocabulary: vocabulary.words.length,
      best,
    }
  } finally {
    await saving.catch(() => undefined)
    await Promise.all([step?.release(), validator.release(), reader.release()])
  }
}

/** What one call takes: minibatches of one bucket, and their arrays stacked by leaf. */
interface PreparedSteps {
  bucket: number
  batches: PlannedBatch[]
  feeds: Map<string, Tensor>
}

interface Start {
  model: CaptionerModel
  state: Map<string, Tensor>
  progress: RunProgress
}

/** A run at its first step. */
async function begun(
  { kind, settings, frames, topicCount, train: clips, seed }: TrainParams,
  signal: AbortSignal,
  report: EngineContext['progress'],
): Promise<Start> {
  const vocabulary = buildVocabulary(
    clips.flatMap(({ captions }) => captions),
    settings.minWordCount,
    settings.maxVocabulary,
  )
  report({ phase: 'measuring features', done: 0, total: null, unit: 'clips' })
  const transform = await measureTransform(
    clips,
    frames,
    settings.projection,
    chance(seed, 'transform'),
    signal,
  )
  const architecture = {
    settings,
    frames,
    inputSize: inputSizeOf(transform),
    vocabularySize: vocabulary.words.length,
    topics: topicCount,
  }
  const parameters = initialParameters(architecture, chance(seed, 'parameters'))
  return {
    model: { kind, architecture, vocabulary, transform, parameters },
    state: initialState(parameters),
    progress: {
      format: 1,
      step: 0,
      best: null,
      checksSinceBest: 0,
      rateFactor: 1,
      checksSinceCut: 0,
      recent: { loss: 0, nll: 0, topicLoss: 0, steps: 0 },
      captions: 0,
      seconds: 0,
      trainingSeconds: 0,
      points: [],
    },
  }
}

/** A run where its last checkpoint left it. Throws NOT_FOUND when there is none. */
async function resumed({ runDir }: TrainParams): Promise<Start> {
  const { model, slots, progress } = await loadCheckpoint(runDir)
  return { model, state: new Map([...model.parameters, ...slots]), progress }
}

const diverged = (loss: number | undefined, step: number): VitrineError =>
  new VitrineError(
    'DIVERGED',
    `The loss became ${String(loss)} at step ${step}.`,
    'Lower the learning rate or the clip norm. The best parameters so far are kept.',
  )

/** What happens at which step. */
function scheduleOf(
  { epochs, checkEvery, learningRate, schedule }: CaptionerSettings,
  batchesPerEpoch: number,
) {
  const steps = epochs * batchesPerEpoch
  const checkSteps = Math.max(1, Math.round(checkEvery * batchesPerEpoch))
  const pointSteps = Math.max(POINT_EVERY.steps, Math.ceil(POINT_EVERY.share * steps))
  const isCheck = (step: number): boolean => step > 0 && (step % checkSteps === 0 || step === steps)
  const isPoint = (step: number): boolean => step % pointSteps === 0 && !isCheck(step)
  return {
    batchesPerEpoch,
    steps,
    isCheck,
    isPoint,
    /** The next step after `step` at which something is to be done between calls. */
    nextStop: (step: number): number =>
      Math.min(steps, ...[checkSteps, pointSteps].map((every) => (Math.floor(step / every) + 1) * every)),
    /** The learning rate of a step, counted from 0, before plateaus. */
    learningRate: (step: number): number =>
      schedule === 'cosine' ? (learningRate / 2) * (1 + Math.cos((Math.PI * step) / steps)) : learningRate,
  }
}

/**
 * Deals batches by step: those of the steps after `from` up to `to`, as far as they are of one bucket and one
 * epoch. The plan of one epoch is kept.
 */
export function createDealer(
  clips: readonly EncodedClip[],
  buckets: readonly number[],
  size: Omit<BatchShape, 'words'>,
  batchesPerEpoch: number,
  seed: number,
) {
  const run = Math.max(1, Math.min(MOST_STEPS_PER_CALL, Math.floor(LONGEST_RUN * batchesPerEpoch)))
  let plan: { epoch: number; batches: PlannedBatch[] } | null = null
  return (from: number, to: number): { bucket: number; batches: PlannedBatch[] } => {
    const epoch = Math.floor(from / batchesPerEpoch)
    if (plan?.epoch !== epoch) {
      plan = { epoch, batches: planEpoch(clips, buckets, size, run, seed, epoch) }
    }
    const start = epoch * batchesPerEpoch
    const upTo = plan.batches.slice(from - start, to - start)
    const [first] = upTo
    if (!first) {
      throw new Error(`there is no batch for step ${from}`)
    }
    const change = upTo.findIndex(({ bucket }) => bucket !== first.bucket)
    return { bucket: first.bucket, batches: change < 0 ? upTo : upTo.slice(0, change) }
  }
}

/** The arrays of some minibatches of one bucket, for the steps after `from`, stacked by leaf. */
export async function feedsOf(
  model: CaptionerModel,
  step: TrainingStep,
  batches: readonly PlannedBatch[],
  bucket: number,
  reader: FeatureReader,
  seed: number,
  from: number,
): Promise<Map<string, Tensor>> {
  const shape = step.shapes[bucket]
  if (!shape) {
    throw new Error(`there is no bucket ${bucket}`)
  }
  const parts = new Map<string, Tensor['data'][]>()
  const push = (name: string, data: Tensor['data']) => {
    const list = parts.get(name)
    if (list) {
      list.push(data)
    } else {
      parts.set(name, [data])
    }
  }
  for (const [k, { places }] of batches.entries()) {
    for (const [name, data] of await batchFeeds(
      shape.batch,
      layOut(places, shape, model.architecture.topics),
      reader,
    )) {
      push(name, data)
    }
    for (const [name, data] of drawDropout(
      model.architecture,
      shape.masks,
      chance(seed, 'dropout', from + k),
    )) {
      push(name, data)
    }
  }
  const leaves = [...Object.values(shape.batch), ...Object.values(shape.masks)]
  return new Map(leaves.map((leaf) => [leaf.name ?? '', stack(leaf, parts.get(leaf.name ?? '') ?? [])]))
}

const clipsOf = (batches: readonly PlannedBatch[]): EncodedClip[] =>
  batches.flatMap(({ places }) => places.map(({ clip }) => clip))

/** The control of the paper's ablation: the same topic vectors, dealt to other clips. */
function shuffleTopics(clips: readonly CaptionedClip[], seed: number): CaptionedClip[] {
  const vectors = chance(seed, 'topics').shuffle(clips.map((clip) => clip.topics))
  return clips.map((clip, i) => ({ ...clip, topics: vectors[i] ?? [] }))
}

function addTo(sums: RunProgress['recent'], losses: readonly StepLosses[]): void {
  for (const { loss, nll, topicLoss } of losses) {
    sums.loss += loss
    sums.nll += nll
    sums.topicLoss += topicLoss
    sums.steps++
  }
}
