import * as z from 'zod'
import type { TopicList, TopicsSettings, TopicState } from '#contract'
import type { SingleChange } from '../change-schema.ts'
import type { CorpusState } from '../corpus/clips.ts'
import type { SettingRepository } from '../settings.ts'
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
  /** When its words were read. */
  corpusState: CorpusState
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

/** A run that was stored, with its topics by column. */
export interface AddedRun {
  runId: number
  topicIds: number[]
}

/** Milliseconds that a part of a run is written for, about, in one transaction; and rows that are a step of it. */
const PART = 10
const ROWS_OF_STEP = 100

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
  last_clip: number | null
  last_clip_change: number
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
  corpusState: { lastClip: row.last_clip, lastChange: row.last_clip_change },
  createdAt: row.created_at,
})

/** Runs with their vocabulary and the shares that they gave to clips: added once and never changed. */
export function topicRuns(sql: Sql, settings: SettingRepository) {
  let cached: { runId: number; words: Map<string, VocabularyWord> } | null = null

  const insertRun = (run: NewRun['run'], staged: boolean): number =>
    sql.run(
      `INSERT INTO topic_run (origin, request, documents, tokens, sweeps, seconds, tokens_per_second, npmi, beta, phrases, last_clip, last_clip_change, created_at, staged)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
      run.corpusState.lastClip,
      run.corpusState.lastChange,
      now(),
      Number(staged),
    ).id

  const insertWord = (runId: number, { word, tokens, documents }: VocabularyWord): void => {
    sql.run(
      'INSERT INTO vocabulary (run_id, word, tokens, documents) VALUES (?, ?, ?, ?)',
      runId,
      word,
      tokens,
      documents,
    )
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

  /** Inserts the shares of a clip that are kept. */
  const insertShares = (
    { runId, topicIds }: AddedRun,
    { clipId, shares, active }: NewRun['assignments'][number],
  ): void => {
    topicIds.forEach((topicId, column) => {
      const share = shares[column]!
      if (share >= SMALLEST_SHARE || (share !== 0 && active.includes(column))) {
        insertShare(runId, topicId, clipId, share)
      }
    })
  }

  /** Writes a run, some rows at a step. */
  function* write(
    { run, vocabulary, topics, assignments }: NewRun,
    staged: boolean,
  ): Generator<undefined, AddedRun> {
    const added: AddedRun = { runId: insertRun(run, staged), topicIds: [] }
    for (const [i, word] of vocabulary.entries()) {
      insertWord(added.runId, word)
      if (i % ROWS_OF_STEP === 0) {
        yield
      }
    }
    for (const topic of topics) {
      added.topicIds.push('id' in topic ? topic.id : insertTopic(added.runId, topic))
      yield
    }
    for (const assignment of assignments) {
      insertShares(added, assignment)
      yield
    }
    return added
  }

  /** Forgets a part of a run that was staged: what it has of a topic, then its words, then itself. */
  const discardPart = (runId: number): void => {
    const topic = sql.get<{ id: number; own: 0 | 1 }>(
      `SELECT topic_id AS id, EXISTS (SELECT 1 FROM topic WHERE id = topic_id AND run_id = ?) AS own FROM clip_share WHERE run_id = ?
       UNION ALL SELECT id, 1 FROM topic WHERE run_id = ? LIMIT 1`,
      runId,
      runId,
      runId,
    )
    if (topic === undefined) {
      sql.run('DELETE FROM vocabulary WHERE run_id = ?', runId)
      sql.run('DELETE FROM topic_run WHERE id = ?', runId)
      return
    }
    sql.run('DELETE FROM clip_share WHERE run_id = ? AND topic_id = ?', runId, topic.id)
    if (topic.own === 1) {
      sql.run('DELETE FROM topic WHERE id = ?', topic.id)
    }
  }

  return {
    /**
     * Stores a run. Nothing shows of it yet: new topics are in state `deleted`, and the run is not the current
     * one. `takeover` is the change that makes it so.
     */
    addRun: (run: NewRun): AddedRun =>
      sql.transaction(() => {
        const steps = write(run, false)
        for (;;) {
          const { done, value } = steps.next()
          if (done === true) {
            return value
          }
        }
      }),

    /**
     * The same bit by bit, so that others have their turn: each call stores a part in a transaction of its own, and
     * returns the run when all of it is stored, null before. Until `keepRun` is called it is waste.
     */
    stageRun(run: NewRun): () => AddedRun | null {
      const steps = write(run, true)
      return () =>
        sql.quietly(() => {
          const began = performance.now()
          for (;;) {
            const { done, value } = steps.next()
            if (done === true || performance.now() - began > PART) {
              return value ?? null
            }
          }
        })
    },

    /** Ends the staging of a run. Call it in the transaction of the edit that makes it the current one. */
    keepRun(runId: number): void {
      sql.run('UPDATE topic_run SET staged = 0 WHERE id = ?', runId)
    },

    /** A run that is staged, or null. */
    stagedRun: (): number | null =>
      sql.get<{ id: number }>('SELECT id FROM topic_run WHERE staged = 1 LIMIT 1')?.id ?? null,

    /** Throws away a part of a staged run; returns whether there is more of it. In a transaction of its own. */
    discardRun: (runId: number): boolean =>
      sql.quietly(() => {
        discardPart(runId)
        return sql.get('SELECT 1 FROM topic_run WHERE id = ?', runId) !== undefined
      }),

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

    /** The runs that found topics, current or past, by topic. */
    runsOf(topicIds: readonly number[]): Map<number, TopicRun> {
      const rows = sql.all<{ id: number; run_id: number }>(
        'SELECT id, run_id FROM topic WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id',
        JSON.stringify(topicIds),
      )
      const runs = new Map(
        sql
          .all<RunColumns>(
            'SELECT * FROM topic_run WHERE id IN (SELECT value FROM json_each(?))',
            JSON.stringify([...new Set(rows.map(({ run_id }) => run_id))]),
          )
          .map((row) => [row.id, toRun(row)]),
      )
      return new Map(rows.map(({ id, run_id }) => [id, runs.get(run_id)!]))
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
