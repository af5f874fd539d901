import * as z from 'zod'
import type { CaptionerSettings, PlannedRun, SweepFigures } from '#contract'
import { failures } from './failures.ts'
import { found, fromJson, now } from './sql.ts'
import type { Sql } from './sql.ts'
import { storedCaptionerSettings, storedSweepFigures, storedTrainingDigests } from './stored.ts'
import type { TrainingDigests } from './training.ts'

/** What all runs of a sweep have in common. */
export interface StoredSweep {
  id: number
  inputs: TrainingDigests
  featureKey: string
  /** Ids of the topics in the order of the models' columns. */
  topics: number[]
  /** The device that was asked for. */
  device: string
  jobId: number | null
  trashed: boolean
  createdAt: string
}

export interface StoredSweepRun {
  place: number
  kind: PlannedRun['kind']
  settings: CaptionerSettings
  seed: number
  modelId: number | null
  figures: SweepFigures | null
  failure: string | null
}

interface SweepColumns {
  id: number
  inputs: string
  feature_key: string
  topics: string
  device: string
  job_id: number | null
  trashed_at: string | null
  created_at: string
}

interface RunColumns {
  place: number
  kind: StoredSweepRun['kind']
  settings: string
  seed: number
  model_id: number | null
  figures: string | null
  failure: string | null
}

const toSweep = (row: SweepColumns): StoredSweep => ({
  id: row.id,
  inputs: fromJson(storedTrainingDigests, row.inputs),
  featureKey: row.feature_key,
  topics: fromJson(z.array(z.number()), row.topics),
  device: row.device,
  jobId: row.job_id,
  trashed: row.trashed_at !== null,
  createdAt: row.created_at,
})

const toRun = (row: RunColumns): StoredSweepRun => ({
  place: row.place,
  kind: row.kind,
  settings: fromJson(storedCaptionerSettings, row.settings),
  seed: row.seed,
  modelId: row.model_id,
  figures: row.figures === null ? null : fromJson(storedSweepFigures, row.figures),
  failure: row.failure,
})

export type SweepRepository = ReturnType<typeof sweepRepository>

/** Sweeps: captioners that were trained alike but for some settings, with what each was found to be. */
export function sweepRepository(sql: Sql) {
  const get = (sweepId: number): StoredSweep =>
    toSweep(
      found(sql.get<SweepColumns>('SELECT * FROM sweep WHERE id = ?', sweepId), () =>
        failures.sweepUnknown({ sweepId }),
      ),
    )

  return {
    /** Writes a sweep down before anything of it is trained; returns its id. */
    add(
      sweep: Pick<StoredSweep, 'inputs' | 'featureKey' | 'topics' | 'device'>,
      runs: readonly PlannedRun[],
    ): number {
      return sql.transaction(() => {
        const { id } = sql.run(
          'INSERT INTO sweep (inputs, feature_key, topics, device, created_at) VALUES (?, ?, ?, ?, ?)',
          JSON.stringify(sweep.inputs),
          sweep.featureKey,
          JSON.stringify(sweep.topics),
          sweep.device,
          now(),
        )
        runs.forEach(({ kind, settings, seed }, place) => {
          sql.run(
            'INSERT INTO sweep_run (sweep_id, place, kind, settings, seed) VALUES (?, ?, ?, ?, ?)',
            id,
            place,
            kind,
            JSON.stringify(settings),
            seed,
          )
        })
        return id
      })
    },

    /** Throws NOT_FOUND. */
    get,

    /** All but those in the trash, newest first. */
    list(): StoredSweep[] {
      return sql
        .all<SweepColumns>('SELECT * FROM sweep WHERE trashed_at IS NULL ORDER BY id DESC')
        .map(toSweep)
    },

    /** In the order of training. */
    runs(sweepId: number): StoredSweepRun[] {
      return sql
        .all<RunColumns>('SELECT * FROM sweep_run WHERE sweep_id = ? ORDER BY place', sweepId)
        .map(toRun)
    },

    /** The sweep that each of the models was trained in, by model. */
    ofModels(): Map<number, number> {
      const rows = sql.all<{ model_id: number; sweep_id: number }>(
        'SELECT model_id, sweep_id FROM sweep_run WHERE model_id IS NOT NULL',
      )
      return new Map(rows.map((row) => [row.model_id, row.sweep_id]))
    },

    /** The sweep that a model was trained in; null: none. */
    ofModel(modelId: number): number | null {
      const row = sql.get<{ sweep_id: number }>('SELECT sweep_id FROM sweep_run WHERE model_id = ?', modelId)
      return row?.sweep_id ?? null
    },

    /** A job goes to work on a sweep. */
    setJob(sweepId: number, jobId: number): void {
      sql.run('UPDATE sweep SET job_id = ? WHERE id = ?', jobId, sweepId)
    },

    /** The model that a run trains; null: none any more. */
    setModel(sweepId: number, place: number, modelId: number | null): void {
      sql.run('UPDATE sweep_run SET model_id = ? WHERE sweep_id = ? AND place = ?', modelId, sweepId, place)
    },

    setFigures(sweepId: number, place: number, figures: SweepFigures): void {
      sql.run(
        'UPDATE sweep_run SET figures = ? WHERE sweep_id = ? AND place = ?',
        JSON.stringify(storedSweepFigures.parse(figures)),
        sweepId,
        place,
      )
    },

    setFailure(sweepId: number, place: number, failure: string): void {
      sql.run('UPDATE sweep_run SET failure = ? WHERE sweep_id = ? AND place = ?', failure, sweepId, place)
    },

    /** Puts a sweep in the trash, or takes it out; returns whether it was there. Throws NOT_FOUND. */
    setTrashed(sweepId: number, trashed: boolean): boolean {
      const { trashed: before } = get(sweepId)
      sql.run(
        'UPDATE sweep SET trashed_at = iif(?, coalesce(trashed_at, ?), NULL) WHERE id = ?',
        Number(trashed),
        now(),
        sweepId,
      )
      return before
    },
  }
}
