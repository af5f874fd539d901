import { VitrineError } from '#contract'
import type { CaptionMetrics, Decoding, Device, Evaluation, Review, Split } from '#contract'
import type { CallOptions } from '../../engine-host/client.ts'
import type { GeneratedCaption } from '../../engine-host/contract/index.ts'
import type { Model, OpenProject, StoredCaption } from '../../store/index.ts'
import { queryCaptions, RATED_TABLES, rateCaptions } from './risk.ts'
import type { RatedCaption } from './risk.ts'
import { topicSpotter, topicVerdicts } from './topic-verdicts.ts'
import { count } from '../../common/text.ts'
import { clipFeatures, clipsWithFeatures, forward, modelFolder, usableModel } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'

/** A captioned split with its scores, not stored yet. */
export interface CaptionedSplit {
  captions: StoredCaption[]
  evaluation: Evaluation
  averagePrecision: (number | null)[] | null
}

/** A split that a model is to caption. */
export interface SplitToCaption {
  workspace: Workspace
  project: OpenProject
  model: Model
  split: Split
  decoding: Decoding
  options: CallOptions
  device?: Device
}

/** Captions the clips of a split. Throws NOT_READY when none has features, or none of them human captions. */
export async function captionSplit(request: SplitToCaption): Promise<CaptionedSplit> {
  const { workspace, project, model, split, decoding, options, device = 'auto' } = request
  const clips = clipsWithFeatures(project, model.featureKey, split)
  if (clips.length === 0) {
    throw new VitrineError(
      'NOT_READY',
      `No clip of the ${split} split has features for model ${model.id}.`,
      'Compute features with the settings that the model was trained on.',
    )
  }
  const { captions } = await workspace.engine.call(
    'captioner.caption',
    { modelDir: modelFolder(project, model), clips, decoding, device },
    options,
  )
  return scoreSplit(request, captions)
}

async function scoreSplit(
  { workspace, project, model, split, decoding, options }: SplitToCaption,
  generated: GeneratedCaption[],
): Promise<CaptionedSplit> {
  const { store } = project
  const human = store.clips.captionsByClip(split)
  const scorable = generated.filter(({ id }) => human.has(id))
  if (scorable.length === 0) {
    throw new VitrineError(
      'NOT_READY',
      `No clip of the ${split} split has human captions to score against.`,
      'Import captions for that split.',
    )
  }
  const vectors = store.topics.vectors(model.topics)
  const result = await workspace.engine.call(
    'metrics.evaluate',
    {
      captions: scorable.map(({ id, caption, topics }) => ({ id, caption, topics })),
      references: scorable.map(({ id }) => ({ id, captions: human.get(id) ?? [] })),
      candidates: [...store.clips.captionsByClip('train').values()].flat(),
      // The baseline's topic head is never trained.
      topicTruth:
        model.kind === 'baseline' ? null : scorable.map(({ id }) => ({ id, topics: vectors.get(id) ?? [] })),
    },
    options,
  )
  const cider = new Map(scorable.map(({ id }, i) => [id, result.cider[i] ?? null]))
  return {
    captions: generated.map(({ id, caption, logProbability, words, alternatives, topics }) => ({
      clipId: id,
      decoding,
      caption,
      logProbability,
      words,
      topics,
      cider: cider.get(id) ?? null,
      alternatives: alternatives.map((other) => ({
        caption: other.caption,
        logProbability: other.logProbability,
      })),
    })),
    evaluation: {
      split,
      captions: scorable.length,
      metrics: result.metrics,
      fixedCaption: result.fixedCaption,
      topics: result.topics && { mAP: result.topics.mAP, chance: result.topics.chance },
      intervals: result.intervals,
    },
    averagePrecision: result.topics?.averagePrecision ?? null,
  }
}

/** Stores a captioned split, whole or not at all. */
export function storeSplit(
  { store }: OpenProject,
  modelId: number,
  { captions, evaluation, averagePrecision }: CaptionedSplit,
): void {
  store.transaction(() => {
    store.captions.put(modelId, captions)
    store.models.setEvaluation(modelId, evaluation, averagePrecision)
  })
}

/** Topics of a strip, those among them for f's sake alone, and neurons behind each. */
const [STRIP_TOPICS, STRIP_PREDICTED, STRIP_NEURONS] = [10, 5, 5]

/**
 * Columns of the topics that a clip bears, its caption names or f predicts first; those that f predicts first
 * where they are too many.
 */
function topicsThatMatter(topics: Review['topics']): number[] {
  const byScore = topics.map((topic, column) => ({ ...topic, column })).sort((a, b) => b.score - a.score)
  return byScore
    .filter(({ expected, inCaption }, rank) => expected || inCaption || rank < STRIP_PREDICTED)
    .sort((a, b) => Number(b.expected || b.inCaption) - Number(a.expected || a.inCaption))
    .slice(0, STRIP_TOPICS)
    .map(({ column }) => column)
}

/** What of a model's topics people, the model's caption and f say of a clip, by column. */
function topicsOf(
  { store }: OpenProject,
  model: Model,
  { clipId, caption, topics: scores }: StoredCaption,
): Review['topics'] {
  const topics = store.topics.getAll(model.topics)
  const expected = new Set(store.topics.vectorOf(model.topics, clipId))
  const spot = topicSpotter(topics)
  const named = spot(caption)
  const verdicts = topicVerdicts(named, expected, () =>
    spot(
      store.clips
        .captions(clipId)
        .map(({ text }) => text)
        .join('\n'),
    ),
  )
  return topics.map(({ id, label }, column) => ({
    id,
    label,
    score: scores[column] ?? 0,
    expected: expected.has(column),
    inCaption: named[column] ?? false,
    verdict: verdicts[column] ?? 'absent',
  }))
}

/** What a model says of a clip. Throws NOT_FOUND, NOT_READY before it has captioned it. */
function generatedCaption({ store }: OpenProject, modelId: number, clipId: number): StoredCaption {
  const caption = store.captions.get(modelId, clipId)
  if (caption !== null) {
    return caption
  }
  const { name, split } = store.clips.get(clipId)
  throw new VitrineError(
    'NOT_READY',
    `Model ${store.models.get(modelId).id} has not captioned ${name} yet.`,
    `Caption the ${split} split first.`,
  )
}

/**
 * The CIDEr that captions of clips have, or would have; document frequencies are those of an evaluation: from
 * the clips of the split (null: of all) that the model can caption. Null for a clip of which people say
 * nothing.
 */
export async function cidersOf({
  workspace,
  modelId,
  split,
  hypotheses,
  options,
}: {
  workspace: Workspace
  modelId: number
  split: Split | null
  hypotheses: readonly { clipId: number; caption: string }[]
  options: CallOptions
}): Promise<(number | null)[]> {
  const project = workspace.project()
  const human = project.store.clips.captionsByClip(split)
  const references = project.store.features
    .paths(project.store.models.get(modelId).featureKey, split)
    .flatMap(({ clipId }) => {
      const captions = human.get(clipId)
      return captions === undefined ? [] : [{ id: clipId, captions }]
    })
  const documents = new Set(references.map(({ id }) => id))
  const scorable = hypotheses.filter(({ clipId }) => documents.has(clipId))
  if (scorable.length === 0) {
    return hypotheses.map(() => null)
  }
  const { cider } = await workspace.engine.call(
    'metrics.cider',
    { hypotheses: scorable.map(({ clipId, caption }) => ({ id: clipId, caption })), references },
    options,
  )
  let next = 0
  return hypotheses.map(({ clipId }) => (documents.has(clipId) ? (cider[next++] ?? null) : null))
}

export function createReview(workspace: Workspace) {
  /**
   * What was rated last: a list is asked for again after every verdict, and rating takes a second for 10,000
   * captions.
   */
  let rated: { stamp: string; captions: RatedCaption[] } | null = null

  return {
    /** Captions a split with a model and scores the captions against the human ones. */
    generate(request) {
      const { modelId, split, device, ...decoding } = request
      const project = workspace.project()
      const model = usableModel(project, modelId)
      const jobId = workspace.jobs.start(
        'caption',
        `Caption the ${split} split with model ${model.id}`,
        { ...request, modelId: model.id },
        async (context) => {
          const result = await captionSplit({
            workspace,
            project,
            model,
            split,
            decoding,
            options: forward(context),
            device,
          })
          storeSplit(project, model.id, result)
          const { metrics } = result.evaluation
          return {
            result: { kind: 'caption', modelId: model.id, captions: result.captions.length },
            summary: `${count(result.captions.length, 'caption')}: BLEU-4 ${metrics.BLEU_4.toFixed(3)}, ROUGE-L ${metrics.ROUGE_L.toFixed(3)}, CIDEr ${metrics.CIDEr.toFixed(3)}.`,
          }
        },
      )
      return { jobId }
    },

    /** The captions of a split, those that are probably wrong first. */
    list: reads(
      [
        'caption',
        'caption_verdict',
        'clip',
        'clip_note',
        'clip_topic',
        'generated_caption',
        'model',
        'setting',
        'topic',
        'topic_run',
        'topic_word',
        'vocabulary',
      ],
      (query) => {
        const project = workspace.project()
        const { modelId, split, otherModel } = query
        const stamp = [modelId, split, otherModel, project.store.stamp(RATED_TABLES)].join('\n')
        if (rated?.stamp !== stamp) {
          rated = { stamp, captions: rateCaptions(project, modelId, split, otherModel) }
        }
        return queryCaptions(project.store, rated.captions, query)
      },
    ),

    /**
     * What happens over the time of a clip, for the topics that matter in it. Throws NOT_FOUND, NOT_READY.
     */
    strip: reads(
      [
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
        const model = usableModel(project, modelId)
        const columns = topicsThatMatter(topicsOf(project, model, generatedCaption(project, modelId, clipId)))
        const { topics } = await workspace.engine.call(
          'neurons.strip',
          {
            modelDir: modelFolder(project, model),
            clip: clipFeatures(project, model.featureKey, clipId),
            topics: columns,
            most: STRIP_NEURONS,
            device: 'cpu',
          },
          { signal },
        )
        return {
          times: project.store.features.forClip(model.featureKey, clipId)?.frameTimes ?? [],
          topics: topics.map(({ topic, ...rest }) => ({ topicId: model.topics[topic] ?? -1, ...rest })),
        }
      },
    ),

    /**
     * A verdict on what a model says of clips now; null takes it back. One edit of what changes. Throws
     * NOT_READY for a clip that it has not captioned.
     */
    judge({ modelId, clipIds, verdict }, { who }) {
      const project = workspace.project()
      workspace.edit(who, (store, make) => {
        const changes = [...new Set(clipIds)].flatMap((clipId) => {
          const { caption } = generatedCaption(project, modelId, clipId)
          if (store.captions.verdict(modelId, clipId) === verdict) {
            return []
          }
          return [
            {
              kind: 'caption.verdict' as const,
              modelId,
              clipId,
              value: verdict === null ? null : { caption, verdict },
            },
          ]
        })
        const captions =
          changes.length === 1 && changes[0]
            ? `the caption of ${store.clips.get(changes[0].clipId).name}`
            : count(changes.length, 'caption')
        make(
          verdict === null ? `take back the verdict on ${captions}` : `judge ${captions} ${verdict}`,
          changes,
        )
      })
    },

    /** A note on a clip; empty takes it away. Throws NOT_FOUND. */
    note({ clipId, note }, { who }) {
      workspace.edit(who, (store, make) => {
        const { name } = store.clips.get(clipId)
        if (note !== store.clips.note(clipId)) {
          make(note === '' ? `remove the note on ${name}` : `note on ${name}`, [
            { kind: 'clip.note', clipId, note },
          ])
        }
      })
    },

    alternatives: reads(['clip', 'generated_caption'], ({ modelId, split }) =>
      workspace
        .project()
        .store.captions.all(modelId, split)
        .map(({ clipId, alternatives }) => ({ clipId, alternatives })),
    ),

    ciders: reads(['caption', 'clip', 'feature', 'model'], ({ modelId, split, hypotheses }, { signal }) =>
      cidersOf({ workspace, modelId, split, hypotheses, options: { signal } }),
    ),

    /**
     * The model's caption of a clip beside what people say of it. Throws NOT_FOUND, NOT_READY before the clip
     * is captioned.
     */
    clip: reads(
      [
        'caption',
        'caption_verdict',
        'clip_note',
        'clip_topic',
        'generated_caption',
        'model',
        'setting',
        'topic',
        'topic_run',
        'topic_word',
        'vocabulary',
      ],
      async ({ modelId, clipId }) => {
        const project = workspace.project()
        const { store } = project
        const model = store.models.get(modelId)
        const caption = generatedCaption(project, modelId, clipId)
        return {
          clipId,
          modelId,
          modelKind: model.kind,
          caption: caption.caption,
          words: caption.words,
          logProbability: caption.logProbability,
          alternatives: caption.alternatives,
          metrics: await metricsOf(project, caption),
          verdict: store.captions.verdict(modelId, clipId),
          note: store.clips.note(clipId),
          topics: topicsOf(project, model, caption),
        }
      },
    ),
  } satisfies Service<'review'>

  /**
   * Metrics of one caption as it was scored; null when it was not. Only CIDEr needs the rest of its split,
   * and is stored.
   */
  async function metricsOf(
    { store }: OpenProject,
    { clipId, caption, cider }: StoredCaption,
  ): Promise<CaptionMetrics | null> {
    const references = store.clips.captions(clipId).map(({ text }) => text)
    if (cider === null || references.length === 0) {
      return null
    }
    const { metrics } = await workspace.engine.call('metrics.score', {
      hypotheses: [{ id: '', caption }],
      references: [{ id: '', captions: references }],
      tokenizer: 'words',
      bootstrap: null,
    })
    return { ...metrics, CIDEr: cider }
  }
}
