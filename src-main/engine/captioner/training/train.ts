/**
 * Training a captioner: take compiled steps on minibatches while the next ones are loaded, validate at fixed
 * steps, keep the parameters of the best validation. Everything that happens is a function of the seed and
 * the step, so a run that goes on from a checkpoint goes on exactly as it would have: how many steps a call
 * takes, when checkpoints are written and when the run was paused change nothing but the time.
 *
 * This file puts the parts together; training-run.ts is the loop.
 */
import { settingsOfKind } from '../../../common/presets.ts'
import type {
  CaptionedClip,
  EngineContext,
  EngineParams,
  EngineResult,
  RunPlan,
} from '../../../engine-host/contract/index.ts'
import type { DeviceName } from '../../graph/runtime.ts'
import { resolveDevice } from '../../graph/session.ts'
import { releasing } from '../../releasing.ts'
import type { Use } from '../../releasing.ts'
import { encodeSplit } from '../encoded-clips.ts'
import type { EncodedClip } from '../encoded-clips.ts'
import { FeatureReader } from '../features.ts'
import { checkShapes } from '../feature-transform.ts'
import type { CaptionerModel } from '../model-folder.ts'
import { neuronCount } from '../parameters.ts'
import type { Architecture } from '../parameters.ts'
import { randomStream } from '../random-streams.ts'
import { CallPace } from './call-pace.ts'
import { CheckpointWriter, removeCheckpoints } from './checkpoints.ts'
import { DataLoader } from './data-loader.ts'
import { TrainingProgress } from './progress.ts'
import { RunLog } from './run-log.ts'
import { planRun } from './run-plan.ts'
import type { PlanOptions } from './run-plan.ts'
import { MinibatchSampler } from './sampler.ts'
import { Schedule } from './schedule.ts'
import { beginRun, restoreRun } from './start.ts'
import type { RunStart } from './start.ts'
import { compileTrainingStep } from './step.ts'
import { Stopwatch } from './stopwatch.ts'
import { TrainingRun } from './training-run.ts'
import { Validator } from './validator.ts'

type TrainParams = EngineParams<'captioner.train'>

export async function train(
  request: TrainParams,
  context: EngineContext,
): Promise<EngineResult<'captioner.train'>> {
  const params = { ...request, settings: settingsOfKind(request.kind, request.settings, request.settings) }
  const device = resolveDevice(params.device)
  const start = params.resume ? await restoreRun(params.runDir) : await beginRun(params, context)
  const { architecture, vocabulary } = start.model
  return releasing(async (use) => {
    const run = await prepareRun({ start, params, device }, context, use)
    const { best, ...figures } = await run.toItsEnd()
    await removeCheckpoints(params.runDir)
    return {
      device,
      ...figures,
      neurons: neuronCount(architecture),
      vocabulary: vocabulary.words.length,
      best,
    }
  })
}

/** Puts the parts of a run together; all that it compiles is handed to `use`. */
async function prepareRun(
  { start, params, device }: { start: RunStart; params: TrainParams; device: DeviceName },
  context: EngineContext,
  use: Use,
): Promise<TrainingRun> {
  const { state } = start
  const model = { ...start.model, architecture: await forClips(start.model.architecture, params, context) }
  const { architecture } = model
  const { settings } = architecture
  const { lambda } = settings
  const sampler = new MinibatchSampler(architecture, trainingClips(params, model), params.seed)
  const progress = new TrainingProgress(start.progress)
  reportStart(progress, context)

  const reader = use(new FeatureReader(architecture.frames, model.transform))
  const validator = use(
    new Validator({ model, clips: params.validation, seed: params.seed, lambda, reader, device }),
  )
  const step = use(await compileTrainingStep(architecture, { ...sampler.shape, lambda, device }))
  const measured = { architecture, sampler, reader, validator, step, parameters: model.parameters }
  const { epochs } = params.resume ? settings : await announcedPlan(measured, params, context)
  const schedule = new Schedule({ ...settings, epochs }, sampler.batchesPerEpoch)
  step.loop.load(state)
  // The loop has a copy of its own.
  state.clear()
  const pace = new CallPace()
  const loader = new DataLoader({
    architecture,
    sampler,
    reader,
    shapes: step.shapes,
    seed: params.seed,
    totalSteps: schedule.totalSteps,
    endOfCall: (from) => Math.min(schedule.nextStop(from), from + pace.stepsPerCall),
  })
  const checkpoints = use(new CheckpointWriter(params))
  const log = await RunLog.open(params.runDir, progress)
  const stopwatch = new Stopwatch(start.progress.seconds)
  return new TrainingRun(
    {
      model: withEpochs(start.model, epochs),
      schedule,
      progress,
      loader,
      pace,
      validator,
      step,
      checkpoints,
      log,
      stopwatch,
    },
    context,
  )
}

/** The plan of a new run, told before its first step. */
async function announcedPlan(
  measured: Omit<PlanOptions, 'seed' | 'seconds'>,
  { seed, minutes = null }: TrainParams,
  { progress: report }: EngineContext,
): Promise<RunPlan> {
  const plan = await planRun({ ...measured, seed, seconds: minutes === null ? null : 60 * minutes })
  const total = plan.epochs * plan.stepsPerEpoch
  report({ phase: 'planning', done: 0, total, unit: 'steps', plan })
  return plan
}

const withEpochs = (model: CaptionerModel, epochs: number): CaptionerModel => ({
  ...model,
  architecture: { ...model.architecture, settings: { ...model.architecture.settings, epochs } },
})

/**
 * The architecture, with no more frames than the longest clip of this run has: whatever is padded costs as much
 * as what is not, and a picture has one frame. No parameter's shape depends on it.
 */
async function forClips(
  architecture: Architecture,
  { train: clips, validation }: TrainParams,
  { signal }: EngineContext,
): Promise<Architecture> {
  const { longest } = await checkShapes([...clips, ...validation], architecture.frames, signal)
  return { ...architecture, frames: longest }
}

/** Throws NOT_READY when none has a caption. */
function trainingClips({ kind, train: clips, seed }: TrainParams, model: CaptionerModel): EncodedClip[] {
  const { vocabulary, architecture } = model
  const labelled = kind === 'random-topics' ? shuffleTopics(clips, seed) : clips
  return encodeSplit('training', labelled, vocabulary, architecture.settings)
}

/** The control: the same topic vectors, dealt to other clips. */
function shuffleTopics(clips: readonly CaptionedClip[], seed: number): CaptionedClip[] {
  const vectors = randomStream(seed, 'topics').shuffle(clips.map((clip) => clip.topics))
  return clips.map((clip, i) => ({ ...clip, topics: vectors[i] ?? [] }))
}

/** Main may have missed some of the points when an earlier session ended: they are repeated. */
function reportStart({ step, points }: TrainingProgress, { progress: report }: EngineContext): void {
  const compiling = { phase: 'compiling', done: step, total: null, unit: 'steps' }
  report(compiling)
  for (const point of points) {
    report({ ...compiling, point })
  }
}
