/**
 * Moving neurons without learning anything: one caption live, many at once, what a typed caption asks for,
 * and what might help (suggestions.ts).
 */
import { withGain } from '../../common/cider-gain.ts'
import { cidersOf } from '../review/captioning.ts'
import { CLIP_TOPIC_TABLES, clipTopics } from '../review/clip-topics.ts'
import { reads } from '../service.ts'
import type { Input, Service } from '../service.ts'
import { unknownWords } from '../unknown-words.ts'
import { clipFeatures, clipsWithFeatures, modelFolder, usableCaptioner } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import type { ClipFeatures } from '../../engine-host/contract/index.ts'
import type { Captioner, OpenProject } from '../../store/index.ts'
import { failures } from './failures.ts'
import { DECODING, movesOf } from './moves.ts'
import { suggestCorrections } from './suggestions.ts'

export function createInterventions(workspace: Workspace) {
  return {
    /**
     * Decodes a clip with neurons moved. Nothing is learnt or stored. Throws NOT_READY without a neuron map.
     */
    preview: reads(['clip', 'feature', 'feature_set', 'model'], async (request, { signal }) => {
      const project = workspace.project()
      const model = usableCaptioner(project, request.modelId)
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
        neurons: neurons.map(({ topic, ...neuron }) => ({
          ...neuron,
          topicId: topic === null ? null : (model.topics[topic] ?? null),
        })),
      }
    }),

    /**
     * The same moves on a split, or on some clips: the captions that change. Throws NOT_READY without a
     * neuron map.
     */
    previewAll: reads(['caption', 'clip', 'feature', 'feature_set', 'model'], async (request, { signal }) => {
      const project = workspace.project()
      const { store } = project
      const model = usableCaptioner(project, request.modelId)
      const moves = movesOf(model, request)
      const clips = clipsOf(project, model, request)
      const { captions } = await workspace.engine.call(
        'corrections.intervene',
        {
          modelDir: modelFolder(project, model),
          interventions: clips.map((clip) => ({ clip, ...moves })),
          beam: DECODING.beam,
          device: 'auto',
        },
        { signal },
      )
      const changed = clips
        .map(({ id }, i) => ({ clipId: id, before: captions[i]!.before, after: captions[i]!.after }))
        .filter(({ before, after }) => before !== after)
      const ciders = await cidersOf({
        workspace,
        modelId: model.id,
        split: request.clipIds === null ? request.split : null,
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
      ['generated_caption', 'model', ...CLIP_TOPIC_TABLES],
      async ({ modelId, clipId, caption }, { signal }) => {
        const project = workspace.project()
        const model = usableCaptioner(project, modelId)
        const { topicsIn } = clipTopics(project, model, clipId)
        const generated = project.store.generated.get(modelId, clipId)?.caption ?? ''
        const [typed, current] = [topicsIn(caption), topicsIn(generated)]
        return {
          add: model.topics.filter((_, column) => typed[column] && !current[column]),
          drop: model.topics.filter((_, column) => current[column] && !typed[column]),
          unknownWords: await unknownWords({ workspace, project, model, caption, options: { signal } }),
        }
      },
    ),

    /**
     * Corrections that bring a caption nearer to the human ones, the best first: missing topics in,
     * unsupported ones out, alone and together.
     */
    suggest: reads(
      ['caption', 'clip', 'feature', 'feature_set', 'generated_caption', 'model', ...CLIP_TOPIC_TABLES],
      ({ modelId, clipId }, { signal }) => suggestCorrections(workspace, modelId, clipId, { signal }),
    ),
  } satisfies Partial<Service<'corrections'>>
}

/** The clips that were chosen, or those of a split, with features. Throws NOT_READY when there are none. */
function clipsOf(
  project: OpenProject,
  model: Captioner,
  { clipIds, split }: Input<'corrections', 'previewAll'>,
): ClipFeatures[] {
  const chosen = clipIds === null ? null : new Set(clipIds)
  const clips =
    chosen === null
      ? clipsWithFeatures(project, model.featureKey, split)
      : clipsWithFeatures(project, model.featureKey, null).filter(({ id }) => chosen.has(id))
  if (clips.length === 0) {
    throw failures.noClips()
  }
  return clips
}
