import { topicsRequest } from '#contract'
import type { TopicsSettings } from '#contract'
import { found, fromJson, now } from './sql.ts'
import type { Sql } from './sql.ts'

export interface TopicRun {
  id: number
  request: TopicsSettings
  documents: number
  tokens: number
  sweeps: number
  seconds: number
  tokensPerSecond: number
  npmi: number | null
  createdAt: string
}

export interface Topic {
  id: number
  /** Column in its run, 0..K-1. */
  position: number
  label: string
  npmi: number | null
  words: { word: string; p: number }[]
  retired: boolean
}

/** A topic of a clip. `share` is its part of the clip's tokens; `active` is s_k, by the rule (`lda`) or a person's word (`curator`). */
export interface ClipTopic {
  topicId: number
  share: number
  active: boolean
  source: 'lda' | 'curator'
}

export interface NewTopics {
  run: Omit<TopicRun, 'id' | 'createdAt'>
  topics: { label: string; npmi: number | null; words: { word: string; p: number }[] }[]
  /** Shares by column, and the columns that are active. */
  assignments: { clipId: number; shares: number[]; active: number[] }[]
}

/** Inactive shares below this are not stored: with 100 topics nearly all of them are, and no view shows them. */
const SMALLEST_SHARE = 0.01

interface TopicColumns {
  id: number
  position: number
  label: string
  npmi: number | null
  retired: 0 | 1
}

interface ClipTopicColumns {
  topic_id: number
  share: number
  active: 0 | 1
  source: 'lda' | 'curator'
}

const toClipTopic = (row: ClipTopicColumns): ClipTopic => ({ topicId: row.topic_id, share: row.share, active: row.active === 1, source: row.source })

export type TopicRepository = ReturnType<typeof topicRepository>

export function topicRepository(sql: Sql) {
  const withWords = (row: TopicColumns): Topic => ({
    id: row.id, position: row.position, label: row.label, npmi: row.npmi, retired: row.retired === 1,
    words: sql.all('SELECT word, p FROM topic_word WHERE topic_id = ? ORDER BY position', row.id),
  })

  return {
    /** Stores a run's topics in place of the current ones, which retire; returns the new ids by column. */
    replace({ run, topics, assignments }: NewTopics): number[] {
      return sql.transaction(() => {
        sql.run('UPDATE topic SET retired = 1 WHERE retired = 0')
        const runId = sql.run(
          `INSERT INTO topic_run (request, documents, tokens, sweeps, seconds, tokens_per_second, npmi, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          JSON.stringify(run.request), run.documents, run.tokens, run.sweeps, run.seconds, run.tokensPerSecond, run.npmi, now(),
        ).id
        const ids = topics.map((topic, position) => {
          const id = sql.run('INSERT INTO topic (run_id, position, label, npmi) VALUES (?, ?, ?, ?)', runId, position, topic.label, topic.npmi).id
          topic.words.forEach(({ word, p }, i) => sql.run('INSERT INTO topic_word (topic_id, position, word, p) VALUES (?, ?, ?, ?)', id, i, word, p))
          return id
        })
        for (const { clipId, shares, active } of assignments) {
          const on = new Set(active)
          shares.forEach((share, column) => {
            if (share < SMALLEST_SHARE && !on.has(column)) return
            sql.run(
              `INSERT INTO clip_topic (topic_id, clip_id, share, active, source) VALUES (?, ?, ?, ?, 'lda')`,
              ids[column]!, clipId, share, Number(on.has(column)),
            )
          })
        }
        return ids
      })
    },

    /** The run whose topics are current. */
    run(): TopicRun | null {
      const row = sql.get<{
        id: number; request: string; documents: number; tokens: number; sweeps: number; seconds: number
        tokens_per_second: number; npmi: number | null; created_at: string
      }>('SELECT * FROM topic_run WHERE id = (SELECT run_id FROM topic WHERE retired = 0 LIMIT 1)')
      if (!row) return null
      return {
        id: row.id, request: fromJson(topicsRequest, row.request), documents: row.documents, tokens: row.tokens, sweeps: row.sweeps,
        seconds: row.seconds, tokensPerSecond: row.tokens_per_second, npmi: row.npmi, createdAt: row.created_at,
      }
    },

    /** The current topics by column. */
    current(): Topic[] {
      return sql.all<TopicColumns>('SELECT * FROM topic WHERE retired = 0 ORDER BY position').map(withWords)
    },

    /** A topic, current or retired. Throws NOT_FOUND. */
    get(topicId: number): Topic {
      return withWords(found(sql.get<TopicColumns>('SELECT * FROM topic WHERE id = ?', topicId), `topic ${topicId}`))
    },

    /** Labels of topics, current or retired, by id. */
    labels(): Map<number, string> {
      return new Map(sql.all<{ id: number; label: string }>('SELECT id, label FROM topic').map(({ id, label }) => [id, label]))
    },

    setLabel(topicId: number, label: string): void {
      const { changes } = sql.run('UPDATE topic SET label = ? WHERE id = ?', label, topicId)
      found(changes || undefined, `topic ${topicId}`)
    },

    /** How many clips bear each current topic, by topic id. */
    clipCounts(): Map<number, number> {
      const rows = sql.all<{ id: number; n: number }>(
        `SELECT topic.id, (SELECT count(*) FROM clip_topic WHERE topic_id = topic.id AND active = 1) AS n FROM topic WHERE retired = 0`)
      return new Map(rows.map(({ id, n }) => [id, n]))
    },

    /** The clips that bear a topic with the largest share, at most `most`, largest first. */
    clearest(topicId: number, most: number): { clipId: number; share: number }[] {
      return sql.all(
        'SELECT clip_id AS clipId, share FROM clip_topic WHERE topic_id = ? AND active = 1 ORDER BY share DESC, clip_id LIMIT ?', topicId, most)
    },

    /** A clip's current topics, largest share first. */
    ofClip(clipId: number): (ClipTopic & { label: string })[] {
      return sql.all<ClipTopicColumns & { label: string }>(
        `SELECT topic_id, share, active, source, label FROM clip_topic JOIN topic ON topic.id = topic_id
         WHERE clip_id = ? AND retired = 0 ORDER BY share DESC, topic_id`, clipId,
      ).map((row) => ({ ...toClipTopic(row), label: row.label }))
    },

    /** One entry of a clip, or null when none is stored. */
    entry(clipId: number, topicId: number): ClipTopic | null {
      const row = sql.get<ClipTopicColumns>('SELECT topic_id, share, active, source FROM clip_topic WHERE clip_id = ? AND topic_id = ?', clipId, topicId)
      return row ? toClipTopic(row) : null
    },

    /** Sets (or with null removes) one entry of a clip. */
    setEntry(clipId: number, topicId: number, entry: Omit<ClipTopic, 'topicId'> | null): void {
      if (entry === null) sql.run('DELETE FROM clip_topic WHERE clip_id = ? AND topic_id = ?', clipId, topicId)
      else {
        sql.run(
          'INSERT OR REPLACE INTO clip_topic (topic_id, clip_id, share, active, source) VALUES (?, ?, ?, ?, ?)',
          topicId, clipId, entry.share, Number(entry.active), entry.source,
        )
      }
    },

    /** The topic vectors s: for each clip that bears any of `topicIds`, the columns (places in `topicIds`) that are 1, ascending. */
    vectors(topicIds: number[]): Map<number, number[]> {
      const vectors = new Map<number, number[]>()
      topicIds.forEach((topicId, column) => {
        for (const { clip_id } of sql.all<{ clip_id: number }>('SELECT clip_id FROM clip_topic WHERE topic_id = ? AND active = 1', topicId)) {
          const columns = vectors.get(clip_id)
          if (columns) columns.push(column)
          else vectors.set(clip_id, [column])
        }
      })
      return vectors
    },
  }
}
