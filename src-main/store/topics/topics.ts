/**
 * Topics: what was found of them, and what people made of it. A row is never deleted, its state changes;
 * edits change rows by the `set` methods, which changes.ts calls, so that each can be taken back.
 */
import type { TopicState } from '#contract'
import type { SettingRepository } from '../project/settings.ts'
import { failures } from '../failures.ts'
import { found } from '../sql.ts'
import type { Sql } from '../sql.ts'
import { topicRuns } from './runs.ts'
import type { WordCount } from './runs.ts'
import { derivedTopics } from './derived.ts'

/** As many words say what a topic is about. */
const TOP_WORDS = 20

/** What edits set of a topic. `mergedInto` goes with the state `merged` alone. */
export interface TopicFields {
  label: string
  /** A person gave or accepted the label. */
  labelled: boolean
  description: string
  /** Degrees; null: the hue of its id. */
  hue: number | null
  state: TopicState
  mergedInto: number | null
  npmi: number | null
  /** Its prior in a document, in tokens; null where no sampler gave one. */
  alpha: number | null
}

export interface TopicRecord extends TopicFields {
  id: number
}

export interface Topic extends TopicRecord {
  /** Its likeliest words with p(word | topic), at most 20. */
  words: { word: string; p: number }[]
}

/**
 * A topic of a clip. `share` is its part of the clip's tokens; `active` is s_k, by the rule (`lda`) or a
 * person's word (`curator`).
 */
export interface ClipTopic {
  topicId: number
  share: number
  active: boolean
  source: 'lda' | 'curator'
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
const CURRENT = `('active', 'hidden')`

const toRecord = ({ labelled, merged_into, ...row }: TopicColumns): TopicRecord => ({
  ...row,
  labelled: labelled === 1,
  mergedInto: merged_into,
})

export type TopicRepository = ReturnType<typeof topicRepository>

export function topicRepository(sql: Sql, settings: SettingRepository) {
  const runs = topicRuns(sql, settings)
  const derived = derivedTopics(sql, settings)

  const record = (topicId: number): TopicRecord =>
    toRecord(
      found(sql.get<TopicColumns>(`SELECT ${COLUMNS} FROM topic WHERE id = ?`, topicId), () =>
        failures.topicUnknown({ topicId }),
      ),
    )

  const topWords = (topicId: number, most: number): { word: string; count: number }[] =>
    sql.all(
      `SELECT word, count FROM topic_word WHERE topic_id = ? AND count > 0 AND mark IS NOT 'forbidden' ORDER BY count DESC, word LIMIT ?`,
      topicId,
      most,
    )

  /** Tokens and number of the words that each topic holds. */
  const totals = (topicIds: readonly number[]): Map<number, { tokens: number; words: number }> =>
    new Map(
      sql
        .all<{ topic_id: number; tokens: number; words: number }>(
          `SELECT topic_id, total(count) AS tokens, count(*) AS words FROM topic_word
       WHERE topic_id IN (SELECT value FROM json_each(?)) AND count > 0 AND mark IS NOT 'forbidden' GROUP BY topic_id`,
          JSON.stringify(topicIds),
        )
        .map(({ topic_id, tokens, words }) => [topic_id, { tokens, words }]),
    )

  /**
   * p(word | topic) of a count: (count + beta) / (total + V beta), V words being in the run's vocabulary;
   * where that is not known, in the topic. Griffiths and Steyvers, "Finding scientific topics", 2004.
   */
  const probability = (): ((count: number, of: { tokens: number; words: number }) => number) => {
    const beta = runs.run()?.beta ?? 0
    const v = runs.vocabulary().size
    return (count, { tokens, words }) =>
      tokens + beta > 0 ? (count + beta) / (tokens + (v || words) * beta) : 0
  }

  const withWords = (rows: readonly TopicRecord[]): Topic[] => {
    const sums = totals(rows.map(({ id }) => id))
    const p = probability()
    return rows.map((row) => ({
      ...row,
      words: topWords(row.id, TOP_WORDS).map(({ word, count }) => ({ word, p: p(count, sums.get(row.id)!) })),
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
    derived,
    fingerprints: derived.fingerprints,
    record,
    topWords,
    totals,
    probability,
    inStates,

    /** The current topics, active and hidden, by id: the columns of new models. */
    current: (): Topic[] => withWords(inStates(['active', 'hidden'])),

    /** How many topics are current. */
    count: (): number =>
      sql.get<{ n: number }>(`SELECT count(*) AS n FROM topic WHERE state IN ${CURRENT}`)!.n,

    /** A topic, current or past. Throws NOT_FOUND. */
    get: (topicId: number): Topic => getAll([topicId])[0]!,

    getAll,

    /** Labels of topics, current or past, by id. */
    labels(): Map<number, string> {
      return new Map(
        sql
          .all<{ id: number; label: string }>('SELECT id, label FROM topic')
          .map(({ id, label }) => [id, label]),
      )
    },

    /**
     * What became of every topic there ever was, by id; `mergedInto`: the one that it is part of in the end.
     */
    states(): Map<number, { label: string; state: TopicState; mergedInto: number | null }> {
      const all = new Map(sql.all<TopicColumns>(`SELECT ${COLUMNS} FROM topic`).map((row) => [row.id, row]))
      return new Map(
        [...all.values()].map(({ id, label, state, merged_into }) => {
          let end = merged_into
          for (let next = end; next !== null; next = all.get(next)!.merged_into) {
            end = next
          }
          return [id, { label, state, mergedInto: end }]
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

    /**
     * A topic's words with counts and marks, by falling count. The counts of forbidden ones are not the
     * topic's any more.
     */
    words(topicId: number): WordCount[] {
      return sql.all(
        'SELECT word, count, mark FROM topic_word WHERE topic_id = ? ORDER BY count DESC, word',
        topicId,
      )
    },

    word(topicId: number, word: string): WordCount | null {
      return (
        sql.get<WordCount>(
          'SELECT word, count, mark FROM topic_word WHERE topic_id = ? AND word = ?',
          topicId,
          word,
        ) ?? null
      )
    },

    /** Sets one word of a topic; null removes it. */
    setWord(topicId: number, word: string, value: Omit<WordCount, 'word'> | null): void {
      if (value === null) {
        sql.run('DELETE FROM topic_word WHERE topic_id = ? AND word = ?', topicId, word)
      } else {
        sql.run(
          'INSERT OR REPLACE INTO topic_word (topic_id, word, count, mark) VALUES (?, ?, ?, ?)',
          topicId,
          word,
          value.count,
          value.mark,
        )
      }
    },

    /**
     * Current topics with words that begin with `prefix`, at most `most` words of each, the largest counts
     * first.
     */
    withPrefix(prefix: string, most: number): { topicId: number; words: string[] }[] {
      const rows = sql.all<{ topic_id: number; word: string }>(
        `SELECT topic_id, word FROM topic_word INDEXED BY topic_word_word JOIN topic ON topic.id = topic_id
         WHERE word >= ? AND word < ? AND count > 0 AND mark IS NOT 'forbidden' AND state IN ${CURRENT} ORDER BY topic_id, count DESC, word`,
        prefix,
        `${prefix}\u{10ffff}`,
      )
      const words = new Map<number, string[]>()
      for (const { topic_id, word } of rows) {
        const own = words.get(topic_id)
        if (own === undefined) {
          words.set(topic_id, [word])
        } else if (own.length < most) {
          own.push(word)
        }
      }
      return [...words].map(([topicId, words]) => ({ topicId, words }))
    },

    /** What a person said of a topic of a clip; null: nothing. */
    verdict(topicId: number, clipId: number): boolean | null {
      const row = sql.get<{ active: 0 | 1 }>(
        'SELECT active FROM clip_verdict WHERE topic_id = ? AND clip_id = ?',
        topicId,
        clipId,
      )
      return row ? row.active === 1 : null
    },

    /** Sets (or with null removes) what a person said. Throws NOT_FOUND for an unknown clip. */
    setVerdict(topicId: number, clipId: number, active: boolean | null): void {
      if (active === null) {
        sql.run('DELETE FROM clip_verdict WHERE topic_id = ? AND clip_id = ?', topicId, clipId)
      } else {
        found(sql.get('SELECT 1 FROM clip WHERE id = ?', clipId), () => failures.clipUnknown({ clipId }))
        sql.run(
          'INSERT OR REPLACE INTO clip_verdict (topic_id, clip_id, active) VALUES (?, ?, ?)',
          topicId,
          clipId,
          Number(active),
        )
      }
    },

    /** Everything that people said of topics' clips. */
    verdicts(topicIds: readonly number[]): { topicId: number; clipId: number; active: boolean }[] {
      return sql
        .all<{ topic_id: number; clip_id: number; active: 0 | 1 }>(
          'SELECT topic_id, clip_id, active FROM clip_verdict WHERE topic_id IN (SELECT value FROM json_each(?)) ORDER BY topic_id, clip_id',
          JSON.stringify(topicIds),
        )
        .map((row) => ({ topicId: row.topic_id, clipId: row.clip_id, active: row.active === 1 }))
    },

    /** How many clips bear each topic that is not 0, by topic id; of past topics as it was last. */
    clipCounts(): Map<number, number> {
      return new Map(
        sql
          .all<{ id: number; n: number }>('SELECT topic_id AS id, clips AS n FROM topic_vector')
          .map(({ id, n }) => [id, n]),
      )
    },

    /** The clips that bear a topic with the largest share, at most `most`, largest first. */
    clearest(topicId: number, most: number): { id: number; name: string; path: string | null }[] {
      return sql.all(
        `SELECT id, name, path FROM clip_topic JOIN clip ON clip.id = clip_id WHERE topic_id = ? AND active = 1
         ORDER BY clip_topic.share DESC, clip_id LIMIT ?`,
        topicId,
        most,
      )
    },

    /** A clip's current topics, largest share first. */
    ofClip(clipId: number): (ClipTopic & { label: string })[] {
      return sql
        .all<{ topic_id: number; share: number; active: 0 | 1; source: ClipTopic['source']; label: string }>(
          `SELECT topic_id, share, active, source, label FROM clip_topic JOIN topic ON topic.id = topic_id
         WHERE clip_id = ? AND state IN ${CURRENT} ORDER BY share DESC, topic_id`,
          clipId,
        )
        .map((row) => ({
          topicId: row.topic_id,
          share: row.share,
          active: row.active === 1,
          source: row.source,
          label: row.label,
        }))
    },

    /** A topic's share of every clip that has any of it, by clip id. */
    sharesOf(topicId: number): { clipId: number; share: number }[] {
      return sql.all(
        'SELECT clip_id AS clipId, share FROM clip_topic WHERE topic_id = ? AND share > 0 ORDER BY clip_id',
        topicId,
      )
    },

    /**
     * The topic vectors s: for each clip that bears any of `topicIds`, the columns (places in `topicIds`)
     * that are 1, ascending.
     */
    vectors(topicIds: number[]): Map<number, number[]> {
      const vectors = new Map<number, number[]>()
      topicIds.forEach((topicId, column) => {
        for (const { clip_id } of sql.all<{ clip_id: number }>(
          'SELECT clip_id FROM clip_topic WHERE topic_id = ? AND active = 1',
          topicId,
        )) {
          const columns = vectors.get(clip_id)
          if (columns) {
            columns.push(column)
          } else {
            vectors.set(clip_id, [column])
          }
        }
      })
      return vectors
    },

    /** The same of one clip. */
    vectorOf(topicIds: readonly number[], clipId: number): number[] {
      const borne = new Set(
        sql
          .all<{ topic_id: number }>(
            'SELECT topic_id FROM clip_topic WHERE clip_id = ? AND active = 1',
            clipId,
          )
          .map((row) => row.topic_id),
      )
      return topicIds.flatMap((topicId, column) => (borne.has(topicId) ? [column] : []))
    },
  }
}
