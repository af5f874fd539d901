import * as z from 'zod'
import { captionerSettings, evaluation, trainingPoint } from '#contract'
import type { CaptionerSettings, Evaluation, ModelKind, ModelRow, Split, TrainingPoint } from '#contract'
import { found, fromJson, now } from './sql.ts'
import type { Sql } from './sql.ts'

const best = z.object({ step: z.number(), nll: z.number(), bleu4: z.number(), cider: z.number() })

export interface Model {
  id: number
  parent: number | null
  kind: ModelKind
  origin: ModelRow['origin']
  state: ModelRow['state']
  settings: CaptionerSettings
  seed: number
  /** Ids of its topics in the order of its columns. */
  topics: number[]
  featureKey: string
  frames: number
  /** Where its files are, relative to the project folder: `models/ID`. */
  folder: string
  device: string | null
  steps: number | null
  captionsPerSecond: number | null
  seconds: number | null
  neurons: number | null
  best: z.infer<typeof best> | null
  note: string
  createdAt: string
}

/** What is known when a model is begun. `jobId`: the job that makes it; a model whose job was interrupted has failed. */
export interface NewModel {
  parent: number | null
  jobId: number | null
  kind: ModelKind
  origin: Model['origin']
  settings: CaptionerSettings
  seed: number
  topics: number[]
  featureKey: string
  frames: number
  note?: string
}

/** What is known when training ends. */
export type FinishedModel = Partial<Pick<Model, 'device' | 'steps' | 'captionsPerSecond' | 'seconds' | 'neurons' | 'best'>> & {
  state: Model['state']
}

interface ModelColumns {
  id: number
  parent_id: number | null
  kind: ModelKind
  origin: Model['origin']
  state: Model['state']
  settings: string
  seed: number
  topics: string
  feature_key: string
  frames: number
  device: string | null
  steps: number | null
  captions_per_second: number | null
  seconds: number | null
  neurons: number | null
  best: string | null
  note: string
  created_at: string
}

const toModel = (row: ModelColumns): Model => ({
  id: row.id, parent: row.parent_id, kind: row.kind, origin: row.origin, state: row.state,
  settings: fromJson(captionerSettings, row.settings), seed: row.seed, topics: fromJson(z.array(z.number()), row.topics),
  featureKey: row.feature_key, frames: row.frames, folder: `models/${row.id}`, device: row.device, steps: row.steps,
  captionsPerSecond: row.captions_per_second, seconds: row.seconds, neurons: row.neurons,
  best: row.best === null ? null : fromJson(best, row.best), note: row.note, createdAt: row.created_at,
})

export type ModelRepository = ReturnType<typeof modelRepository>

/** Models with their training curves and evaluations. Ids are never reused, so a folder `models/ID` has one meaning for ever. */
export function modelRepository(sql: Sql) {
  const get = (modelId: number): Model => toModel(found(sql.get<ModelColumns>('SELECT * FROM model WHERE id = ?', modelId), `model ${modelId}`))

  return {
    /** Begins a model in state `training`. */
    add(model: NewModel): Model {
      const { id } = sql.run(
        `INSERT INTO model (parent_id, job_id, kind, origin, state, settings, seed, topics, feature_key, frames, note, created_at)
         VALUES (?, ?, ?, ?, 'training', ?, ?, ?, ?, ?, ?, ?)`,
        model.parent, model.jobId, model.kind, model.origin, JSON.stringify(model.settings), model.seed, JSON.stringify(model.topics),
        model.featureKey, model.frames, model.note ?? '', now(),
      )
      return get(id)
    },

    /** Sets the state and whatever else is given; the rest stays. */
    finish(modelId: number, result: FinishedModel): Model {
      const model = { ...get(modelId), ...result }
      sql.run(
        'UPDATE model SET state = ?, device = ?, steps = ?, captions_per_second = ?, seconds = ?, neurons = ?, best = ? WHERE id = ?',
        model.state, model.device, model.steps, model.captionsPerSecond, model.seconds, model.neurons,
        model.best && JSON.stringify(model.best), modelId,
      )
      return model
    },

    setState(modelId: number, state: Model['state']): void {
      const { changes } = sql.run('UPDATE model SET state = ? WHERE id = ?', state, modelId)
      found(changes || undefined, `model ${modelId}`)
    },

    setNote(modelId: number, note: string): void {
      const { changes } = sql.run('UPDATE model SET note = ? WHERE id = ?', note, modelId)
      found(changes || undefined, `model ${modelId}`)
    },

    /** Throws NOT_FOUND. */
    get,

    /** All models, newest first. */
    list(): Model[] {
      return sql.all<ModelColumns>('SELECT * FROM model ORDER BY id DESC').map(toModel)
    },

    /** How many models are ready. */
    count(): number {
      return sql.get<{ n: number }>(`SELECT count(*) AS n FROM model WHERE state = 'ready'`)!.n
    },

    addPoint(modelId: number, point: TrainingPoint): void {
      sql.run('INSERT OR REPLACE INTO training_point (model_id, step, point) VALUES (?, ?, ?)', modelId, point.step, JSON.stringify(point))
    },

    /** The training curve by step. */
    points(modelId: number): TrainingPoint[] {
      return sql.all<{ point: string }>('SELECT point FROM training_point WHERE model_id = ? ORDER BY step', modelId)
        .map((row) => fromJson(trainingPoint, row.point))
    },

    /** `averagePrecision`: of each topic column, null where undefined; null for a model without topics. */
    setEvaluation(modelId: number, result: Evaluation, averagePrecision: (number | null)[] | null): void {
      sql.run(
        'INSERT OR REPLACE INTO evaluation (model_id, split, evaluation, average_precision) VALUES (?, ?, ?, ?)',
        modelId, result.split, JSON.stringify(result), averagePrecision && JSON.stringify(averagePrecision),
      )
    },

    evaluations(modelId: number): Evaluation[] {
      return sql.all<{ evaluation: string }>('SELECT evaluation FROM evaluation WHERE model_id = ? ORDER BY split', modelId)
        .map((row) => fromJson(evaluation, row.evaluation))
    },

    /** Average precision by topic column on a split, or null when it was not measured. */
    averagePrecision(modelId: number, split: Split): (number | null)[] | null {
      const row = sql.get<{ average_precision: string | null }>('SELECT average_precision FROM evaluation WHERE model_id = ? AND split = ?', modelId, split)
      return row?.average_precision == null ? null : fromJson(z.array(z.number().nullable()), row.average_precision)
    },
  }
}
