/** Neurons: interpreted, looked at, silenced, and judged by people. */
import { isDeepStrictEqual } from 'node:util'
import type { NeuronClip, NeuronJudgement } from '#contract'
import { byFrame, frameOf, meanOfFrames } from '../../common/cells.ts'
import { count } from '../../common/text.ts'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { isCaptioner } from '../../store/index.ts'
import type { Model, OpenProject } from '../../store/index.ts'
import { placeToWrite } from '../place.ts'
import { TOPIC_WORD_TABLES } from '../review/topic-verdicts.ts'
import { reads } from '../service.ts'
import type { Service } from '../service.ts'
import {
  clipsWithFeatures,
  engineOptions,
  modelFolder,
  thumbnailUrl,
  usableCaptioner,
  usableNeurons,
} from '../workspace.ts'
import type { ModelWithNeurons, Workspace } from '../workspace.ts'
import { failures } from './failures.ts'
import { interpretNeurons } from './interpretation.ts'
import { neuronCsv, neuronMap } from './map.ts'
import { probeAgain } from './probe.ts'
import { silenceNeurons } from './silencing.ts'

/** Clips that are shown of a neuron. */
const SHOWN_CLIPS = 8
/** Clips whose captions are read without a neuron, and words that are shown. */
const WORD_CLIPS = 64
const SHOWN_WORDS = 30
/** Significant digits of a delta in the matrix. */
const DIGITS = 4

export function createNeurons(workspace: Workspace) {
  return {
    interpret(request) {
      const project = workspace.project()
      const model = usableNeurons(project, request.modelId)
      const jobId = workspace.jobs.start(
        'neurons',
        `Interpret the neurons of model ${model.id}`,
        { procedure: 'neurons.interpret', input: { ...request, modelId: model.id } },
        async (context) => {
          const options = engineOptions(context)
          const { neurons, meanDelta, shuffledBaseline } = await interpretNeurons({
            workspace,
            project,
            model: isCaptioner(model)
              ? model
              : await probeAgain(workspace, project, { model, seed: request.seed, options }),
            request,
            options,
          })
          const figures = `mean delta ${meanDelta.toFixed(4)}, ${shuffledBaseline.toFixed(4)} under shuffled topics`
          return {
            result: { kind: 'neurons', modelId: model.id },
            summary: `${count(neurons, 'neuron')} of model ${model.id}: ${figures}.`,
          }
        },
      )
      return { jobId }
    },

    /** The stored map of a model, or null before it was interpreted. */
    map: reads(['model', 'neuron', 'neuron_map', 'neuron_verdict', 'topic'], ({ modelId }) => {
      const { store } = workspace.project()
      const model = store.models.get(modelId)
      const map = store.neurons.get(modelId)
      if (map === null) {
        return null
      }
      const labels = store.topics.labels()
      const judgements = store.neurons.judgements(modelId)
      const label = (topicId: number | null) =>
        topicId === null ? '' : (labels.get(topicId) ?? `topic ${topicId}`)
      return {
        modelId,
        request: map.request,
        createdAt: map.createdAt,
        trainingClips: map.trainingClips,
        alignment: map.alignment,
        overTime: map.overTime,
        shuffledBaseline: map.shuffledBaseline,
        meanDelta: map.meanDelta,
        topics: model.topics.map((id) => ({ id, label: label(id) })),
        neurons: map.neurons.map((neuron) => ({
          ...neuron,
          topicLabel: label(neuron.topicId),
          runnerUpLabel: label(neuron.runnerUpId),
          judged: judgements.get(neuron.neuron) ?? null,
        })),
      }
    }),

    /** delta of all neurons over all topics, to four digits. Throws NOT_READY before the map is there. */
    matrix: reads(['model'], async ({ modelId }) => {
      const project = workspace.project()
      const { topics, delta } = await workspace.engine.call('neurons.matrix', {
        modelDir: modelFolder(project, usableNeurons(project, modelId)),
      })
      return {
        deltas: Array.from({ length: delta.length / topics }, (_, neuron) =>
          Array.from(delta.subarray(neuron * topics, (neuron + 1) * topics), (value) =>
            Number(value.toPrecision(DIGITS)),
          ),
        ),
      }
    }),

    /**
     * One neuron over all topics, the clips that excite it most, and some from every part of its range. Throws
     * NOT_FOUND, NOT_READY before the map is there.
     */
    neuron: reads(
      [
        'caption',
        'clip',
        'clip_topic',
        'feature',
        'feature_set',
        'generated_caption',
        'model',
        'neuron',
        'neuron_map',
      ],
      async ({ modelId, neuron }) => {
        const project = workspace.project()
        const model = usableNeurons(project, modelId)
        const { deltas, alignment, histogram, order, clips, ranges } = await workspace.engine.call(
          'neurons.neuron',
          {
            modelDir: modelFolder(project, model),
            neuron,
            clips: clipsWithFeatures(project, model.featureKey, null),
            limit: SHOWN_CLIPS,
            device: 'auto',
          },
        )
        const bearing = clipsOfTopic(project, topicOfNeuron(project, modelId, neuron))
        const shown = (clip: ActiveClip) => neuronClip(project, { model, bearing, ...clip })
        return {
          neuron,
          deltas,
          alignment,
          histogram,
          captionedClip: order.find((id) => project.store.generated.get(modelId, id) !== null) ?? null,
          clips: clips.map(shown),
          ranges: ranges.map(({ from, to, ids, clips: sampled }) => ({
            from,
            to,
            count: ids.length,
            bearing: bearing && ids.filter((id) => bearing.has(id)).length,
            clips: sampled.map(shown),
          })),
        }
      },
    ),

    /**
     * How the neurons of the other runs of a model's series resemble its own. Throws NOT_READY without such
     * runs.
     */
    stability: reads(['model', 'neuron', 'neuron_map'], async ({ modelId }, { signal }) => {
      const project = workspace.project()
      const model = usableNeurons(project, modelId)
      const others = otherRuns(project, model)
      if (others.length === 0) {
        throw failures.noOtherRun({ modelId })
      }
      const { neurons } = await workspace.engine.call(
        'neurons.stability',
        { modelDir: modelFolder(project, model), others: others.map((other) => modelFolder(project, other)) },
        { signal },
      )
      return { models: others.map(({ id }) => id), neurons }
    }),

    /**
     * The words that silencing neurons makes less likely, over the clips that excite them most. Throws
     * NOT_FOUND, NOT_READY.
     */
    words: reads(['clip', 'feature', 'feature_set', 'model'], async ({ modelId, neurons }, { signal }) => {
      const project = workspace.project()
      const model = usableCaptioner(project, modelId)
      const { clips, words } = await workspace.engine.call(
        'neurons.words',
        {
          modelDir: modelFolder(project, model),
          neurons,
          clips: clipsWithFeatures(project, model.featureKey, null),
          limit: WORD_CLIPS,
          device: 'auto',
        },
        { signal },
      )
      return { clips, words: words.slice(0, SHOWN_WORDS) }
    }),

    /**
     * What silencing a topic's neurons, or some neurons, does to the captions of a split, beside as many
     * others that are about as active. Throws NOT_FOUND, NOT_READY, BAD_INPUT.
     */
    silence: reads(['clip', 'feature', 'feature_set', 'model', ...TOPIC_WORD_TABLES], (request, { signal }) =>
      silenceNeurons(workspace, request, { signal }),
    ),

    /**
     * A person's word on what a neuron stands for; null, or one that says nothing, takes it back. One edit.
     * Throws NOT_FOUND.
     */
    judge({ modelId, neuron, judgement }, { who }) {
      workspace.edit(who, (store, make) => {
        const map = store.neurons.get(modelId)
        if (!map?.neurons.some((known) => known.neuron === neuron)) {
          throw failures.neuronUnknown({ modelId, neuron })
        }
        const value = judgement === null || isEmpty(judgement) ? null : judgement
        const before = store.neurons.judgements(modelId).get(neuron) ?? null
        if (!isDeepStrictEqual(value, before)) {
          make(`${judgingVerb(value, before)} neuron ${neuron} of model ${modelId}`, [
            { kind: 'neuron.judgement', modelId, neuron, value },
          ])
        }
      })
    },

    /** Writes the map as `neuronCsv` into a file. Throws NOT_READY. */
    async export({ modelId, path, overwrite }) {
      const project = workspace.project()
      const file = await placeToWrite(project, path, overwrite)
      const { store } = project
      const rows = [...neuronCsv(store, modelId, neuronMap(store, modelId))]
      await writeFileAtomic(file, Buffer.from(rows.join('')))
      return { path: file }
    },
  } satisfies Service<'neurons'>
}

/** The topic that a neuron stands for by the stored map; null: none. */
const topicOfNeuron = ({ store }: OpenProject, modelId: number, neuron: number): number | null =>
  store.neurons.get(modelId)?.neurons.find((row) => row.neuron === neuron)?.topicId ?? null

/** The clips that bear a topic; null where there is none to bear. */
const clipsOfTopic = ({ store }: OpenProject, topicId: number | null): ReadonlySet<number> | null =>
  topicId === null ? null : new Set(store.topics.vectors([topicId]).keys())

/** A clip as the engine measured a neuron in it. */
interface ActiveClip {
  id: number
  mean: number
  activation: number[]
}

function neuronClip(
  { store }: OpenProject,
  {
    model,
    bearing,
    id,
    mean,
    activation,
  }: ActiveClip & { model: ModelWithNeurons; bearing: ReadonlySet<number> | null },
): NeuronClip {
  const clip = store.clips.get(id)
  const { frameTimes = [], cells = 1 } = store.features.forClip(model.featureKey, id) ?? {}
  const peak = frameOf(activation.indexOf(Math.max(...activation)), cells)
  const generated = store.generated.get(model.id, id)
  const [human] = store.captions.ofClip(id)
  return {
    clipId: id,
    name: clip.name,
    thumbnailUrl: thumbnailUrl(clip),
    mean,
    activation: meanOfFrames(activation, cells),
    cells: cells > 1 ? (byFrame(activation, cells)[peak] ?? []) : [],
    peakSecond: frameTimes[peak] ?? null,
    caption: captionOf(generated?.caption, 'model') ?? captionOf(human?.text, 'people'),
    bears: bearing && bearing.has(id),
  }
}
const captionOf = (text: string | undefined, by: 'model' | 'people'): NeuronClip['caption'] =>
  text === undefined ? null : { text, by }

/** The other finished runs of a model's series that have neuron maps. */
function otherRuns({ store }: OpenProject, { id: modelId, series }: Model): Model[] {
  return series === null
    ? []
    : store.models
        .ofSeries(series)
        .filter(({ id, state }) => id !== modelId && state === 'ready' && store.neurons.get(id) !== null)
}

const isEmpty = ({ verdict, label, note }: NeuronJudgement): boolean =>
  verdict === null && label === '' && note === ''

/** What a judgement does to the one before it, as the history says it. */
function judgingVerb(value: NeuronJudgement | null, before: NeuronJudgement | null): string {
  if (value === null) {
    return 'take back what was said of'
  }
  if (value.verdict !== (before?.verdict ?? null)) {
    return value.verdict ?? 'take back the verdict on'
  }
  return value.label === (before?.label ?? '') ? 'note on' : 'label'
}
