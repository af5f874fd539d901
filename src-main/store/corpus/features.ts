import * as z from 'zod'
import type { Split } from '#contract'
import { fromJson } from '../sql.ts'
import type { Sql } from '../sql.ts'

/**
 * Features of one video: an .npy file of [frames, dimension]. `key` names the encoder (with its checksum) and
 * the settings that made them; with the content hash of the video it is the whole identity, so clips that
 * hold the same video share them, and clips outside the project (action recognition) may use the table too.
 */
export interface Feature {
  key: string
  contentHash: string
  /** Relative to the project folder. */
  path: string
  frames: number
  dimension: number
  /** Times in seconds of the frames that the encoder saw. */
  frameTimes: number[]
  sha256: string
}

interface FeatureColumns {
  key: string
  content_hash: string
  path: string
  frames: number
  dimension: number
  frame_times: string
  sha256: string
}

const toFeature = (row: FeatureColumns): Feature => ({
  key: row.key,
  contentHash: row.content_hash,
  path: row.path,
  frames: row.frames,
  dimension: row.dimension,
  frameTimes: fromJson(z.array(z.number()), row.frame_times),
  sha256: row.sha256,
})

export function featureRepository(sql: Sql) {
  return {
    put(feature: Feature): void {
      sql.run(
        `INSERT OR REPLACE INTO feature (key, content_hash, path, frames, dimension, frame_times, sha256) VALUES (?, ?, ?, ?, ?, ?, ?)`,
        feature.key,
        feature.contentHash,
        feature.path,
        feature.frames,
        feature.dimension,
        JSON.stringify(feature.frameTimes),
        feature.sha256,
      )
    },

    get(key: string, contentHash: string): Feature | null {
      const row = sql.get<FeatureColumns>(
        'SELECT * FROM feature WHERE key = ? AND content_hash = ?',
        key,
        contentHash,
      )
      return row ? toFeature(row) : null
    },

    forClip(key: string, clipId: number): Feature | null {
      const row = sql.get<FeatureColumns>(
        'SELECT feature.* FROM clip JOIN feature ON feature.key = ? AND feature.content_hash = clip.content_hash WHERE clip.id = ?',
        key,
        clipId,
      )
      return row ? toFeature(row) : null
    },

    /**
     * The feature files of a split's clips (null: of all), by clip id; clips without features are left out.
     */
    paths(key: string, split: Split | null = null): { clipId: number; path: string; dimension: number }[] {
      return sql.all(
        `SELECT clip.id AS clipId, feature.path, feature.dimension
         FROM present_clip AS clip JOIN feature ON feature.key = ? AND feature.content_hash = clip.content_hash
         WHERE ? IS NULL OR split = ? ORDER BY clip.id`,
        key,
        split,
        split,
      )
    },

    /** How many clips have features of this key. */
    count(key: string): number {
      return sql.get<{ n: number }>(
        'SELECT count(*) AS n FROM present_clip AS clip WHERE EXISTS (SELECT 1 FROM feature WHERE key = ? AND content_hash = clip.content_hash)',
        key,
      )!.n
    },

    /**
     * Ids of clips that have a media file and no features of this key yet; those that could not be read at an
     * earlier try, too.
     */
    missing(key: string): number[] {
      return sql
        .all<{ id: number }>(
          `SELECT id FROM present_clip AS clip WHERE content_hash IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM feature WHERE key = ? AND content_hash = clip.content_hash) ORDER BY id`,
          key,
        )
        .map((row) => row.id)
    },
  }
}
