/** What conditions on clips ask, with a model's columns, words and threshold in the place of topics. */
import type { ClipConditions, Judged } from '#contract'
import type { ClipQuestion, OpenProject, Table } from '../../store/index.ts'
import { predictionThreshold } from './risk.ts'
import { ownWords, TOPIC_WORD_TABLES } from './topic-verdicts.ts'

/** The tables that `clipQuestion` and its answers rest on. */
export const CONDITION_TABLES = [
  'clip',
  'clip_tag',
  'clip_topic',
  'caption_verdict',
  'generated_caption',
  'model',
  ...TOPIC_WORD_TABLES,
] as const satisfies readonly Table[]

interface Conditions extends ClipConditions {
  search: string
  split: ClipQuestion['split']
  verdict: Judged
  /** The model whose captions are asked about; null: there is none. */
  modelId: number | null
  otherModel: number | null
  who: string
}

/** A condition on what a model says holds for no clip where there is no such model. Throws NOT_FOUND for an unknown one. */
export function clipQuestion(store: OpenProject['store'], conditions: Conditions): ClipQuestion {
  const { search, split, tag, verdict, modelId, otherModel, who, duration, score, differ, problem } =
    conditions
  return {
    search,
    split,
    topic: topicQuestion(store, conditions),
    tag: tag === null ? null : (store.tags.spelled(tag) ?? tag),
    verdict: verdict === 'any' ? null : { modelId: modelId ?? NO_MODEL, who, judged: verdict },
    duration,
    score: { ...score, modelId },
    differ: differ ? { modelId: modelId ?? NO_MODEL, otherModel: otherModel ?? NO_MODEL } : null,
    problem,
  }
}

/** An id that no model has. */
const NO_MODEL = -1

function topicQuestion(
  store: OpenProject['store'],
  { topic, modelId }: Pick<Conditions, 'topic' | 'modelId'>,
): ClipQuestion['topic'] {
  if (topic === null || topic.by === 'people') {
    return topic && { by: 'people', topicId: topic.topicId }
  }
  const model = modelId === null ? null : store.models.get(modelId)
  const column = model?.topics.indexOf(topic.topicId) ?? -1
  if (model === null || column < 0) {
    return { by: 'caption', modelId: NO_MODEL, words: [] }
  }
  if (topic.by === 'caption') {
    return {
      by: 'caption',
      modelId: model.id,
      words: ownWords(store.topics.getAll(model.topics))[column] ?? [],
    }
  }
  return { by: 'model', modelId: model.id, column, threshold: predictionThreshold(model) ?? Infinity }
}
