/** Conditions on clips as SQL: each is one row of WHERE, and all must hold. */
import type { Judged } from '#contract'
import type { SqlValue } from '../sql.ts'
import { searchCondition } from './search.ts'
import type { Condition } from './search.ts'

/** What is asked of clips, with models and words in the place of what stands for them; null: it isn't asked. */
export interface ClipQuestion {
  search: string
  split: string | null
  topic:
    | { by: 'people'; topicId: number }
    /** f(v-bar) of the topic's column is above the threshold. */
    | { by: 'model'; modelId: number; column: number; threshold: number }
    /** One of these words stands in what the model says. */
    | { by: 'caption'; modelId: number; words: readonly string[] }
    | null
  tag: string | null
  /** Whose verdict on what the model says now. */
  verdict: { modelId: number; who: string; judged: Judged } | null
  duration: Bounds
  /** CIDEr of what the model says. */
  score: Bounds & { modelId: number | null }
  /** Two models that say something else. */
  differ: { modelId: number; otherModel: number } | null
  problem: boolean
}

export interface Bounds {
  least: number | null
  most: number | null
}

/** Nothing is asked: it holds of every clip. */
export const EVERY_CLIP: ClipQuestion = {
  search: '',
  split: null,
  topic: null,
  tag: null,
  verdict: null,
  duration: { least: null, most: null },
  score: { least: null, most: null, modelId: null },
  differ: null,
  problem: false,
}

/** The parts of a question that counts may leave out. */
export type QuestionPart = 'split' | 'tag' | 'verdict' | 'differ' | 'problem'

/** The WHERE clause of a question, and its values; `without` a part of it. */
export function whereOf(
  question: ClipQuestion,
  without: QuestionPart | null = null,
): { where: string; values: SqlValue[] } {
  const conditions = conditionsOf(question, without)
  return {
    where: conditions.length > 0 ? `WHERE ${conditions.map(({ text }) => text).join(' AND ')}` : '',
    values: conditions.flatMap(({ values }) => values),
  }
}

function conditionsOf(question: ClipQuestion, without: QuestionPart | null): Condition[] {
  const { search, split, topic, tag, verdict, duration, score, differ, problem } = question
  const conditions: (Condition | null)[] = [
    searchCondition(search),
    topic && topicCondition(topic),
    boundsCondition('duration', duration),
    scoreCondition(score),
    without === 'split' || split === null ? null : { text: 'split = ?', values: [split] },
    without === 'tag' || tag === null
      ? null
      : { text: 'id IN (SELECT clip_id FROM clip_tag WHERE tag = ?)', values: [tag] },
    without === 'verdict' || verdict === null ? null : verdictCondition(verdict),
    without === 'differ' || differ === null ? null : differCondition(differ),
    without === 'problem' || !problem ? null : PROBLEM,
  ]
  return conditions.filter((condition) => condition !== null)
}

export const PROBLEM: Condition = { text: 'problem IS NOT NULL', values: [] }

function topicCondition(topic: NonNullable<ClipQuestion['topic']>): Condition {
  switch (topic.by) {
    case 'people':
      return {
        text: 'id IN (SELECT clip_id FROM clip_topic WHERE topic_id = ? AND active = 1)',
        values: [topic.topicId],
      }
    case 'model':
      return {
        text: `id IN (SELECT clip_id FROM generated_caption WHERE model_id = ? AND topics ->> ? > ?)`,
        values: [topic.modelId, `$[${topic.column}]`, topic.threshold],
      }
    case 'caption':
      // What models generate is words with a space between each two.
      return {
        text: `id IN (SELECT clip_id FROM generated_caption WHERE model_id = ? AND (${
          topic.words.map(() => `instr(' ' || caption || ' ', ?)`).join(' OR ') || '0'
        }))`,
        values: [topic.modelId, ...topic.words.map((word) => ` ${word} `)],
      }
  }
}

function boundsCondition(column: string, { least, most }: Bounds): Condition | null {
  const conditions = [
    ...(least === null ? [] : [{ text: `${column} >= ?`, value: least }]),
    ...(most === null ? [] : [{ text: `${column} <= ?`, value: most }]),
  ]
  return conditions.length === 0
    ? null
    : { text: conditions.map(({ text }) => text).join(' AND '), values: conditions.map(({ value }) => value) }
}

function scoreCondition({ modelId, ...score }: ClipQuestion['score']): Condition | null {
  const within = boundsCondition('cider', score)
  return (
    within && {
      text: `id IN (SELECT clip_id FROM generated_caption WHERE model_id = ? AND ${within.text})`,
      values: [modelId, ...within.values],
    }
  )
}

export const differCondition = ({ modelId, otherModel }: NonNullable<ClipQuestion['differ']>): Condition => ({
  text: `id IN (SELECT one.clip_id FROM generated_caption AS one JOIN generated_caption AS other USING (clip_id)
    WHERE one.model_id = ? AND other.model_id = ? AND one.caption <> other.caption)`,
  values: [modelId, otherModel],
})

/** Verdicts on what a model says now, with whichever model they were given. */
export const JUDGED_NOW = `generated_caption AS said JOIN caption_verdict AS judged USING (clip_id, caption) WHERE said.model_id = ?`

function verdictCondition({ modelId, who, judged }: NonNullable<ClipQuestion['verdict']>): Condition {
  const captioned = 'id IN (SELECT clip_id FROM generated_caption WHERE model_id = ?)'
  switch (judged) {
    case 'any':
      return { text: captioned, values: [modelId] }
    case 'none':
      return {
        text: `${captioned} AND id NOT IN (SELECT clip_id FROM ${JUDGED_NOW} AND judged.who = ?)`,
        values: [modelId, modelId, who],
      }
    case 'nobody':
      return {
        text: `${captioned} AND id NOT IN (SELECT clip_id FROM ${JUDGED_NOW})`,
        values: [modelId, modelId],
      }
    case 'disputed':
      return {
        text: `id IN (SELECT clip_id FROM ${JUDGED_NOW} AND judged.verdict <> 'skip'
          GROUP BY clip_id HAVING count(DISTINCT judged.verdict) > 1)`,
        values: [modelId],
      }
    default:
      return {
        text: `id IN (SELECT clip_id FROM ${JUDGED_NOW} AND judged.who = ? AND judged.verdict = ?)`,
        values: [modelId, who, judged],
      }
  }
}
