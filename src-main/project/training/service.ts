import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { decoding, presetSettings, settingsOfKind, trainRequest, VitrineError } from '#contract'
import type { ModelDetail, ModelRow, SeriesSummary, TrainRequest } from '#contract'
import { count, someOf } from '../../common/text.ts'
import type { EngineResult } from '../../engine-host/contract/index.ts'
import type { JobContext } from '../../jobs/index.ts'
import type { Change, Model, OpenProject } from '../../store/index.ts'
import { captionSplit, storeSplit } from '../review/service.ts'
import { keptParameters, leftBehind, runTraining, takesPlace } from './run.ts'
import { figuresOf, summariseSeries } from './series.ts'
import type { ModelFigure } from './series.ts'
import { staleness } from './staleness.ts'
import { requireUnchanged, trainingInputs } from './inputs.ts'
import { captionedClips, featureSettings, forward, modelFolder } from '../workspace.ts'
import type { JobStarted, Workspace } from '../workspace.ts'

/** What a series is compared on. */
const SERIES_SPLIT = 'test'

export function createTraining(workspace: Workspace) {
  const toRow = (project: OpenProject, model: Model): ModelRow => {
    const { reasons, remapping } = staleness(project, model)
    return {
      id: model.id,
      parent: model.parent,
      kind: model.kind,
      origin: model.origin,
      state: model.state,
      ...leftBehind(project, model),
      series: model.series,
      jobId: model.jobId,
      createdAt: model.createdAt,
      device: model.device,
      steps: model.steps,
      captionsPerSecond: model.captionsPerSecond,
      seconds: model.seconds,
      neurons: model.neurons,
      seed: model.seed,
      current: project.store.settings.get('currentModel') === model.id,
      evaluations: project.store.models.evaluations(model.id),
      note: model.note, // A baseline knows no topics that could change.
      ...(model.kind === 'baseline'
        ? { stale: [], remappable: false }
        : { stale: reasons, remappable: remapping !== null }),
    }
  }

  /** The model, if its training can go on. Throws NOT_FOUND, CONFLICT. */
  const resumableModel = (project: OpenProject, modelId: number): Model => {
    const model = project.store.models.get(modelId)
    if (!leftBehind(project, model).resumable) {
      throw notResumable(model)
    }
    return model
  }

  /** Captions and scores the test split, so that the models of a series can be compared. */
  const score = async (project: OpenProject, model: Model, context: JobContext): Promise<void> => {
    if (captionedClips(project, model.featureKey, model.topics, SERIES_SPLIT).length === 0) {
      return
    }
    storeSplit(
      project,
      model.id,
      await captionSplit(workspace, project, model, SERIES_SPLIT, decoding.parse({}), forward(context)),
    )
    workspace.changed('captions', 'models', 'topics')
  }

  return {
    /**
     * Trains a captioner on the training split; validation chooses its best state. With `seeds` above 1 it
     * trains a series, one model after the other, and captions and scores the test split with each. A model
     * whose training is cancelled is left as stopped, one whose training fails as failed; both can be resumed
     * or kept, and end a series early.
     */
    train(input: TrainRequest): JobStarted {
      const request = trainRequest.parse(input)
      const project = workspace.project()
      const { store } = project
      const settings = settingsOfKind(request.kind, presetSettings(request.preset, request.settings))
      const title =
        request.seeds === 1
          ? `Train the ${request.kind} captioner`
          : `Train ${request.seeds} ${request.kind} captioners`
      const jobId = workspace.jobs.start('train', title, request, async (context) => {
        const features = featureSettings(project)
        const topics = store.topics.current().map(({ id }) => id)
        if (topics.length === 0) {
          throw new VitrineError(
            'NOT_READY',
            'This project has no topics yet.',
            'Find topics first: training ties neurons to them.',
          )
        }
        const inputs = trainingInputs(project, features.key, topics)
        if (inputs.standIn) {
          context.notice(
            'There is no validation split: the training clips stand in for it, so its scores say nothing about other clips.',
          )
        }
        const add = (seed: number, series: number | null): Model =>
          store.models.add({
            parent: null,
            jobId: context.jobId,
            series,
            kind: request.kind,
            origin: 'trained',
            settings,
            seed,
            topics,
            fingerprints: store.topics.fingerprints(topics),
            featureKey: features.key,
            frames: features.frames,
            inputs: inputs.digests,
            device: request.device,
          })
        if (request.seeds === 1) {
          const model = add(request.seed, null)
          return {
            summary: describe(model, await runTraining(workspace, project, model, inputs, false, context)),
          }
        }
        let series: number | null = null
        for (let i = 0; i < request.seeds; i++) {
          const model: Model =
            series === null
              ? store.transaction(() => store.models.beginSeries(add(request.seed, null).id))
              : add(request.seed + i, series)
          series = model.id === model.series ? model.id : series
          const own = within(context, `model ${i + 1} of ${request.seeds}`)
          await runTraining(workspace, project, model, inputs, false, own)
          await score(project, model, own)
        }
        return { summary: describeSeries(summariseSeries(project, series ?? 0)) }
      })
      return { jobId }
    },

    /**
     * Goes on with a stopped or failed run from its last checkpoint; of a series, with this model alone.
     * Throws NOT_FOUND, and CONFLICT when there is no checkpoint. The job fails with CONFLICT when the clips,
     * features, captions or topics that it learns from have changed.
     */
    resume(modelId: number): JobStarted {
      const project = workspace.project()
      const { store } = project
      resumableModel(project, modelId)
      const jobId = workspace.jobs.start(
        'train',
        `Train model ${modelId} on`,
        { resume: modelId },
        async (context) => {
          const model = resumableModel(project, modelId)
          const inputs = trainingInputs(project, model.featureKey, model.topics)
          requireUnchanged(modelId, model.inputs, inputs.digests)
          // Another program may have the project open, too: the first one has it.
          if (!store.models.resume(modelId, context.jobId)) {
            throw notResumable(store.models.get(modelId))
          }
          const result = await runTraining(workspace, project, model, inputs, true, context)
          if (model.series !== null) {
            await score(project, model, context)
          }
          return { summary: describe(model, result) }
        },
      )
      return { jobId }
    },

    /**
     * Makes the best parameters of a stopped or failed run a ready model; undoable. Throws NOT_FOUND,
     * CONFLICT.
     */
    keep(modelId: number): void {
      const project = workspace.project()
      const { store } = project
      const model = store.models.get(modelId)
      if (!leftBehind(project, model).keepable) {
        throw new VitrineError(
          'CONFLICT',
          `Model ${modelId} is ${model.state} and has no parameters to keep.`,
          'Choose a stopped or failed run that got to its first validation.',
        )
      }
      const { step, best } = keptParameters(project, model)
      const changes: Extract<Change, { kind: 'all' }>['changes'] = [
        { kind: 'model.state', modelId, state: 'ready' },
        { kind: 'model.note', modelId, note: `Kept at step ${step}.` },
      ]
      if (takesPlace(project, model)) {
        changes.push({ kind: 'model.current', modelId })
      }
      store.transaction(() => {
        store.models.finish(modelId, { state: model.state, best })
        store.edits.make(`keep model ${modelId} at step ${step}`, { kind: 'all', changes })
      })
      workspace.changed('models', 'topics', 'project', 'edits')
    },

    /** All models, newest first. */
    list(): ModelRow[] {
      const project = workspace.project()
      return project.store.models.list().map((model) => toRow(project, model))
    },

    /** Throws NOT_FOUND. */
    detail(modelId: number): ModelDetail {
      const project = workspace.project()
      const model = project.store.models.get(modelId)
      return {
        ...toRow(project, model),
        settings: model.settings,
        points: project.store.models.points(modelId),
      }
    },

    /** The models that a job trained, oldest first. */
    ofJob(jobId: number): number[] {
      return workspace
        .project()
        .store.models.ofJob(jobId)
        .map(({ id }) => id)
    },

    /** Mean and deviation over the finished models of a series. Throws NOT_FOUND. */
    series(series: number): SeriesSummary {
      const summary = summariseSeries(workspace.project(), series)
      if (summary.models.length === 0) {
        throw new VitrineError(
          'NOT_FOUND',
          `This project has no series ${series}.`,
          'A series has the number of its first model.',
        )
      }
      return summary
    },

    /** Validation and test figures of a model by split and name. Throws NOT_FOUND. */
    figures(modelId: number): ModelFigure[] {
      return figuresOf(workspace.project(), modelId)
    },

    /**
     * The step that training kept, and its validation figures; null for a model that was not trained itself.
     */
    best(modelId: number): Model['best'] {
      return workspace.project().store.models.get(modelId).best
    },

    /** The ids of the topics that a model was trained on, in the order of its columns. Throws NOT_FOUND. */
    topics(modelId: number): number[] {
      return workspace.project().store.models.get(modelId).topics
    },

    /** A note on a model; one edit. Throws NOT_FOUND. */
    note(modelId: number, note: string): void {
      const { store } = workspace.project()
      store.models.get(modelId)
      store.edits.make(`note on model ${modelId}`, { kind: 'model.note', modelId, note })
      workspace.changed('models', 'edits')
    },

    /**
     * Deletes a model with all that it made; can't be undone. Throws NOT_FOUND, CONFLICT for one that others
     * rest on.
     */
    async remove(modelId: number): Promise<void> {
      const project = workspace.project()
      const { store } = project
      const model = store.models.get(modelId)
      const children = store.models
        .list()
        .filter(({ parent }) => parent === modelId)
        .map(({ id }) => id)
      const queued = store.corrections.list().filter(({ parent }) => parent === modelId)
      const why =
        store.settings.get('currentModel') === modelId
          ? 'is the current one'
          : model.state === 'training'
            ? 'is being trained'
            : children.length > 0
              ? `is what model ${someOf(children.map(String))} came from`
              : queued.length > 0
                ? `has ${count(queued.length, 'correction')} in the queue`
                : null
      if (why !== null) {
        throw new VitrineError(
          'CONFLICT',
          `Model ${modelId} ${why}: it can't be deleted.`,
          'Choose another current model, or delete the later versions first.',
        )
      }
      store.transaction(() => {
        store.corrections.removeOfModel(modelId)
        store.corrections.forget(modelId)
        store.models.remove(modelId)
      })
      await Promise.all(
        [modelFolder(project, model), join(project.folder, model.runFolder)].map((folder) =>
          rm(folder, { recursive: true, force: true }),
        ),
      )
      workspace.changed('models', 'captions', 'neurons', 'corrections', 'topics')
    },

    /** Undoable. Throws NOT_FOUND, CONFLICT for a model that is not ready. */
    setCurrent(modelId: number): void {
      const { store } = workspace.project()
      const { state, kind } = store.models.get(modelId)
      if (state !== 'ready') {
        throw new VitrineError(
          'CONFLICT',
          `Model ${modelId} is ${state}: it can't be the current one.`,
          'Choose a model that is ready.',
        )
      }
      store.edits.make(`use model ${modelId} (${kind})`, { kind: 'model.current', modelId })
      workspace.changed('models', 'topics', 'project', 'edits')
    },
  }
}

function notResumable({ id, state, origin }: Model): VitrineError {
  if (state === 'training') {
    return new VitrineError('CONFLICT', `Model ${id} is being trained.`)
  }
  const ended = origin === 'trained' && (state === 'stopped' || state === 'failed')
  const why = ended ? 'ended before its first checkpoint' : `is ${state}, not a run that ended early`
  return new VitrineError(
    'CONFLICT',
    `Model ${id} ${why}: there is nothing to go on with.`,
    'Train a new model.',
  )
}

/** The same job, its phases named after a part of it: `model 2 of 5: training`. */
const within = (context: JobContext, part: string): JobContext => ({
  ...context,
  progress: (report) => {
    context.progress({ ...report, phase: `${part}: ${report.phase}` })
  },
})

const describe = (
  { id, kind }: Model,
  { steps, neurons, vocabulary, best }: EngineResult<'captioner.train'>,
): string =>
  `Model ${id} (${kind}): ${count(steps, 'step')}, ${count(neurons, 'neuron')}, ${count(vocabulary, 'word')}; best at step ${best.step} with validation CIDEr ${best.cider.toFixed(3)}.`

function describeSeries({ series, models, figures }: SeriesSummary): string {
  const named = (split: string, metric: string, name: string) =>
    figures
      .filter((own) => own.split === split && own.metric === metric)
      .map(
        ({ mean, deviation }) =>
          `${name} ${mean.toFixed(3)}${deviation === null ? '' : ` ± ${deviation.toFixed(3)}`}`,
      )
  return `Series ${series} of ${count(models.length, 'model')}: ${[...named('val', 'cider', 'validation CIDEr'), ...named(SERIES_SPLIT, 'CIDEr', 'test CIDEr')].join(', ')}.`
}
