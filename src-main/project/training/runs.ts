import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { decoding, VitrineError } from '#contract'
import { presetSettings, settingsOfKind } from '../../common/presets.ts'
import type { ModelRow, SeriesSummary } from '#contract'
import type { EngineResult } from '../../engine-host/contract/index.ts'
import type { JobContext } from '../../jobs/index.ts'
import type { Model, OpenProject, SingleChange } from '../../store/index.ts'
import { captionSplit, storeSplit } from '../review/service.ts'
import { keptParameters, leftBehind, runTraining, takesPlace } from './run.ts'
import { figuresOf, summariseSeries } from './series.ts'
import { staleness } from './staleness.ts'
import { requireUnchanged, trainingInputs } from './inputs.ts'
import { count, someOf } from '../../common/text.ts'
import { captionedClips, featureSettings, forward, modelFolder } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { compareFiles, compareModels, scoreFiles } from './scoring.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'

/** What a series is compared on. */
const SERIES_SPLIT = 'test'

export function createRuns(workspace: Workspace) {
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
      await captionSplit({
        workspace,
        project,
        model,
        split: SERIES_SPLIT,
        decoding: decoding.parse({}),
        options: forward(context),
      }),
    )
  }

  return {
    /**
     * Trains a captioner on the training split; validation chooses its best state. With `seeds` above 1 it
     * trains a series, one model after the other, and captions and scores the test split with each. A model
     * whose training is cancelled is left as stopped, one whose training fails as failed; both can be resumed
     * or kept, and end a series early.
     */
    train(request) {
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
          const trained = await runTraining({ workspace, project, model, inputs, resume: false, context })
          return {
            result: { kind: 'train', modelIds: [model.id] },
            summary: describe(model, trained),
          }
        }
        let series: number | null = null
        const modelIds: number[] = []
        for (let i = 0; i < request.seeds; i++) {
          const model: Model =
            series === null
              ? store.transaction(() => store.models.beginSeries(add(request.seed, null).id))
              : add(request.seed + i, series)
          series = model.id === model.series ? model.id : series
          modelIds.push(model.id)
          const part = within(context, `model ${i + 1} of ${request.seeds}`)
          await runTraining({ workspace, project, model, inputs, resume: false, context: part })
          await score(project, model, part)
        }
        return {
          result: { kind: 'train', modelIds },
          summary: describeSeries(summariseSeries(project, series ?? 0)),
        }
      })
      return { jobId }
    },

    /**
     * Goes on with a stopped or failed run from its last checkpoint; of a series, with this model alone.
     * Throws NOT_FOUND, and CONFLICT when there is no checkpoint. The job fails with CONFLICT when the clips,
     * features, captions or topics that it learns from have changed.
     */
    resume({ modelId }) {
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
          const trained = await runTraining({ workspace, project, model, inputs, resume: true, context })
          if (model.series !== null) {
            await score(project, model, context)
          }
          return { result: { kind: 'train', modelIds: [modelId] }, summary: describe(model, trained) }
        },
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
        const model = store.models.get(modelId)
        if (!leftBehind(project, model).keepable) {
          throw new VitrineError(
            'CONFLICT',
            `Model ${modelId} is ${model.state} and has no parameters to keep.`,
            'Choose a stopped or failed run that got to its first validation.',
          )
        }
        const { step, best } = keptParameters(project, model)
        const changes: SingleChange[] = [
          { kind: 'model.state', modelId, state: 'ready' },
          { kind: 'model.note', modelId, note: `Kept at step ${step}.` },
        ]
        if (takesPlace(project, model)) {
          changes.push({ kind: 'model.current', modelId })
        }
        store.models.finish(modelId, { state: model.state, best })
        make(`keep model ${modelId} at step ${step}`, changes)
      })
    },

    /** All models, newest first. */
    models: reads(['evaluation', 'model', 'setting', 'topic', 'topic_vector'], () => {
      const project = workspace.project()
      return project.store.models.list().map((model) => toRow(project, model))
    }),

    /** Throws NOT_FOUND. */
    model: reads(['evaluation', 'model', 'setting', 'topic', 'topic_vector'], ({ modelId }) => {
      const project = workspace.project()
      const model = project.store.models.get(modelId)
      return {
        ...toRow(project, model),
        settings: model.settings,
        topics: model.topics,
        best: model.best,
      }
    }),

    presets: reads([], () => ({
      default: presetSettings('default'),
      paper: presetSettings('paper'),
      fast: presetSettings('fast'),
    })),

    curve: reads(['training_point'], ({ modelId }) => workspace.project().store.models.points(modelId)),

    /** Throws NOT_FOUND. */
    figures: reads(['evaluation', 'model'], ({ modelId }) => figuresOf(workspace.project(), modelId)),

    /** Throws NOT_FOUND. */
    findTopic: reads(['model', 'topic'], ({ modelId, topic: nameOrId }) => {
      const { store } = workspace.project()
      const labels = store.topics.labels()
      const topicId = store.models
        .get(modelId)
        .topics.find((id) => String(id) === nameOrId || labels.get(id) === nameOrId)
      if (topicId === undefined) {
        throw new VitrineError(
          'NOT_FOUND',
          `Model ${modelId} has no topic ${nameOrId}.`,
          'Use an id or a label from "vitrine topics".',
        )
      }
      return { topicId }
    }),

    /** Mean and deviation over the finished models of a series. Throws NOT_FOUND. */
    series: reads(['evaluation', 'model'], ({ series }) => {
      const summary = summariseSeries(workspace.project(), series)
      if (summary.models.length === 0) {
        throw new VitrineError(
          'NOT_FOUND',
          `This project has no series ${series}.`,
          'A series has the number of its first model.',
        )
      }
      return summary
    }),

    compare: reads(['caption', 'clip', 'generated_caption', 'model'], (request, { signal }) =>
      compareModels(workspace, request, { signal }),
    ),

    scoreFiles: (request, { signal }) => scoreFiles(workspace.engine, request, { signal }),

    compareFiles: (request, { signal }) => compareFiles(workspace.engine, request, { signal }),

    /** Throws NOT_FOUND. */
    note({ modelId, note }, { who }) {
      workspace.edit(who, (store, make) => {
        store.models.get(modelId)
        make(`note on model ${modelId}`, [{ kind: 'model.note', modelId, note }])
      })
    },

    /**
     * Deletes a model with all that it made; can't be undone. Throws NOT_FOUND, CONFLICT for one that others
     * rest on.
     */
    async remove({ modelId }) {
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
    },

    /** Throws NOT_FOUND, CONFLICT for a model that is not ready. */
    setCurrent({ modelId }, { who }) {
      workspace.edit(who, (store, make) => {
        const { state, kind } = store.models.get(modelId)
        if (state !== 'ready') {
          throw new VitrineError(
            'CONFLICT',
            `Model ${modelId} is ${state}: it can't be the current one.`,
            'Choose a model that is ready.',
          )
        }
        make(`use model ${modelId} (${kind})`, [{ kind: 'model.current', modelId }])
      })
    },
  } satisfies Partial<Service<'training'>>
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
