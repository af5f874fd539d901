/**
 * Topics: what was found of them, and what people made of it. A row is never deleted, its state changes;
 * edits change rows by the `set` methods, which changes.ts calls, so that each can be taken back.
 */
import type { TopicState } from '#contract'
import type { SettingRepository } from '../settings.ts'
import { failures } from '../failures.ts'
import { found } from '../sql.ts'
import type { Sql } from '../sql.ts'
import { topicClips } from './clips.ts'
import { derivedTopics } from './derived.ts'
import type { TopicFields } from '../stored.ts'
import { CURRENT_STATES } from './rule.ts'
import { topicRuns } from './runs.ts'
import { topicVectors } from './vectors.ts'
import { topicWords } from './words.ts'

/** Words that say what a topic is about. */
const TOP_WORDS = 20

export interface TopicRecord extends TopicFields {
  id: number
}

export interface Topic extends TopicRecord {
  /** Its likeliest words with p(word | topic), at most 20. */
  words: { word: string; p: number }[]
}

interface TopicColumns {
  id: number
  label: string
  labelled: 0 | 1
  description: string
  hue: number | null
  state: TopicState
  merged_into: number | null
  npmi: number | null
  alpha: number | null
}

const COLUMNS = 'id, label, labelled, description, hue, state, merged_into, npmi, alpha'

const toRecord = ({ labelled, merged_into, ...row }: TopicColumns): TopicRecord => ({
  ...row,
  labelled: labelled === 1,
  mergedInto: merged_into,
})

export type TopicRepository = ReturnType<typeof topicRepository>

export function topicRepository(sql: Sql, settings: SettingRepository) {
  const runs = topicRuns(sql, settings)
  const words = topicWords(sql, runs)
  const vectors = topicVectors(sql)
  const derived = derivedTopics(sql, settings, vectors)

  const record = (topicId: number): TopicRecord =>
    toRecord(
      found(sql.get<TopicColumns>(`SELECT ${COLUMNS} FROM topic WHERE id = ?`, topicId), () =>
        failures.topicUnknown({ topicId }),
      ),
    )

  const withWords = (rows: readonly TopicRecord[]): Topic[] => {
    const totals = words.totals(rows.map(({ id }) => id))
    const probability = words.probability()
    return rows.map((row) => ({
      ...row,
      words: words
        .topWords(row.id, TOP_WORDS)
        .map(({ word, count }) => ({ word, p: probability(count, totals.get(row.id)!) })),
    }))
  }

  /** All topics in states, by id. */
  const inStates = (states: readonly TopicState[]): TopicRecord[] =>
    sql
      .all<TopicColumns>(
        `SELECT ${COLUMNS} FROM topic WHERE state IN (SELECT value FROM json_each(?)) ORDER BY id`,
        JSON.stringify(states),
      )
      .map(toRecord)

  /** Topics, current or past, in the given order. Throws NOT_FOUND. */
  const getAll = (topicIds: readonly number[]): Topic[] => withWords(topicIds.map(record))

  return {
    ...runs,
    ...words,
    ...topicClips(sql),
    derived,
    fingerprints: vectors.fingerprints,
    clipCounts: vectors.clipCounts,
    underRule: derived.underRule,
    record,
    inStates,

    /** All topics, current or past, by id, but those of a run that is on its way. */
    settled: (): TopicRecord[] =>
      sql
        .all<TopicColumns>(
          `SELECT ${COLUMNS} FROM topic WHERE run_id NOT IN (SELECT id FROM topic_run WHERE staged = 1) ORDER BY id`,
        )
        .map(toRecord),

    /** The current topics, active and hidden, by id: the columns of new models. */
    current: (): Topic[] => withWords(inStates(['active', 'hidden'])),

    /** How many topics are current. */
    count: (): number =>
      sql.get<{ n: number }>(`SELECT count(*) AS n FROM topic WHERE state IN ${CURRENT_STATES}`)!.n,

    /** A topic, current or past. Throws NOT_FOUND. */
    get: (topicId: number): Topic => getAll([topicId])[0]!,

    getAll,

    /** Labels of topics, current or past, by id. */
    labels(): Map<number, string> {
      const rows = sql.all<{ id: number; label: string }>('SELECT id, label FROM topic')
      return new Map(rows.map(({ id, label }) => [id, label]))
    },

    /**
     * What became of every topic there ever was, by id; `mergedInto`: the one that it is part of in the end.
     */
    states(): Map<number, { label: string; state: TopicState; mergedInto: number | null }> {
      const topics = new Map(
        sql.all<TopicColumns>(`SELECT ${COLUMNS} FROM topic`).map((row) => [row.id, row]),
      )
      return new Map(
        [...topics.values()].map(({ id, label, state, merged_into }) => {
          let mergedInto = merged_into
          for (let next = mergedInto; next !== null; next = topics.get(next)!.merged_into) {
            mergedInto = next
          }
          return [id, { label, state, mergedInto }]
        }),
      )
    },

    /** Topics that are part of a topic, by id: merged into it, or into one of these. */
    mergedInto(topicId: number): { id: number; label: string }[] {
      return sql.all(
        `WITH RECURSIVE part (id) AS (SELECT id FROM topic WHERE merged_into = ? UNION SELECT topic.id FROM topic JOIN part ON merged_into = part.id)
         SELECT id, label FROM part JOIN topic USING (id) ORDER BY id`,
        topicId,
      )
    },

    /** Sets what is given of a topic. Throws NOT_FOUND. */
    set(topicId: number, fields: Partial<TopicFields>): void {
      const { label, labelled, description, hue, state, mergedInto, npmi, alpha } = {
        ...record(topicId),
        ...fields,
      }
      sql.run(
        'UPDATE topic SET label = ?, labelled = ?, description = ?, hue = ?, state = ?, merged_into = ?, npmi = ?, alpha = ? WHERE id = ?',
        label,
        Number(labelled),
        description,
        hue,
        state,
        mergedInto,
        npmi,
        alpha,
        topicId,
      )
    },
  }
}
