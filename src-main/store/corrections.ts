import * as z from 'zod'
import { captionChange, correction } from '#contract'
import type { Correction } from '#contract'
import { found, fromJson, now } from './sql.ts'
import type { Sql } from './sql.ts'

const ids = z.array(z.number().int())

/** A correction as stored: topics by id, the clip by id. The use case adds names. */
export interface StoredCorrection extends Omit<Correction, 'clip' | 'addTopics' | 'dropTopics'> {
  addTopics: number[]
  dropTopics: number[]
}

interface CorrectionColumns {
  id: number
  state: Correction['state']
  model_id: number
  parent_id: number
  clip_id: number
  add_topics: string
  drop_topics: string
  strength: number
  before: string
  intervened: string
  after: string
  changed: string
  metrics: string
  created_at: string
}

const toCorrection = (row: CorrectionColumns): StoredCorrection => ({
  id: row.id, state: row.state, model: row.model_id, parent: row.parent_id, clipId: row.clip_id,
  addTopics: fromJson(ids, row.add_topics), dropTopics: fromJson(ids, row.drop_topics), strength: row.strength,
  before: row.before, intervened: row.intervened, after: row.after, changed: fromJson(z.array(captionChange), row.changed),
  metrics: fromJson(correction.shape.metrics, row.metrics), createdAt: row.created_at,
})

export type CorrectionRepository = ReturnType<typeof correctionRepository>

export function correctionRepository(sql: Sql) {
  const get = (correctionId: number): StoredCorrection =>
    toCorrection(found(sql.get<CorrectionColumns>('SELECT * FROM correction WHERE id = ?', correctionId), `correction ${correctionId}`))

  return {
    /** Stores a correction in state `proposed`. */
    add(c: Omit<StoredCorrection, 'id' | 'state' | 'createdAt'>): StoredCorrection {
      const { id } = sql.run(
        `INSERT INTO correction (state, model_id, parent_id, clip_id, add_topics, drop_topics, strength, before, intervened, after, changed, metrics, created_at)
         VALUES ('proposed', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        c.model, c.parent, c.clipId, JSON.stringify(c.addTopics), JSON.stringify(c.dropTopics), c.strength, c.before, c.intervened, c.after,
        JSON.stringify(c.changed), JSON.stringify(c.metrics), now(),
      )
      return get(id)
    },

    /** Throws NOT_FOUND. */
    get,

    /** All corrections, newest first. */
    list(): StoredCorrection[] {
      return sql.all<CorrectionColumns>('SELECT * FROM correction ORDER BY id DESC').map(toCorrection)
    },

    setState(correctionId: number, state: Correction['state']): void {
      const { changes } = sql.run('UPDATE correction SET state = ? WHERE id = ?', state, correctionId)
      found(changes || undefined, `correction ${correctionId}`)
    },
  }
}
