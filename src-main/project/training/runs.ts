/** Runs: begun, alone or as a series of seeds; gone on with; or kept as far as they got. */
import { decoding } from '#contract'
import type { CaptionerSettings, SeriesSummary } from '#contract'
import type { VitrineError } from '../../common/failures.ts'
import { presetSettings, settingsOfKind } from '../../common/presets.ts'
import { count } from '../../common/text.ts'
import type { EngineResult } from '../../engine-host/contract/index.ts'
import type { JobContext, JobOutcome, JobRequest } from '../../jobs/index.ts'
import type { Model, NewModel, OpenProject, SingleChange } from '../../store/index.ts'
import { requireWholeFeatures } from '../corpus/feature-files.ts'
import { captionSplit, storeSplit } from '../review/captioning.ts'
import { fastestDevice } from '../devices.ts'
import type { Input, Service } from '../service.ts'
import { requireSpace } from '../storage/space.ts'
import { captionedClips, engineOptions, currentFeatures, presentModel } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'
import { requireUnchanged, trainingInputs } from './inputs.ts'
import { becomesCurrent, endedEarly, runTraining, salvageable, savedParameters } from './run.ts'
import type { Run } from './run.ts'
import { summariseSeries } from './series.ts'
import { bytesOfTraining } from './space.ts'

/** What a series is compared on. */
const SERIES_SPLIT = 'test'

export function createRuns(workspace: Workspace) {
  return {
    /**
     * Trains a captioner on the training split; validation chooses its best state. With `seeds` above 1 it
     * trains a series, one model after the other, and captions and scores the test split with each. A model
     * whose training is cancelled is left as stopped, one whose training fails as failed; both can be resumed
     * or kept, and end a series early.
     */
    train(request) {
      const project = workspace.project()
      const { kind, preset, settings: chosen } = request
      const settings = settingsOfKind(kind, presetSettings(preset, chosen), chosen)
      const title =
        request.seeds === 1
          ? `Train the ${request.kind} captioner`
          : `Train ${request.seeds} ${request.kind} captioners`
      const jobRequest: JobRequest = { procedure: 'training.train', input: request }
      const jobId = workspace.jobs.start('train', title, jobRequest, async (context) => {
        await requireWholeFeatures(project, currentFeatures(project).key, context)
        await requireSpace(project.folder, bytesOfTraining(project, request), 'training')
        const device = request.device === 'auto' ? await fastestDevice(workspace, context) : request.device
        const plan = planTraining(project, { ...request, device }, settings, context)
        return request.seeds === 1 ? trainOne(workspace, plan) : trainSeries(workspace, plan, request.seeds)
      })
      return { jobId }
    },

    /**
     * Goes on with a stopped or failed run from its last checkpoint; of a series, with this model alone, or up
     * to the `seeds` that it was to have. Throws NOT_FOUND, and CONFLICT when there is no checkpoint. The job fails with CONFLICT when the clips,
     * features, captions or topics that it learns from have changed.
     */
    resume({ modelId, seeds }) {
      const project = workspace.project()
      resumableModel(project, modelId)
      const jobId = workspace.jobs.start(
        'train',
        `Train model ${modelId} on`,
        { procedure: 'training.resume', input: { modelId, seeds } },
        (context) => resumeRun({ workspace, project, modelId, seeds, context }),
      )
      return { jobId }
    },

    /**
     * Makes the best parameters of a stopped or failed run a ready model; undoable. Throws NOT_FOUND,
     * CONFLICT.
     */
    keep({ modelId }, { who }) {
      const project = workspace.project()
      workspace.edit(who, (store, make) => {
        const model = presentModel(store, modelId)
        if (!salvageable(project, model).keepable) {
          throw failures.nothingToKeep({ modelId, state: model.state })
        }
        const { step, best } = savedParameters(project, model)
        const changes: SingleChange[] = [
          { kind: 'model.state', modelId, state: 'ready' },
          { kind: 'model.note', modelId, note: `Kept at step ${step}.` },
        ]
        if (becomesCurrent(project, model)) {
          changes.push({ kind: 'model.current', modelId })
        }
        store.models.finish(modelId, { state: model.state, best })
        make(`keep model ${modelId} at step ${step}`, changes)
      })
    },
  } satisfies Partial<Service<'training'>>
}

/** What the models of a request have in common. */
interface TrainingPlan extends Pick<Run, 'project' | 'inputs' | 'context'> {
  model: Omit<NewModel, 'series'>
}

/** Reads what is trained on. Throws NOT_READY before features and topics are there. */
function planTraining(
  project: OpenProject,
  request: Pick<Input<'training', 'train'>, 'kind' | 'seed'> & { device: string },
  settings: CaptionerSettings,
  context: JobContext,
): TrainingPlan {
  const { store } = project
  const features = currentFeatures(project)
  const topics = store.topics.current().map(({ id }) => id)
  if (topics.length === 0) {
    throw failures.noTopics()
  }
  const corpusState = store.clips.corpusState()
  const inputs = trainingInputs(project, features.key, topics)
  if (inputs.standIn) {
    context.notice(
      'There is no validation split: the training clips stand in for it, so its scores say nothing about other clips.',
    )
  }
  const model: TrainingPlan['model'] = {
    parent: null,
    jobId: context.jobId,
    kind: request.kind,
    origin: 'trained',
    settings,
    seed: request.seed,
    topics,
    fingerprints: store.topics.fingerprints(topics),
    featureKey: features.key,
    frames: features.frames,
    inputs: inputs.digests,
    corpusState,
    device: request.device,
  }
  return { project, inputs, context, model }
}

async function trainOne(workspace: Workspace, plan: TrainingPlan): Promise<JobOutcome> {
  const { project, inputs, context } = plan
  const model = project.store.models.add(plan.model)
  const trained = await runTraining({ workspace, project, model, inputs, resume: false, context })
  return { result: { kind: 'train', modelIds: [model.id] }, summary: describeRun(model, trained) }
}

/** One model after the other, with a seed each; the first one's id is the number of the series. */
async function trainSeries(workspace: Workspace, plan: TrainingPlan, seeds: number): Promise<JobOutcome> {
  const { models } = plan.project.store
  const first = plan.project.store.transaction(() => models.beginSeries(models.add(plan.model).id))
  const { inputs, project, context } = plan
  await trainMember(
    { workspace, project, model: first, inputs, resume: false, context },
    `model 1 of ${seeds}`,
  )
  return seriesOutcome(project, [first.id, ...(await trainRest(workspace, plan, first, seeds))])
}

/** Trains the models that a series lacks, with the seeds that follow; returns their ids. */
async function trainRest(
  workspace: Workspace,
  { project, inputs, context, model: shared }: TrainingPlan,
  { series }: Model,
  seeds: number,
): Promise<number[]> {
  const { models } = project.store
  const members = models.list().filter((model) => model.series === series)
  const firstSeed = Math.min(...members.map(({ seed }) => seed))
  const modelIds: number[] = []
  for (let i = members.length; i < seeds; i++) {
    const model = models.add({ ...shared, seed: firstSeed + i, series })
    modelIds.push(model.id)
    await trainMember(
      { workspace, project, model, inputs, resume: false, context },
      `model ${i + 1} of ${seeds}`,
    )
  }
  return modelIds
}

/** Trains one model of a series, and scores it; `part` names it in the progress. */
async function trainMember(run: Run, part: string): Promise<void> {
  const context = within(run.context, part)
  await runTraining({ ...run, context })
  await scoreMember(run.workspace, run.project, run.model, context)
}

const seriesOutcome = (project: OpenProject, modelIds: number[]): JobOutcome => ({
  result: { kind: 'train', modelIds },
  summary: describeSeries(summariseSeries(project, project.store.models.get(modelIds[0] ?? 0).series ?? 0)),
})

async function resumeRun({
  workspace,
  project,
  modelId,
  seeds,
  context,
}: {
  workspace: Workspace
  project: OpenProject
  modelId: number
  /** Models that its series is to have. */
  seeds: number
  context: JobContext
}): Promise<JobOutcome> {
  const { store } = project
  const model = resumableModel(project, modelId)
  await requireWholeFeatures(project, model.featureKey, context)
  const inputs = trainingInputs(project, model.featureKey, model.topics)
  requireUnchanged(modelId, model.inputs, inputs.digests)
  // Another program may have the project open, too: the first one has it.
  if (!store.models.resume(modelId, context.jobId)) {
    throw notResumable(store.models.get(modelId))
  }
  if (model.jobId !== null) {
    workspace.jobs.restarted(model.jobId, context.jobId)
  }
  const trained = await runTraining({ workspace, project, model, inputs, resume: true, context })
  if (model.series === null) {
    return { result: { kind: 'train', modelIds: [modelId] }, summary: describeRun(model, trained) }
  }
  await scoreMember(workspace, project, model, context)
  const plan: TrainingPlan = { project, inputs, context, model: newModelLike(model, context) }
  const rest = await trainRest(workspace, plan, model, seeds)
  return rest.length === 0
    ? { result: { kind: 'train', modelIds: [modelId] }, summary: describeRun(model, trained) }
    : seriesOutcome(project, [modelId, ...rest])
}

/** What a model of the same series begins with. */
function newModelLike(model: Model, { jobId }: JobContext): TrainingPlan['model'] {
  const { kind, settings, seed, topics, fingerprints, featureKey, frames, inputs, device } = model
  return {
    parent: null,
    jobId,
    kind,
    origin: 'trained',
    settings,
    seed,
    topics,
    fingerprints,
    featureKey,
    frames,
    inputs,
    device,
  }
}

/** The model, if its training can go on. Throws NOT_FOUND, CONFLICT. */
function resumableModel(project: OpenProject, modelId: number): Model {
  const model = presentModel(project.store, modelId)
  if (!salvageable(project, model).resumable) {
    throw notResumable(model)
  }
  return model
}

function notResumable(model: Model): VitrineError {
  const { id: modelId, state } = model
  if (state === 'training') {
    return failures.inTraining({ modelId })
  }
  return endedEarly(model) ? failures.noCheckpoint({ modelId }) : failures.notEndedEarly({ modelId, state })
}

/** Captions and scores the test split, so that the models of a series can be compared. */
async function scoreMember(
  workspace: Workspace,
  project: OpenProject,
  model: Model,
  context: JobContext,
): Promise<void> {
  if (captionedClips(project, model.featureKey, model.topics, SERIES_SPLIT).length === 0) {
    return
  }
  const captioned = await captionSplit({
    workspace,
    project,
    model,
    split: SERIES_SPLIT,
    decoding: decoding.parse({}),
    options: engineOptions(context),
  })
  storeSplit(project, model.id, captioned)
}

/** The same job, its phases named after a part of it: `model 2 of 5: training`. */
const within = (context: JobContext, part: string): JobContext => ({
  ...context,
  progress: (report) => {
    context.progress({ ...report, phase: `${part}: ${report.phase}` })
  },
})

function describeRun(
  { id, kind }: Model,
  { steps, neurons, vocabulary, best }: EngineResult<'captioner.train'>,
): string {
  const size = `${count(steps, 'step')}, ${count(neurons, 'neuron')}, ${count(vocabulary, 'word')}`
  return `Model ${id} (${kind}): ${size}; best at step ${best.step} with validation CIDEr ${best.cider.toFixed(3)}.`
}

function describeSeries({ series, models, figures }: SeriesSummary): string {
  const describeFigure = (split: string, metric: string, name: string): string[] =>
    figures
      .filter((figure) => figure.split === split && figure.metric === metric)
      .map(({ mean, deviation }) => {
        const spread = deviation === null ? '' : ` ± ${deviation.toFixed(3)}`
        return `${name} ${mean.toFixed(3)}${spread}`
      })
  const described = [
    ...describeFigure('val', 'cider', 'validation CIDEr'),
    ...describeFigure(SERIES_SPLIT, 'CIDEr', 'test CIDEr'),
  ]
  return `Series ${series} of ${count(models.length, 'model')}: ${described.join(', ')}.`
}
