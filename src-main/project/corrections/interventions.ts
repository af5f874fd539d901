/**
 * Moving neurons without learning anything: one caption live, many at once, what a typed caption asks for,
 * and what might help.
 */
import { decoding, VitrineError } from '#contract'
import { withGain } from '../../common/cider-gain.ts'
import type { Intervention, Suggestion } from '#contract'
import { tokenize } from '../../common/tokenize.ts'
import type { CallOptions } from '../../engine-host/client.ts'
import type { ClipFeatures, Moves } from '../../engine-host/contract/index.ts'
import type { Model, OpenProject } from '../../store/index.ts'
import { cidersOf } from '../review/service.ts'
import { topicSpotter, topicVerdicts } from '../review/topic-verdicts.ts'
import type { TopicVerdict } from '../review/topic-verdicts.ts'
import { clipFeatures, clipsWithFeatures, modelFolder, usableModel } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'

/** How captions before and after are decoded. */
export const DECODING = decoding.parse({})
/** How far suggestions move topics. */
const STRENGTHS = [1, 0.5]

/**
 * Topics as the model's columns. Throws BAD_INPUT for a topic that it was not trained on, or that is moved
 * twice.
 */
export function movesOf(
  model: Model,
  { topics, neurons }: Pick<Required<Intervention>, 'topics' | 'neurons'>,
): Moves {
  const seen = new Set<number>()
  return {
    neurons,
    topics: topics.map(({ topicId, strength }) => {
      const topic = model.topics.indexOf(topicId)
      if (topic === -1) {
        throw new VitrineError(
          'BAD_INPUT',
          `Model ${model.id} was not trained on topic ${topicId}.`,
          'Choose one of its own topics.',
        )
      }
      if (seen.has(topicId)) {
        throw new VitrineError('BAD_INPUT', `Topic ${topicId} can't be both added and dropped.`)
      }
      seen.add(topicId)
      return { topic, strength }
    }),
  }
}

/** Words of a caption that no training caption has, so that no model of the project says them. */
export function unknownWords({ store }: OpenProject, caption: string): string[] {
  const known = new Set([...store.clips.captionsByClip('train').values()].flat().flatMap(tokenize))
  return [...new Set(tokenize(caption))].filter((word) => !known.has(word))
}

/** The topic errors of a clip's captions: against the topics that it bears and what people say of it. */
export function topicsOfClip({ store }: OpenProject, model: Model, clipId: number) {
  const spot = topicSpotter(store.topics.getAll(model.topics))
  const borne = new Set(store.topics.vectorOf(model.topics, clipId))
  const byPeople = spot(
    store.clips
      .captions(clipId)
      .map(({ text }) => text)
      .join('\n'),
  )
  return {
    /** Whether a sentence names each topic of the model, by column. */
    spot,
    /** Topics that a caption misses and wrongly names, by id. */
    errors(caption: string): { missing: number[]; unsupported: number[] } {
      const verdicts = topicVerdicts(spot(caption), borne, () => byPeople)
      const which = (wanted: TopicVerdict) => model.topics.filter((_, column) => verdicts[column] === wanted)
      return { missing: which('missing'), unsupported: which('unsupported') }
    },
  }
}

/** What a model says of one clip. */
export async function captionOf({
  workspace,
  project,
  model,
  clip,
  options,
}: {
  workspace: Workspace
  project: OpenProject
  model: Model
  clip: ClipFeatures
  options: CallOptions
}): Promise<string> {
  const { captions } = await workspace.engine.call(
    'captioner.caption',
    { modelDir: modelFolder(project, model), clips: [clip], decoding: DECODING, device: 'auto' },
    options,
  )
  return captions[0]?.caption ?? ''
}

export function createInterventions(workspace: Workspace) {
  return {
    /**
     * Decodes a clip with neurons moved. Nothing is learnt or stored. Throws NOT_READY without a neuron map.
     */
    preview: reads(['clip', 'feature', 'model'], async (request, { signal }) => {
      const project = workspace.project()
      const model = usableModel(project, request.modelId)
      const { before, after, neurons } = await workspace.engine.call(
        'corrections.preview',
        {
          modelDir: modelFolder(project, model),
          intervention: {
            clip: clipFeatures(project, model.featureKey, request.clipId),
            ...movesOf(model, request),
          },
          beam: DECODING.beam,
          device: 'cpu',
        },
        { signal },
      )
      return {
        before: before.caption,
        after: after.caption,
        words: after.words,
        logProbability: after.logProbability,
        topics: model.topics.map((topicId, column) => ({
          topicId,
          before: before.topics[column] ?? 0,
          after: after.topics[column] ?? 0,
        })),
        neurons: neurons.map(({ topic, ...rest }) => ({
          ...rest,
          topicId: topic === null ? null : (model.topics[topic] ?? null),
        })),
      }
    }),

    /**
     * The same moves on a split, or on some clips: the captions that change. Throws NOT_READY without a
     * neuron map.
     */
    previewAll: reads(['caption', 'clip', 'feature', 'model'], async (request, { signal }) => {
      const project = workspace.project()
      const { store } = project
      const model = usableModel(project, request.modelId)
      const moves = movesOf(model, request)
      const chosen = request.clipIds && new Set(request.clipIds)
      const clips = clipsWithFeatures(
        project,
        model.featureKey,
        chosen === null ? request.split : null,
      ).filter(({ id }) => chosen === null || chosen.has(id))
      if (clips.length === 0) {
        throw new VitrineError(
          'NOT_READY',
          'There is no such clip with features for this model.',
          'Choose other clips, or compute features.',
        )
      }
      const { captions: decoded } = await workspace.engine.call(
        'corrections.intervene',
        {
          modelDir: modelFolder(project, model),
          interventions: clips.map((clip) => ({ clip, ...moves })),
          beam: DECODING.beam,
          device: 'auto',
        },
        { signal },
      )
      const changed = clips.flatMap(({ id }, i) => {
        const captions = decoded[i]
        return captions === undefined || captions.before === captions.after
          ? []
          : [{ clipId: id, ...captions }]
      })
      const ciders = await cidersOf({
        workspace,
        modelId: model.id,
        split: chosen === null ? request.split : null,
        hypotheses: changed.flatMap(({ clipId, before, after }) => [
          { clipId, caption: before },
          { clipId, caption: after },
        ]),
        options: { signal },
      })
      return {
        clips: clips.length,
        changed: changed.map(({ clipId, before, after }, i) =>
          withGain({
            clipId,
            clip: store.clips.get(clipId).name,
            before,
            after,
            ciderBefore: ciders[2 * i] ?? null,
            ciderAfter: ciders[2 * i + 1] ?? null,
          }),
        ),
      }
    }),

    /**
     * What a typed caption asks for: topics that it names and the model's does not, and the other way round.
     */
    read: reads(
      [
        'caption',
        'clip',
        'clip_topic',
        'generated_caption',
        'model',
        'setting',
        'topic',
        'topic_run',
        'topic_word',
        'vocabulary',
      ],
      ({ modelId, clipId, caption }) => {
        const project = workspace.project()
        const model = usableModel(project, modelId)
        const { spot } = topicsOfClip(project, model, clipId)
        const generated = project.store.captions.get(modelId, clipId)?.caption ?? ''
        const [typed, now] = [spot(caption), spot(generated)]
        return {
          add: model.topics.filter((_, column) => typed[column] && !now[column]),
          drop: model.topics.filter((_, column) => now[column] && !typed[column]),
          unknownWords: unknownWords(project, caption),
        }
      },
    ),

    /**
     * Corrections that bring a caption nearer to the human ones, the best first: missing topics in,
     * unsupported ones out, alone and together.
     */
    suggest: reads(
      [
        'caption',
        'clip',
        'clip_topic',
        'feature',
        'generated_caption',
        'model',
        'setting',
        'topic',
        'topic_run',
        'topic_word',
        'vocabulary',
      ],
      async ({ modelId, clipId }, { signal }) => {
        const project = workspace.project()
        const { store } = project
        const model = usableModel(project, modelId)
        const generated = store.captions.get(modelId, clipId)
        if (generated === null) {
          throw new VitrineError(
            'NOT_READY',
            `Model ${modelId} has not captioned ${store.clips.get(clipId).name} yet.`,
            'Caption its split first.',
          )
        }
        const { missing, unsupported } = topicsOfClip(project, model, clipId).errors(generated.caption)
        const each = [
          ...missing.map((topicId) => [{ topicId, sign: 1 }]),
          ...unsupported.map((topicId) => [{ topicId, sign: -1 }]),
        ]
        const together = each.length > 1 ? [...each, each.flat()] : each
        const candidates = together.flatMap((moved) =>
          STRENGTHS.map((strength) =>
            moved.map(({ topicId, sign }) => ({ topicId, strength: sign * strength })),
          ),
        )
        if (candidates.length === 0) {
          return []
        }
        const clip = clipFeatures(project, model.featureKey, clipId)
        const { captions: decoded } = await workspace.engine.call(
          'corrections.intervene',
          {
            modelDir: modelFolder(project, model),
            interventions: candidates.map((topics) => ({ clip, ...movesOf(model, { topics, neurons: [] }) })),
            beam: DECODING.beam,
            device: 'auto',
          },
          { signal },
        )
        const ciders = await cidersOf({
          workspace,
          modelId,
          split: store.clips.get(clipId).split,
          hypotheses: [generated.caption, ...decoded.map(({ after }) => after)].map((caption) => ({
            clipId,
            caption,
          })),
          options: { signal },
        })
        const ciderBefore = ciders[0] ?? 0
        const found: Suggestion[] = []
        for (const [i, topics] of candidates.entries()) {
          const after = decoded[i]?.after ?? ''
          const ciderAfter = ciders[i + 1] ?? 0
          if (ciderAfter > ciderBefore && !found.some((other) => other.after === after)) {
            found.push({ topics, after, ciderBefore, ciderAfter })
          }
        }
        return found.sort((a, b) => b.ciderAfter - a.ciderAfter)
      },
    ),
  } satisfies Partial<Service<'corrections'>>
}
