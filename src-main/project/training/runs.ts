/** Runs: begun, alone or as a series of seeds; gone on with; or kept as far as they got. */
import { decoding } from '#contract'
import type { CaptionerSettings, SeriesSummary, Split } from '#contract'
import type { VitrineError } from '../../common/failures.ts'
import { presetSettings, settingsOfKind } from '../../common/presets.ts'
import { count } from '../../common/text.ts'
import type { EngineResult } from '../../engine-host/contract/index.ts'
import type { JobContext, JobOutcome, JobRequest } from '../../jobs/index.ts'
import type { Captioner, Model, NewModel, OpenProject, SingleChange } from '../../store/index.ts'
import { requireWholeFeatures } from '../corpus/feature-files.ts'
import { captionSplit, storeSplit } from '../review/captioning.ts'
import { fastestDevice } from '../devices.ts'
import type { Input, Service } from '../service.ts'
import { requireSpace } from '../space.ts'
import {
  captionedClips,
  currentFeatures,
  engineOptions,
  presentModel,
  requireCaptioner,
} from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'
import { corpusSize, newModelOn, NO_VALIDATION, requireUnchanged, trainingInputs } from './inputs.ts'
import { becomesCurrent, endedEarly, runTraining, salvageable, savedParameters } from './run.ts'
import type { Run } from './run.ts'
import { summariseSeries } from './series.ts'
import { bytesOfTraining } from './space.ts'

export function createRuns(workspace: Workspace) {
  return {
    /**
     * Trains a captioner on the training split; validation chooses its best state. With `seeds` above 1 it
     * trains a series, one model after the other, and captions and scores `split` with each. A model whose
     * training is cancelled is left as stopped, one whose training fails as failed; both can be resumed or
     * kept, and end a series early.
     */
    train(request) {
      const project = workspace.project()
      const { kind, preset, settings: chosen } = request
      const settings = settingsOfKind(kind, presetSettings(preset, chosen, corpusSize(project)), chosen)
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
        return request.seeds === 1 ? trainOne(workspace, plan) : trainSeries(workspace, plan, request)
      })
      return { jobId }
    },

    /**
     * Goes on with a stopped or failed run from its last checkpoint; of a series, with this model alone, or up
     * to the `seeds` that it was to have. Throws NOT_FOUND, and CONFLICT when there is no checkpoint. The job
     * fails with CONFLICT when the clips, features, captions or topics that it learns from have changed.
     */
    resume({ modelId, seeds, split }) {
      const project = workspace.project()
      resumableModel(project, modelId)
      const jobId = workspace.jobs.start(
        'train',
        `Train model ${modelId} on`,
        { procedure: 'training.resume', input: { modelId, seeds, split } },
        (context) => resumeRun({ workspace, project, modelId, series: { seeds, split }, context }),
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

/** How many models a series is to have, and what each is scored on. */
type SeriesPlan = Pick<Input<'training', 'train'>, 'seeds' | 'split'>

/** What the models of a request have in common. */
interface TrainingPlan extends Pick<Run, 'project' | 'inputs' | 'minutes' | 'context'> {
  model: Omit<NewModel, 'series'>
}

/** Reads what is trained on. Throws NOT_READY before features and topics are there. */
function planTraining(
  project: OpenProject,
  request: Pick<Input<'training', 'train'>, 'kind' | 'seed' | 'minutes'> & { device: string },
  settings: CaptionerSettings,
  context: JobContext,
): TrainingPlan {
  const { store } = project
  const features = currentFeatures(project)
  const topics = store.topics.current().map(({ id }) => id)
  if (topics.length === 0) {
    throw failures.noTopics()
  }
  const inputs = trainingInputs(project, features.key, topics)
  if (inputs.standIn) {
    context.notice(NO_VALIDATION)
  }
  const model: TrainingPlan['model'] = {
    ...newModelOn(project, { featureKey: features.key, topics, inputs }, context),
    kind: request.kind,
    settings,
    seed: request.seed,
    device: request.device,
  }
  return { project, inputs, minutes: request.minutes, context, model }
}

async function trainOne(workspace: Workspace, plan: TrainingPlan): Promise<JobOutcome> {
  const { project, inputs, minutes, context } = plan
  const model = requireCaptioner(project.store.models.add(plan.model))
  const trained = await runTraining({ workspace, project, model, inputs, resume: false, minutes, context })
  return { result: { kind: 'train', modelIds: [model.id] }, summary: describeRun(model, trained) }
}

/** One model after the other, with a seed each; the first one's id is the number of the series. */
async function trainSeries(
  workspace: Workspace,
  plan: TrainingPlan,
  series: SeriesPlan,
): Promise<JobOutcome> {
  const { models } = plan.project.store
  const first = plan.project.store.transaction(() =>
    requireCaptioner(models.beginSeries(models.add(plan.model).id)),
  )
  const { inputs, project, minutes, context } = plan
  await trainMember(
    { workspace, project, model: first, inputs, resume: false, minutes, context },
    { part: `model 1 of ${series.seeds}`, split: series.split },
  )
  const { settings } = models.get(first.id)
  const alike = { ...plan, model: { ...plan.model, settings } }
  return seriesOutcome(project, [first.id, ...(await trainRest(workspace, alike, first, series))])
}

/**
 * Trains the models that a series lacks, with the seeds that follow and as many epochs as the first; returns their
 * ids.
 */
async function trainRest(
  workspace: Workspace,
  { project, inputs, context, model: shared }: TrainingPlan,
  { series }: Model,
  { seeds, split }: SeriesPlan,
): Promise<number[]> {
  const { models } = project.store
  const members = models.list().filter((model) => model.series === series)
  const firstSeed = Math.min(...members.map(({ seed }) => seed))
  const modelIds: number[] = []
  for (let i = members.length; i < seeds; i++) {
    const model = requireCaptioner(models.add({ ...shared, seed: firstSeed + i, series }))
    modelIds.push(model.id)
    await trainMember(
      { workspace, project, model, inputs, resume: false, minutes: null, context },
      { part: `model ${i + 1} of ${seeds}`, split },
    )
  }
  return modelIds
}

/** Trains one model of a series, and scores it on a split; `part` names it in the progress. */
async function trainMember(run: Run, { part, split }: { part: string; split: Split }): Promise<void> {
  const memberRun = { ...run, context: within(run.context, part) }
  await runTraining(memberRun)
  await scoreMember(memberRun, split)
}

const seriesOutcome = (project: OpenProject, modelIds: number[]): JobOutcome => ({
  result: { kind: 'train', modelIds },
  summary: describeSeries(summariseSeries(project, project.store.models.get(modelIds[0] ?? 0).series ?? 0)),
})

async function resumeRun({
  workspace,
  project,
  modelId,
  series,
  context,
}: {
  workspace: Workspace
  project: OpenProject
  modelId: number
  /** The one that it is of, if it is of one. */
  series: SeriesPlan
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
  const trained = await runTraining({
    workspace,
    project,
    model,
    inputs,
    resume: true,
    minutes: null,
    context,
  })
  if (model.series === null) {
    return { result: { kind: 'train', modelIds: [modelId] }, summary: describeRun(model, trained) }
  }
  await scoreMember({ workspace, project, model, context }, series.split)
  const plan: TrainingPlan = {
    project,
    inputs,
    minutes: null,
    context,
    model: newModelLike(model, context),
  }
  const rest = await trainRest(workspace, plan, model, series)
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
function resumableModel(project: OpenProject, modelId: number): Captioner {
  const model = presentModel(project.store, modelId)
  if (!salvageable(project, model).resumable) {
    throw notResumable(model)
  }
  return requireCaptioner(model)
}

function notResumable(model: Model): VitrineError {
  const { id: modelId, state } = model
  if (state === 'training') {
    return failures.inTraining({ modelId })
  }
  return endedEarly(model) ? failures.noCheckpoint({ modelId }) : failures.notEndedEarly({ modelId, state })
}

/**
 * Captions and scores a split, so that the models of a series can be compared; none where it has no clips to
 * score.
 */
async function scoreMember(
  { workspace, project, model, context }: Pick<Run, 'workspace' | 'project' | 'model' | 'context'>,
  split: Split,
): Promise<void> {
  if (captionedClips(project, model.featureKey, model.topics, split).length === 0) {
    return
  }
  const captioned = await captionSplit({
    workspace,
    project,
    model,
    split,
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
    ...describeFigure('val', 'cider', 'validation CIDEr at the best check'),
    ...describeFigure('val', 'CIDEr', 'validation CIDEr'),
    ...describeFigure('test', 'CIDEr', 'test CIDEr'),
  ]
  return `Series ${series} of ${count(models.length, 'model')}: ${described.join(', ')}.`
}
