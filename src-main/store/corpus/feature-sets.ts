import type * as z from 'zod'
import { failures } from '../failures.ts'
import { found, fromJson, now } from '../sql.ts'
import type { Sql } from '../sql.ts'
import { storedFeatureOrigin } from '../stored.ts'
import { partKeys } from './features.ts'
import type { FeatureRepository } from './features.ts'

/** Features of one making; those of each clip are rows of `feature` with its key. */
export interface FeatureSet {
  key: string
  title: string
  origin: z.output<typeof storedFeatureOrigin>
  /** Frames of a clip, at most. */
  frames: number
  /** Values of a frame. */
  dimension: number
  createdAt: string
  removed: boolean
}

/** Rows and columns that the frames of a set are cut into. */
export const cellsOfOrigin = (origin: FeatureSet['origin']): number =>
  origin.kind === 'encoder' ? origin.cells : 1

/** A set with what the project has of it. */
export type ListedFeatureSet = FeatureSet & {
  /** Clips that have such features. */
  clips: number
  /** On the disk; files that were not looked at yet count as nothing. */
  bytes: number
}

interface FeatureSetColumns {
  key: string
  title: string
  origin: string
  frames: number
  dimension: number
  created_at: string
  removed: 0 | 1
}

const toFeatureSet = (row: FeatureSetColumns): FeatureSet => ({
  key: row.key,
  title: row.title,
  origin: fromJson(storedFeatureOrigin, row.origin),
  frames: row.frames,
  dimension: row.dimension,
  createdAt: row.created_at,
  removed: row.removed === 1,
})

export type FeatureSetRepository = ReturnType<typeof featureSetRepository>

export function featureSetRepository(sql: Sql, features: Pick<FeatureRepository, 'count'>) {
  const find = (key: string): FeatureSet | null => {
    const row = sql.get<FeatureSetColumns>('SELECT * FROM feature_set WHERE key = ?', key)
    return row ? toFeatureSet(row) : null
  }
  const get = (key: string): FeatureSet =>
    found(find(key) ?? undefined, () => failures.featuresUnknown({ key }))

  return {
    find,

    /** Throws NOT_FOUND. */
    get,

    /** Rows and columns that the frames of a set, or of the parts that it is joined of, are cut into. */
    cellsOf: (key: string): number =>
      Math.max(...partKeys(key).map((part) => cellsOfOrigin(get(part).origin))),

    /** A set that is made again is there again, with its title of today. */
    put(set: Omit<FeatureSet, 'createdAt' | 'removed'>): void {
      sql.run(
        `INSERT INTO feature_set (key, title, origin, frames, dimension, created_at) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (key) DO UPDATE SET
           title = excluded.title, origin = excluded.origin, frames = excluded.frames,
           dimension = excluded.dimension, removed = 0`,
        set.key,
        set.title,
        JSON.stringify(storedFeatureOrigin.parse(set.origin)),
        set.frames,
        set.dimension,
        now(),
      )
    },

    /** Those that people see, latest first. */
    list(): ListedFeatureSet[] {
      return sql
        .all<FeatureSetColumns & { bytes: number }>(
          `SELECT feature_set.*,
             (SELECT coalesce(sum(size), 0) FROM feature WHERE feature.key = feature_set.key) AS bytes
           FROM feature_set WHERE removed = 0 ORDER BY created_at DESC, key`,
        )
        .map(({ bytes, ...row }) => ({ ...toFeatureSet(row), clips: features.count(row.key), bytes }))
    },

    /** Returns what it was before. Throws NOT_FOUND. */
    setRemoved(key: string, removed: boolean): boolean {
      const before = get(key).removed
      sql.run('UPDATE feature_set SET removed = ? WHERE key = ?', removed ? 1 : 0, key)
      return before
    },
  }
}
