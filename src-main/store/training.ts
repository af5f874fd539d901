import * as z from 'zod'
import { trainingPoint } from '#contract'
import type {
  CaptionerKind,
  CaptionerSettings,
  Evaluation,
  External,
  ModelKind,
  ModelRow,
  Split,
  TrainingPoint,
} from '#contract'
import type { CorpusState } from './corpus/clips.ts'
import { failures } from './failures.ts'
import { found, fromJson, now } from './sql.ts'
import type { Sql } from './sql.ts'
import {
  storedCaptionerSettings,
  storedEvaluation,
  storedExternal,
  storedPoint,
  storedTrainingDigests,
} from './stored.ts'

const bestCheckpoint = z.object({ step: z.number(), nll: z.number(), bleu4: z.number(), cider: z.number() })
/** Digests of what a model is trained on, by part. */
export type TrainingDigests = z.infer<typeof storedTrainingDigests>

export interface Model {
  id: number
  parent: number | null
  /** The job that makes it, or made it last. */
  jobId: number | null
  /** The first model of the series that it belongs to. */
  series: number | null
  kind: ModelKind
  origin: ModelRow['origin']
  state: ModelRow['state']
  settings: CaptionerSettings
  seed: number
  /** Ids of its topics in the order of its columns. */
  topics: number[]
  /** By column, the fingerprint that the topic's clips had; null in models of older versions. */
  fingerprints: string[] | null
  /** The features that it reads, or the activations that came with it; null: none came. */
  featureKey: string | null
  frames: number
  /** Null for a model that was not trained itself, and for those of older versions. */
  inputs: TrainingDigests | null
  /** Where its files are, relative to the project folder: `models/ID`. */
  folder: string
  /** Where the checkpoints and logs of its training are, likewise: `runs/ID`. */
  runFolder: string
  /** The device that was asked for; once training has ended, the one that was used. */
  device: string | null
  steps: number | null
  captionsPerSecond: number | null
  seconds: number | null
  neurons: number | null
  best: z.infer<typeof bestCheckpoint> | null
  /** What there was of clips when its own were read. */
  corpusState: CorpusState
  /** A person deleted it: its files are still held, or gone with the emptied trash; null: it is there. */
  trash: 'held' | 'emptied' | null
  trashedAt: string | null
  note: string
  createdAt: string
  /** Of a model of another system; null: it was trained here. */
  external: External | null
}

/** A model that was trained here, so that it can be run. */
export interface Captioner extends Model {
  kind: CaptionerKind
  featureKey: string
  external: null
}

export const isCaptioner = (model: Model): model is Captioner => model.external === null

/** What is known when a model is begun; null where a part does not apply. */
export type NewModel = Pick<
  Model,
  'parent' | 'jobId' | 'kind' | 'origin' | 'settings' | 'seed' | 'topics' | 'featureKey' | 'frames'
> &
  Partial<Pick<Model, 'series' | 'fingerprints' | 'inputs' | 'device' | 'note' | 'corpusState' | 'external'>>

/** What is known when training ends. */
export type FinishedModel = Partial<
  Pick<Model, 'device' | 'steps' | 'settings' | 'captionsPerSecond' | 'seconds' | 'neurons' | 'best'>
> & {
  state: Model['state']
}

interface ModelColumns {
  id: number
  parent_id: number | null
  job_id: number | null
  series: number | null
  kind: ModelKind
  origin: Model['origin']
  state: Model['state']
  settings: string
  seed: number
  topics: string
  fingerprints: string | null
  feature_key: string | null
  frames: number
  inputs: string | null
  device: string | null
  steps: number | null
  captions_per_second: number | null
  seconds: number | null
  neurons: number | null
  best: string | null
  last_clip: number | null
  last_clip_change: number
  trashed_at: string | null
  emptied: 0 | 1
  note: string
  created_at: string
  external: string | null
}

const toModel = (row: ModelColumns): Model => ({
  id: row.id,
  parent: row.parent_id,
  jobId: row.job_id,
  series: row.series,
  kind: row.kind,
  origin: row.origin,
  state: row.state,
  settings: fromJson(storedCaptionerSettings, row.settings),
  seed: row.seed,
  topics: fromJson(z.array(z.number()), row.topics),
  fingerprints: row.fingerprints === null ? null : fromJson(z.array(z.string()), row.fingerprints),
  featureKey: row.feature_key,
  frames: row.frames,
  inputs: row.inputs === null ? null : fromJson(storedTrainingDigests, row.inputs),
  folder: `models/${row.id}`,
  runFolder: `runs/${row.id}`,
  device: row.device,
  steps: row.steps,
  captionsPerSecond: row.captions_per_second,
  seconds: row.seconds,
  neurons: row.neurons,
  best: row.best === null ? null : fromJson(bestCheckpoint, row.best),
  corpusState: { lastClip: row.last_clip, lastChange: row.last_clip_change },
  trash: trashOf(row),
  trashedAt: row.trashed_at,
  note: row.note,
  createdAt: row.created_at,
  external: row.external === null ? null : fromJson(storedExternal, row.external),
})

function trashOf({ trashed_at, emptied }: ModelColumns): Model['trash'] {
  if (trashed_at === null) {
    return null
  }
  return emptied === 1 ? 'emptied' : 'held'
}

export type ModelRepository = ReturnType<typeof modelRepository>

/**
 * Models with their training curves and evaluations. Ids are never reused, so a folder `models/ID` has one
 * meaning for ever.
 */
export function modelRepository(sql: Sql) {
  const get = (modelId: number): Model =>
    toModel(
      found(sql.get<ModelColumns>('SELECT * FROM model WHERE id = ?', modelId), () =>
        failures.modelUnknown({ modelId }),
      ),
    )

  return {
    /** Begins a model in state `training`. */
    add(model: NewModel): Model {
      const { id } = sql.run(
        `INSERT INTO model (parent_id, job_id, series, kind, origin, state, settings, seed, topics, fingerprints, feature_key, frames, inputs, device, last_clip, last_clip_change, note, created_at, external)
         VALUES (?, ?, ?, ?, ?, 'training', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        model.parent,
        model.jobId,
        model.series ?? null,
        model.kind,
        model.origin,
        JSON.stringify(model.settings),
        model.seed,
        JSON.stringify(model.topics),
        model.fingerprints ? JSON.stringify(model.fingerprints) : null,
        model.featureKey,
        model.frames,
        model.inputs ? JSON.stringify(model.inputs) : null,
        model.device ?? null,
        model.corpusState?.lastClip ?? null,
        model.corpusState?.lastChange ?? 0,
        model.note ?? '',
        now(),
        model.external ? JSON.stringify(model.external) : null,
      )
      return get(id)
    },

    /**
     * A run that stopped or failed is in training again, by the job `jobId`; false when it is in another
     * state (by now).
     */
    resume(modelId: number, jobId: number): boolean {
      return (
        sql.run(
          `UPDATE model SET state = 'training', job_id = ?, note = '' WHERE id = ? AND state IN ('stopped', 'failed')`,
          jobId,
          modelId,
        ).changes > 0
      )
    },

    /** Makes the model the first of a series. */
    beginSeries(modelId: number): Model {
      sql.run('UPDATE model SET series = id WHERE id = ?', modelId)
      return get(modelId)
    },

    /** Sets the state and whatever else is given; the rest stays. */
    finish(modelId: number, result: FinishedModel): Model {
      const model = { ...get(modelId), ...result }
      sql.run(
        'UPDATE model SET state = ?, settings = ?, device = ?, steps = ?, captions_per_second = ?, seconds = ?, neurons = ?, best = ? WHERE id = ?',
        model.state,
        JSON.stringify(model.settings),
        model.device,
        model.steps,
        model.captionsPerSecond,
        model.seconds,
        model.neurons,
        model.best && JSON.stringify(model.best),
        modelId,
      )
      return model
    },

    /**
     * A model that came from elsewhere is read with other topics from now on; `fingerprints` and `corpusState` are what there was of
     * them, and of the clips, when that was.
     */
    setTopics(
      modelId: number,
      { topics, fingerprints, corpusState }: Pick<Model, 'topics' | 'fingerprints' | 'corpusState'>,
    ): void {
      sql.run(
        `UPDATE model SET topics = ?, fingerprints = ?, last_clip = ?, last_clip_change = ? WHERE id = ? AND origin = 'imported'`,
        JSON.stringify(topics),
        JSON.stringify(fingerprints),
        corpusState.lastClip,
        corpusState.lastChange,
        modelId,
      )
    },

    setState(modelId: number, state: Model['state']): void {
      const { changes } = sql.run('UPDATE model SET state = ? WHERE id = ?', state, modelId)
      if (changes === 0) {
        throw failures.modelUnknown({ modelId })
      }
    },

    setNote(modelId: number, note: string): void {
      const { changes } = sql.run('UPDATE model SET note = ? WHERE id = ?', note, modelId)
      if (changes === 0) {
        throw failures.modelUnknown({ modelId })
      }
    },

    /** Throws NOT_FOUND. */
    get,

    /** Whether nothing is left of a model but what was said of it, or not even that. */
    isGone: (modelId: number): boolean =>
      sql.get('SELECT 1 FROM model WHERE id = ? AND emptied = 0', modelId) === undefined,

    /** Puts a model in the trash, or takes it out. */
    setTrashed(modelId: number, trashed: boolean): void {
      sql.run(
        'UPDATE model SET trashed_at = iif(?, coalesce(trashed_at, ?), NULL) WHERE id = ?',
        Number(trashed),
        now(),
        modelId,
      )
    },

    /** The trash is emptied of a model: it can't come back, what was said of it stays. */
    setEmptied(modelId: number): void {
      sql.run('UPDATE model SET emptied = 1 WHERE id = ? AND trashed_at IS NOT NULL', modelId)
    },

    /** Models whose files the trash holds (or held, where it was emptied), the latest first. */
    trash(state: 'held' | 'emptied'): Model[] {
      return sql
        .all<ModelColumns>(
          'SELECT * FROM model WHERE trashed_at IS NOT NULL AND emptied = ? ORDER BY trashed_at DESC, id DESC',
          Number(state === 'emptied'),
        )
        .map(toModel)
    },

    /** What is current when the current model goes: the newest interpretive one that is ready, else of any kind. */
    successor(): number | null {
      const row = sql.get<{ id: number }>(
        `SELECT id FROM model WHERE state = 'ready' AND trashed_at IS NULL ORDER BY kind = 'interpretive' DESC, id DESC LIMIT 1`,
      )
      return row?.id ?? null
    },

    /**
     * Deletes a model that never came to be, with its curve, captions, evaluations and neuron map; others of
     * its series stay one. Its id is never used again. What people had in hand goes to the trash in its place.
     */
    remove(modelId: number): void {
      sql.transaction(() => {
        const [next] = sql.all<{ id: number }>(
          'SELECT id FROM model WHERE series = ? AND id <> ? ORDER BY id',
          modelId,
          modelId,
        )
        sql.run('UPDATE model SET series = ? WHERE series = ?', next?.id ?? null, modelId)
        sql.run('DELETE FROM model WHERE id = ?', modelId)
      })
    },

    /** All models but those in the trash, newest first. */
    list(): Model[] {
      return sql
        .all<ModelColumns>('SELECT * FROM model WHERE trashed_at IS NULL ORDER BY id DESC')
        .map(toModel)
    },

    /** The models of a series but those in the trash, oldest first. */
    ofSeries(series: number): Model[] {
      return sql
        .all<ModelColumns>('SELECT * FROM model WHERE series = ? AND trashed_at IS NULL ORDER BY id', series)
        .map(toModel)
    },

    /** How many models are ready. */
    count(): number {
      return sql.get<{ n: number }>(
        `SELECT count(*) AS n FROM model WHERE state = 'ready' AND trashed_at IS NULL`,
      )!.n
    },

    /**
     * Adds the next point of the curve; false when it is known. Those at its step and later make way: the run
     * went back to a checkpoint.
     */
    addPoint(modelId: number, point: TrainingPoint): boolean {
      const text = JSON.stringify(trainingPoint.parse(point))
      return sql.transaction(() => {
        const known = sql.get<{ point: string }>(
          'SELECT point FROM training_point WHERE model_id = ? AND step = ?',
          modelId,
          point.step,
        )
        if (known?.point === text) {
          return false
        }
        sql.run('DELETE FROM training_point WHERE model_id = ? AND step >= ?', modelId, point.step)
        sql.run(
          'INSERT INTO training_point (model_id, step, point) VALUES (?, ?, ?)',
          modelId,
          point.step,
          text,
        )
        return true
      })
    },

    /** The training curve by step. */
    points(modelId: number): TrainingPoint[] {
      return sql
        .all<{ point: string }>('SELECT point FROM training_point WHERE model_id = ? ORDER BY step', modelId)
        .map((row) => fromJson(storedPoint, row.point))
    },

    /** `averagePrecision`: of each topic column, null where undefined; null for a model without topics. */
    setEvaluation(modelId: number, result: Evaluation, averagePrecision: (number | null)[] | null): void {
      sql.run(
        'INSERT OR REPLACE INTO evaluation (model_id, split, evaluation, average_precision) VALUES (?, ?, ?, ?)',
        modelId,
        result.split,
        JSON.stringify(result),
        averagePrecision && JSON.stringify(averagePrecision),
      )
    },

    evaluations(modelId: number): Evaluation[] {
      return sql
        .all<{ evaluation: string }>(
          'SELECT evaluation FROM evaluation WHERE model_id = ? ORDER BY split',
          modelId,
        )
        .map((row) => fromJson(storedEvaluation, row.evaluation))
    },

    /** Average precision by topic column on a split, or null when it was not measured. */
    averagePrecision(modelId: number, split: Split): (number | null)[] | null {
      const row = sql.get<{ average_precision: string | null }>(
        'SELECT average_precision FROM evaluation WHERE model_id = ? AND split = ?',
        modelId,
        split,
      )
      return row?.average_precision == null
        ? null
        : fromJson(z.array(z.number().nullable()), row.average_precision)
    },
  }
}
