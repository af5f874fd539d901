import * as z from 'zod'
import type { TopicList, TopicsSettings, TopicState } from '#contract'
import type { SingleChange } from '../project/change-schema.ts'
import type { SettingRepository } from '../project/settings.ts'
import { failures } from '../failures.ts'
import { found, fromJson, now } from '../sql.ts'
import type { Sql } from '../sql.ts'
import { storedTopicsSettings } from '../stored.ts'

/**
 * Shares below this are not stored: with 100 topics nearly all of them are. What they add up to in a merged
 * topic is lost.
 */
const SMALLEST_SHARE = 0.01

/** How topics were found, or given to clips. `sweeps`, `seconds` and `tokens` are 0 for imported ones. */
export interface TopicRun {
  id: number
  origin: NonNullable<TopicList['run']>['origin']
  request: TopicsSettings
  documents: number
  tokens: number
  sweeps: number
  seconds: number
  tokensPerSecond: number
  npmi: number | null
  /** Prior of a word in a topic, in tokens. */
  beta: number
  /** Pairs of words that are joined where they meet. */
  phrases: string[]
  createdAt: string
}

/** Tokens and documents of the corpus that have a word. */
export interface VocabularyWord {
  word: string
  tokens: number
  documents: number
}

export interface WordCount {
  word: string
  count: number
  mark: 'pinned' | 'forbidden' | null
}

export interface NewTopic {
  label: string
  labelled: boolean
  npmi: number | null
  /** Its prior in a document, in tokens; null where no sampler gave one. */
  alpha: number | null
  words: WordCount[]
}

export interface NewRun {
  run: Omit<TopicRun, 'id' | 'createdAt'>
  /** Empty where it is not known. */
  vocabulary: VocabularyWord[]
  /** By column: a topic that there is already, or a new one. */
  topics: (NewTopic | { id: number })[]
  /** Shares of a clip's tokens by column; `active` ones are kept however small they are. */
  assignments: { clipId: number; shares: ArrayLike<number>; active: readonly number[] }[]
}

interface RunColumns {
  id: number
  origin: TopicRun['origin']
  request: string
  documents: number
  tokens: number
  sweeps: number
  seconds: number
  tokens_per_second: number
  npmi: number | null
  beta: number
  phrases: string
  created_at: string
}

const toRun = (row: RunColumns): TopicRun => ({
  id: row.id,
  origin: row.origin,
  request: fromJson(storedTopicsSettings, row.request),
  documents: row.documents,
  tokens: row.tokens,
  sweeps: row.sweeps,
  seconds: row.seconds,
  tokensPerSecond: row.tokens_per_second,
  npmi: row.npmi,
  beta: row.beta,
  phrases: fromJson(z.array(z.string()), row.phrases),
  createdAt: row.created_at,
})

/** Runs with their vocabulary and the shares that they gave to clips: added once and never changed. */
export function topicRuns(sql: Sql, settings: SettingRepository) {
  let cached: { runId: number; words: Map<string, VocabularyWord> } | null = null

  const insertRun = (run: NewRun['run']): number =>
    sql.run(
      `INSERT INTO topic_run (origin, request, documents, tokens, sweeps, seconds, tokens_per_second, npmi, beta, phrases, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      run.origin,
      JSON.stringify(run.request),
      run.documents,
      run.tokens,
      run.sweeps,
      run.seconds,
      run.tokensPerSecond,
      run.npmi,
      run.beta,
      JSON.stringify(run.phrases),
      now(),
    ).id

  const insertVocabulary = (runId: number, vocabulary: readonly VocabularyWord[]): void => {
    for (const { word, tokens, documents } of vocabulary) {
      sql.run(
        'INSERT INTO vocabulary (run_id, word, tokens, documents) VALUES (?, ?, ?, ?)',
        runId,
        word,
        tokens,
        documents,
      )
    }
  }

  /** Inserts a topic that takes part in nothing, until a change gives it another state. */
  const insertTopic = (runId: number, topic: NewTopic): number => {
    const { id } = sql.run(
      `INSERT INTO topic (run_id, label, labelled, state, npmi, alpha) VALUES (?, ?, ?, 'deleted', ?, ?)`,
      runId,
      topic.label,
      Number(topic.labelled),
      topic.npmi,
      topic.alpha,
    )
    for (const { word, count, mark } of topic.words) {
      sql.run(
        'INSERT INTO topic_word (topic_id, word, count, mark) VALUES (?, ?, ?, ?)',
        id,
        word,
        count,
        mark,
      )
    }
    return id
  }

  const insertShare = (runId: number, topicId: number, clipId: number, share: number): void => {
    sql.run(
      'INSERT INTO clip_share (run_id, topic_id, clip_id, share) VALUES (?, ?, ?, ?)',
      runId,
      topicId,
      clipId,
      share,
    )
  }

  return {
    /**
     * Stores a run; returns its id and the topics' by column. Nothing shows of it yet: new topics are in
     * state `deleted`, and the run is not the current one. `takeover` is the change that makes it so.
     */
    addRun({ run, vocabulary, topics, assignments }: NewRun): { runId: number; topicIds: number[] } {
      return sql.transaction(() => {
        const runId = insertRun(run)
        insertVocabulary(runId, vocabulary)
        const topicIds = topics.map((topic) => ('id' in topic ? topic.id : insertTopic(runId, topic)))
        for (const { clipId, shares, active } of assignments) {
          topicIds.forEach((topicId, column) => {
            const share = shares[column]!
            const isKept = share >= SMALLEST_SHARE || (share !== 0 && active.includes(column))
            if (isKept) {
              insertShare(runId, topicId, clipId, share)
            }
          })
        }
        return { runId, topicIds }
      })
    },

    /**
     * Stores a topic that was made by hand, with the shares that it has of clips in the current run; in state
     * `deleted` until a change gives it another one. Throws NOT_FOUND when there is no run.
     */
    addTopic(topic: NewTopic, shares: readonly { clipId: number; share: number }[]): number {
      return sql.transaction(() => {
        const runId = found(settings.get('topicRun') ?? undefined, () => failures.topicRunMissing())
        const topicId = insertTopic(runId, topic)
        for (const { clipId, share } of shares) {
          if (share > 0) {
            insertShare(runId, topicId, clipId, share)
          }
        }
        return topicId
      })
    },

    /**
     * The changes by which a run that was added becomes the current one: of its topics those that were
     * inserted become active, those that stay keep their state, and all others that are current or junk are
     * replaced.
     */
    takeover({ runId, topicIds }: { runId: number; topicIds: readonly number[] }): SingleChange[] {
      const topics = sql.all<{ id: number; run_id: number }>(
        `SELECT id, run_id FROM topic WHERE state IN ('active', 'hidden', 'junk') OR run_id = ? ORDER BY id`,
        runId,
      )
      const staying = new Set(topicIds)
      const setState = (topicId: number, state: TopicState): SingleChange => ({
        kind: 'topic',
        topicId,
        set: { state },
      })
      return [
        ...topics
          .filter(({ id, run_id }) => run_id === runId && staying.has(id))
          .map(({ id }) => setState(id, 'active')),
        ...topics.filter(({ id }) => !staying.has(id)).map(({ id }) => setState(id, 'replaced')),
        { kind: 'topic.run', runId },
        { kind: 'topic.wordsEdited', edited: false },
      ]
    },

    /** The run whose shares clips have. */
    run(): TopicRun | null {
      const row = sql.get<RunColumns>('SELECT * FROM topic_run WHERE id = ?', settings.get('topicRun') ?? 0)
      return row ? toRun(row) : null
    },

    /** The words of the current run; empty where they are not known. */
    vocabulary(): ReadonlyMap<string, VocabularyWord> {
      const runId = settings.get('topicRun') ?? 0
      // A run's vocabulary never changes.
      if (cached?.runId !== runId) {
        cached = {
          runId,
          words: new Map(
            sql
              .all<VocabularyWord>('SELECT word, tokens, documents FROM vocabulary WHERE run_id = ?', runId)
              .map((row) => [row.word, row]),
          ),
        }
      }
      return cached.words
    },
  }
}
