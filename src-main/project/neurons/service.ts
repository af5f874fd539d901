import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { neuronsRequest, VitrineError } from '#contract'
import type { NeuronJudgement } from '#contract'
import type * as z from 'zod'
import type { CallOptions } from '../../engine-host/client.ts'
import { createRandom } from '../../common/random.ts'
import { writeFileAtomic } from '../../formats/atomic.ts'
import type { Model, OpenProject, StoredNeuronMap } from '../../store/index.ts'
import { csv } from '../exports/topics/files.ts'
import { topicSpotter } from '../review/topic-verdicts.ts'
import { count } from '../../common/text.ts'
import {
  clipsWithFeatures,
  forward,
  labelledClips,
  modelFolder,
  thumbnailUrl,
  usableModel,
} from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'

/** Clips that are shown of a neuron. */
const MOST_CLIPS = 8
/** Clips whose captions are read without a neuron, and words that are shown. */
const WORD_CLIPS = 64
const MOST_WORDS = 30
const DIGITS = 4

/**
 * Measures which topic each neuron of a model stands for, over all clips with features, and stores the map.
 */
export async function interpretNeurons(
  workspace: Workspace,
  project: OpenProject,
  model: Model,
  request: z.output<typeof neuronsRequest>,
  options: CallOptions,
): Promise<{ shuffledBaseline: number; meanDelta: number; neurons: number }> {
  const { neurons, ...rest } = await workspace.engine.call(
    'neurons.interpret',
    {
      modelDir: modelFolder(project, model),
      clips: labelledClips(project, model.featureKey, model.topics, null),
      train: labelledClips(project, model.featureKey, model.topics, 'train'),
      reference: request.reference,
      videoSet: request.videoSet,
      shuffles: request.shuffles,
      seed: request.seed,
      device: 'auto',
    },
    options,
  )
  const topicId = (column: number): number => {
    const id = model.topics[column]
    if (id === undefined) {
      throw new Error(`the engine named topic column ${column} of ${model.topics.length}`)
    }
    return id
  }
  project.store.neurons.put(model.id, {
    ...rest,
    request: { ...request, modelId: model.id },
    neurons: neurons.map(({ topic, runnerUp, ...neuron }) => ({
      ...neuron,
      topicId: topicId(topic),
      runnerUpId: topicId(runnerUp),
    })),
  })
  return { shuffledBaseline: rest.shuffledBaseline, meanDelta: rest.meanDelta, neurons: neurons.length }
}

export function createNeurons(workspace: Workspace) {
  return {
    interpret(request) {
      const project = workspace.project()
      const model = usableModel(project, request.modelId)
      const jobId = workspace.jobs.start(
        'neurons',
        `Interpret the neurons of model ${model.id}`,
        { ...request, modelId: model.id },
        async (context) => {
          const { neurons, meanDelta, shuffledBaseline } = await interpretNeurons(
            workspace,
            project,
            model,
            request,
            forward(context),
          )
          return {
            result: { kind: 'neurons', modelId: model.id },
            summary: `${count(neurons, 'neuron')} of model ${model.id}: mean delta ${meanDelta.toFixed(4)}, ${shuffledBaseline.toFixed(4)} under shuffled topics.`,
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
      const judged = store.neurons.judgements(modelId)
      const label = (topicId: number) => labels.get(topicId) ?? `topic ${topicId}`
      return {
        modelId,
        request: map.request,
        shuffledBaseline: map.shuffledBaseline,
        meanDelta: map.meanDelta,
        topics: model.topics.map((id) => ({ id, label: label(id) })),
        neurons: map.neurons.map((neuron) => ({
          ...neuron,
          topicLabel: label(neuron.topicId),
          runnerUpLabel: label(neuron.runnerUpId),
          judged: judged.get(neuron.neuron) ?? null,
        })),
      }
    }),

    /** delta of all neurons over all topics, to four digits. Throws NOT_READY before the map is there. */
    matrix: reads(['model'], async ({ modelId }) => {
      const project = workspace.project()
      const { topics, delta } = await workspace.engine.call('neurons.matrix', {
        modelDir: modelFolder(project, usableModel(project, modelId)),
      })
      return {
        deltas: Array.from({ length: delta.length / topics }, (_, j) =>
          Array.from(delta.subarray(j * topics, (j + 1) * topics), (value) =>
            Number(value.toPrecision(DIGITS)),
          ),
        ),
      }
    }),

    /**
     * One neuron over all topics, and the clips that excite it most. Throws NOT_FOUND, NOT_READY before the
     * map is there.
     */
    neuron: reads(['clip', 'feature', 'generated_caption', 'model'], async ({ modelId, neuron }) => {
      const project = workspace.project()
      const model = usableModel(project, modelId)
      const { deltas, histogram, order, clips } = await workspace.engine.call('neurons.neuron', {
        modelDir: modelFolder(project, model),
        neuron,
        clips: clipsWithFeatures(project, model.featureKey, null),
        most: MOST_CLIPS,
        device: 'auto',
      })
      return {
        neuron,
        deltas,
        histogram,
        captionedClip: order.find((id) => project.store.captions.get(modelId, id) !== null) ?? null,
        clips: clips.map(({ id, mean, activation }) => {
          const clip = project.store.clips.get(id)
          const peak = activation.indexOf(Math.max(...activation))
          const peakSecond = project.store.features.forClip(model.featureKey, id)?.frameTimes[peak] ?? 0
          return {
            clipId: id,
            name: clip.name,
            thumbnailUrl: thumbnailUrl(clip),
            mean,
            activation,
            peakSecond,
          }
        }),
      }
    }),

    /**
     * How the neurons of the other runs of a model's series resemble its own. Throws NOT_READY without such
     * runs.
     */
    stability: reads(['model', 'neuron', 'neuron_map'], async ({ modelId }, { signal }) => {
      const project = workspace.project()
      const { store } = project
      const model = usableModel(project, modelId)
      const others =
        model.series === null
          ? []
          : store.models
              .ofSeries(model.series)
              .filter(
                ({ id, state }) => id !== modelId && state === 'ready' && store.neurons.get(id) !== null,
              )
      if (others.length === 0) {
        throw new VitrineError(
          'NOT_READY',
          `Model ${modelId} has no other run of its series with a neuron map.`,
          'Train several seeds as a series, and interpret their neurons.',
        )
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
    words: reads(['clip', 'feature', 'model'], async ({ modelId, neurons }, { signal }) => {
      const project = workspace.project()
      const model = usableModel(project, modelId)
      const { clips, words } = await workspace.engine.call(
        'neurons.words',
        {
          modelDir: modelFolder(project, model),
          neurons,
          clips: clipsWithFeatures(project, model.featureKey, null),
          most: WORD_CLIPS,
          device: 'auto',
        },
        { signal },
      )
      return { clips, words: words.slice(0, MOST_WORDS) }
    }),

    /**
     * What silencing a topic's neurons, or some neurons, does to the captions of a split, beside as many
     * random ones. Throws NOT_FOUND, NOT_READY, BAD_INPUT.
     */
    silence: reads(
      [
        'clip',
        'feature',
        'model',
        'neuron',
        'neuron_map',
        'setting',
        'topic',
        'topic_run',
        'topic_word',
        'vocabulary',
      ],
      async (request, { signal }) => {
        const project = workspace.project()
        const { store } = project
        const model = usableModel(project, request.modelId)
        const learnt = interpreted(store, model.id).neurons.filter(({ part }) => part !== 'feature')
        const column = request.topicId === null ? -1 : model.topics.indexOf(request.topicId)
        if (request.topicId !== null && column < 0) {
          throw new VitrineError(
            'BAD_INPUT',
            `Model ${model.id} was not trained with topic ${request.topicId}.`,
            'Choose one of its topics.',
          )
        }
        const owned =
          column < 0
            ? []
            : (
                await workspace.engine.call('neurons.of-topic', {
                  modelDir: modelFolder(project, model),
                  topic: column,
                })
              ).neurons
        const chosen = new Set([...request.neurons, ...owned])
        if (chosen.size === 0) {
          throw new VitrineError('BAD_INPUT', 'There is no neuron to silence.', 'Choose a topic, or neurons.')
        }
        const shuffled = createRandom(request.seed).shuffle(learnt.map(({ neuron }) => neuron))
        // Where there are too few others, equally many counts for more.
        const random = [
          ...shuffled.filter((neuron) => !chosen.has(neuron)),
          ...shuffled.filter((neuron) => chosen.has(neuron)),
        ].slice(0, chosen.size)
        const clips = clipsWithFeatures(project, model.featureKey, request.split)
        const silencing = async (neurons: number[]) =>
          (
            await workspace.engine.call(
              'neurons.silence',
              { modelDir: modelFolder(project, model), neurons, clips, device: 'auto' },
              { signal },
            )
          ).captions
        const silenced = await silencing([...chosen])
        const others = await silencing(random)
        const spot = topicSpotter(store.topics.getAll(model.topics))
        const naming = (captions: string[]): number =>
          captions.filter((caption) => spot(caption)[column]).length
        return {
          neurons: [...chosen].sort((a, b) => a - b),
          clips: clips.length,
          changed: silenced.flatMap(({ id, before, after }) =>
            before === after ? [] : [{ clipId: id, clip: store.clips.get(id).name, before, after }],
          ),
          naming:
            column < 0
              ? null
              : {
                  before: naming(silenced.map(({ before }) => before)),
                  after: naming(silenced.map(({ after }) => after)),
                  random: naming(others.map(({ after }) => after)),
                },
          randomChanged: others.filter(({ before, after }) => before !== after).length,
        }
      },
    ),

    /**
     * A person's word on what a neuron stands for; null, or one that says nothing, takes it back. One edit.
     * Throws NOT_FOUND.
     */
    judge({ modelId, neuron, judgement }, { who }) {
      workspace.edit(who, (store, make) => {
        if (store.neurons.get(modelId)?.neurons.every((known) => known.neuron !== neuron) !== false) {
          throw new VitrineError('NOT_FOUND', `Model ${modelId} has no neuron ${neuron} in its map.`)
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
    async export({ modelId, path }) {
      const to = resolve(path)
      const { store } = workspace.project()
      await writeFileAtomic(
        to,
        Buffer.from([...neuronCsv(store, modelId, interpreted(store, modelId))].join('')),
      )
      return { path: to }
    },
  } satisfies Service<'neurons'>
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

/** The stored map of a model. Throws NOT_READY before its neurons were interpreted. */
export function interpreted(store: OpenProject['store'], modelId: number): StoredNeuronMap {
  const map = store.neurons.get(modelId)
  if (map === null) {
    throw new VitrineError(
      'NOT_READY',
      `The neurons of model ${modelId} have not been interpreted.`,
      'Interpret them first.',
    )
  }
  return map
}

/**
 * The map of a model in the columns of CLIP-Dissect (Oikarinen and Weng, ICLR 2023), in order of the neurons.
 * The description is the label that a person gave the neuron, else its topic's; the score is delta.
 */
export function neuronCsv(
  store: OpenProject['store'],
  modelId: number,
  { neurons }: StoredNeuronMap,
): Iterable<string> {
  const [labels, judged] = [store.topics.labels(), store.neurons.judgements(modelId)]
  return csv(
    ['layer', 'unit', 'description', 'score'],
    neurons.map(({ part, neuron, topicId, delta }) => [
      `encoder.${part}`,
      neuron,
      judged.get(neuron)?.label || (labels.get(topicId) ?? ''),
      delta,
    ]),
  )
}
