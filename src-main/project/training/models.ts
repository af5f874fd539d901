/** Models that were made: listed, looked at, made the current one. */
import type { ModelRow, Preset } from '#contract'
import { presetSettings, settingsOfKind } from '../../common/presets.ts'
import { isCaptioner } from '../../store/index.ts'
import type { Model, OpenProject, Table } from '../../store/index.ts'
import { taintedClips } from '../held-out.ts'
import { reads } from '../service.ts'
import type { Service } from '../service.ts'
import { presentModel } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'
import { corpusSize } from './inputs.ts'
import { salvageable } from './run.ts'
import { figuresOf, summariseSeries } from './series.ts'
import { countFromAllClips } from '../topics/staleness.ts'
import { projectTopics, splitStaleness, staleness } from './staleness.ts'
import type { ProjectTopics } from './staleness.ts'

/** The tables that `toRow` reads. */
const ROW_TABLES = [
  'clip',
  'clip_change',
  'correction',
  'evaluation',
  'model',
  'setting',
  'sweep_run',
  'topic',
  'topic_run',
  'topic_vector',
] as const satisfies readonly Table[]

export function createModels(workspace: Workspace) {
  return {
    /** All models, newest first. */
    models: reads(ROW_TABLES, () => {
      const project = workspace.project()
      const { store } = project
      const shared = sharedByRows(project)
      return store.models.list().map((model) => toRow(project, shared, model))
    }),

    /** Throws NOT_FOUND. */
    model: reads(ROW_TABLES, ({ modelId }) => {
      const project = workspace.project()
      const model = project.store.models.get(modelId)
      return {
        ...toRow(project, sharedByRows(project), model),
        settings: model.settings,
        topics: model.topics,
        best: model.best,
      }
    }),

    runs: reads(['model', 'neuron_map'], () => {
      const { models, neurons } = workspace.project().store
      return models
        .list()
        .filter(isCaptioner)
        .map(({ id, settings }) => {
          const alignment = neurons.alignment(id)
          return { modelId: id, settings, alignment: alignment?.split === 'val' ? alignment.oneNeuron : null }
        })
    }),

    presets: reads(['caption', 'clip', 'feature', 'setting', 'working_language'], ({ kind }) => {
      const corpus = corpusSize(workspace.project())
      const settings = (preset: Preset) => settingsOfKind(kind, presetSettings(preset, {}, corpus), {})
      return { default: settings('default'), paper: settings('paper'), fast: settings('fast') }
    }),

    curve: reads(['training_point'], ({ modelId }) => workspace.project().store.models.points(modelId)),

    /** Throws NOT_FOUND. */
    figures: reads(['evaluation', 'model'], ({ modelId }) => figuresOf(workspace.project(), modelId)),

    /** Throws NOT_FOUND. */
    findTopic: reads(['model', 'topic'], ({ modelId, topic: labelOrId }) => {
      const { store } = workspace.project()
      const labels = store.topics.labels()
      const topicId = store.models
        .get(modelId)
        .topics.find((id) => String(id) === labelOrId || labels.get(id) === labelOrId)
      if (topicId === undefined) {
        throw failures.topicUnknown({ modelId, topic: labelOrId })
      }
      return { topicId }
    }),

    /** Mean and deviation over the finished models of a series. Throws NOT_FOUND. */
    series: reads(['evaluation', 'model'], ({ series }) => {
      const summary = summariseSeries(workspace.project(), series)
      if (summary.models.length === 0) {
        throw failures.seriesUnknown({ series })
      }
      return summary
    }),

    /** Throws NOT_FOUND. */
    note({ modelId, note }, { who }) {
      workspace.edit(who, (store, make) => {
        store.models.get(modelId)
        make(`note on model ${modelId}`, [{ kind: 'model.note', modelId, note }])
      })
    },

    /** Throws NOT_FOUND, CONFLICT for a model that is not ready. */
    setCurrent({ modelId }, { who }) {
      workspace.edit(who, (store, make) => {
        const { state, kind } = presentModel(store, modelId)
        if (state !== 'ready') {
          throw failures.notReady({ modelId, state })
        }
        make(`use model ${modelId} (${kind})`, [{ kind: 'model.current', modelId }])
      })
    },
  } satisfies Partial<Service<'training'>>
}

/** What is read once for the rows of all models. */
interface SharedByRows {
  topics: ProjectTopics
  /** The sweep of each model that was trained in one. */
  sweeps: ReadonlyMap<number, number>
  /** Test clips that a model has learnt from. */
  tainted: (model: Model) => ReadonlySet<number>
}

const sharedByRows = (project: OpenProject): SharedByRows => ({
  topics: projectTopics(project),
  sweeps: project.store.sweeps.ofModels(),
  tainted: taintedClips(project, 'test'),
})

function toRow(project: OpenProject, shared: SharedByRows, model: Model): ModelRow {
  const { sweeps } = shared
  return {
    id: model.id,
    parent: model.parent,
    kind: model.kind,
    origin: model.origin,
    state: model.state,
    ...salvageable(project, model),
    series: model.series,
    sweep: sweeps.get(model.id) ?? null,
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
    note: model.note,
    external: model.external,
    ...staleState(project, shared, model),
  }
}

function staleState(
  project: OpenProject,
  { topics, tainted }: SharedByRows,
  model: Model,
): Pick<ModelRow, 'stale' | 'staleSplits' | 'tainted' | 'topicsFromAllClips' | 'remappable'> {
  const moved = splitStaleness(project, model)
  const splits = { staleSplits: moved.length, tainted: tainted(model).size }
  // A baseline knows no topics that could change.
  if (model.kind === 'baseline') {
    return { ...splits, stale: moved, topicsFromAllClips: 0, remappable: false }
  }
  const { reasons, remapping } = staleness(topics, model)
  return {
    ...splits,
    stale: [...moved, ...reasons],
    topicsFromAllClips: countFromAllClips(project.store, model.topics),
    remappable: remapping !== null && isCaptioner(model),
  }
}
