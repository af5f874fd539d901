import type * as z from 'zod'
import { regressionOutcome } from '#contract'
import type { Correction, RegressionOutcome } from '#contract'
import { failures } from './failures.ts'
import { found, fromJson, now } from './sql.ts'
import type { Sql } from './sql.ts'
import type { StoredRadius, storedCorrectionState } from './stored.ts'
import { storedClipIds, storedMovedNeurons, storedMovedTopics, storedRadius } from './stored.ts'

type CorrectionState = z.infer<typeof storedCorrectionState>

/** A correction as stored: topics by id, the clip by id. The use case adds names. */
export interface StoredCorrection extends Omit<
  Correction,
  'clip' | 'topics' | 'state' | 'learnt' | 'leftOut'
> {
  /** Ids of clips that it is not carried to. */
  leftOut: number[]
  state: CorrectionState
  /** Whether what was learnt is said by other searches and with frames left out, too; null: nobody looked. */
  lasts: boolean | null
  topics: z.infer<typeof storedMovedTopics>
}

/** What is known of a correction when it is made. */
type NewCorrection = Pick<
  StoredCorrection,
  'parent' | 'clipId' | 'topics' | 'neurons' | 'typed' | 'before' | 'wanted' | 'note' | 'leftOut'
> & {
  /** When, where it was made elsewhere; else now. */
  createdAt?: string | null
}

/** An accepted correction rerun with a later model. */
export interface StoredRegression {
  correctionId: number
  modelId: number
  caption: string
  outcome: RegressionOutcome
}

interface CorrectionColumns {
  id: number
  state: CorrectionState
  model_id: number | null
  parent_id: number
  clip_id: number
  topics: string
  neurons: string
  typed: string | null
  before: string
  wanted: string
  after: string | null
  note: string
  created_at: string
  lasts: number | null
  left_out: string
}

const toCorrection = (row: CorrectionColumns): StoredCorrection => ({
  id: row.id,
  state: row.state,
  model: row.model_id,
  parent: row.parent_id,
  clipId: row.clip_id,
  topics: fromJson(storedMovedTopics, row.topics),
  neurons: fromJson(storedMovedNeurons, row.neurons),
  typed: row.typed,
  before: row.before,
  wanted: row.wanted,
  after: row.after,
  note: row.note,
  createdAt: row.created_at,
  lasts: row.lasts === null ? null : row.lasts === 1,
  leftOut: fromJson(storedClipIds, row.left_out),
})

export type CorrectionRepository = ReturnType<typeof correctionRepository>

/** Corrections, what versions that learnt them changed elsewhere, and how they fare with later models. */
export function correctionRepository(sql: Sql) {
  const get = (correctionId: number): StoredCorrection =>
    toCorrection(
      found(sql.get<CorrectionColumns>('SELECT * FROM correction WHERE id = ?', correctionId), () =>
        failures.correctionUnknown({ correctionId }),
      ),
    )

  return {
    /** Stores a correction outside the queue (`withdrawn`): an edit puts it in. */
    add(correction: NewCorrection): StoredCorrection {
      const { id } = sql.run(
        `INSERT INTO correction (state, parent_id, clip_id, topics, neurons, typed, before, wanted, note, left_out, created_at) VALUES ('withdrawn', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        correction.parent,
        correction.clipId,
        JSON.stringify(correction.topics),
        JSON.stringify(correction.neurons),
        correction.typed,
        correction.before,
        correction.wanted,
        correction.note,
        JSON.stringify(correction.leftOut),
        correction.createdAt ?? now(),
      )
      return get(id)
    },

    /** Throws NOT_FOUND. */
    get,

    has: (correctionId: number): boolean =>
      sql.get('SELECT 1 FROM correction WHERE id = ?', correctionId) !== undefined,

    /** All corrections but those that were put aside, newest first. */
    list(): StoredCorrection[] {
      return sql
        .all<CorrectionColumns>(
          `SELECT * FROM correction WHERE state NOT IN ('withdrawn', 'discarded') ORDER BY id DESC`,
        )
        .map(toCorrection)
    },

    /** The corrections that a version learnt, oldest first. */
    ofModel(modelId: number): StoredCorrection[] {
      return sql
        .all<CorrectionColumns>('SELECT * FROM correction WHERE model_id = ? ORDER BY id', modelId)
        .map(toCorrection)
    },

    /** A version has learnt it, from `parent`. */
    propose(
      correctionId: number,
      learnt: {
        model: number
        parent: number
        before: string
        wanted: string
        after: string
        lasts: boolean
      },
    ): void {
      sql.run(
        `UPDATE correction SET state = 'proposed', model_id = ?, parent_id = ?, before = ?, wanted = ?, after = ?, lasts = ? WHERE id = ?`,
        learnt.model,
        learnt.parent,
        learnt.before,
        learnt.wanted,
        learnt.after,
        learnt.lasts ? 1 : 0,
        correctionId,
      )
    },

    /** Sets the state; returns what it was, or null for a correction that is gone. */
    setState(correctionId: number, state: CorrectionState): CorrectionState | null {
      const row = sql.get<{ state: CorrectionState }>(
        'SELECT state FROM correction WHERE id = ?',
        correctionId,
      )
      sql.run('UPDATE correction SET state = ? WHERE id = ?', state, correctionId)
      return row?.state ?? null
    },

    /** Sets the clips that it is not carried to; returns what they were, or null for a correction that is gone. */
    setLeftOut(correctionId: number, clipIds: readonly number[]): number[] | null {
      const row = sql.get<{ left_out: string }>('SELECT left_out FROM correction WHERE id = ?', correctionId)
      sql.run('UPDATE correction SET left_out = ? WHERE id = ?', JSON.stringify(clipIds), correctionId)
      return row === undefined ? null : fromJson(storedClipIds, row.left_out)
    },

    setRadius(modelId: number, radius: StoredRadius): void {
      sql.run(
        'INSERT OR REPLACE INTO blast_radius (model_id, radius) VALUES (?, ?)',
        modelId,
        JSON.stringify(radius),
      )
    },

    radius(modelId: number): StoredRadius | null {
      const row = sql.get<{ radius: string }>('SELECT radius FROM blast_radius WHERE model_id = ?', modelId)
      return row ? fromJson(storedRadius, row.radius) : null
    },

    putRegressions(rows: readonly StoredRegression[]): void {
      sql.transaction(() => {
        for (const { correctionId, modelId, caption, outcome } of rows) {
          sql.run(
            'INSERT OR REPLACE INTO regression (correction_id, model_id, caption, outcome) VALUES (?, ?, ?, ?)',
            correctionId,
            modelId,
            caption,
            outcome,
          )
        }
      })
    },

    regressions(): StoredRegression[] {
      return sql
        .all<{ correction_id: number; model_id: number; caption: string; outcome: string }>(
          'SELECT * FROM regression ORDER BY correction_id, model_id',
        )
        .map((row) => ({
          correctionId: row.correction_id,
          modelId: row.model_id,
          caption: row.caption,
          outcome: regressionOutcome.parse(row.outcome),
        }))
    },

    /** Deletes corrections of a model that were put aside, so that it can be deleted. */
    forget(parentId: number): void {
      sql.run(`DELETE FROM correction WHERE parent_id = ? AND state IN ('withdrawn', 'discarded')`, parentId)
    },

    /** Deletes the corrections that a version learnt, and all that hangs on them. */
    removeOfModel(modelId: number): void {
      sql.run('DELETE FROM correction WHERE model_id = ?', modelId)
    },
  }
}
