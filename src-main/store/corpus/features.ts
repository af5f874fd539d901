import * as z from 'zod'
import type { Split } from '#contract'
import { fromJson } from '../sql.ts'
import type { Sql } from '../sql.ts'
import { evenTimes, joinFeatures } from './joined-features.ts'
import type { ClipFeature, FeaturePart, StoredFeatures } from './joined-features.ts'

/**
 * Features of one video: an .npy file of [frames x cells^2, dimension] (common/cells.ts). `key` names the encoder (with its checksum) and
 * the settings that made them; with the content hash of the video it is the whole identity, so clips that
 * hold the same video share them, and clips outside the project (action recognition) may use the table too.
 * Features that were computed elsewhere belong to a clip, whatever its video is, if it has one: `contentHash` is
 * what `ownContent` makes of it.
 */
export interface Feature {
  key: string
  contentHash: string
  /** Relative to the project folder. */
  path: string
  frames: number
  dimension: number
  /** Times in seconds of the frames that the encoder saw; empty where nobody knows them. */
  frameTimes: number[]
  sha256: string
  /** Bytes of the file, and its time of change in whole milliseconds, when the checksum was last known to be right. */
  size: number | null
  modified: number | null
}

/** What tells whether a feature's file is as it was written. */
export type FeatureSeal = Pick<Feature, 'key' | 'contentHash' | 'path' | 'sha256' | 'size' | 'modified'>

interface FeatureColumns {
  key: string
  content_hash: string
  path: string
  frames: number
  dimension: number
  frame_times: string
  sha256: string
  size: number | null
  modified: number | null
}

const toFeature = (row: FeatureColumns): Feature => ({
  key: row.key,
  contentHash: row.content_hash,
  path: row.path,
  frames: row.frames,
  dimension: row.dimension,
  frameTimes: fromJson(z.array(z.number()), row.frame_times),
  sha256: row.sha256,
  size: row.size,
  modified: row.modified,
})

/** The key of a set that is joined of others tells which: no other key has the sign between them. */
export const joinedKey = (keys: readonly string[]): string => keys.join('+')

/** The keys of the sets whose values a set consists of, in their order: its own, where it is not joined. */
export const partKeys = (key: string): string[] => key.split('+')

/** What stands for the content of a clip whose features were computed elsewhere. */
export const ownContent = (clipId: number): string => `clip-${clipId}`

/** Whether features were computed elsewhere: nothing here can compute them again. */
export const isOwnContent = (contentHash: string): boolean => contentHash.startsWith('clip-')

/** Joins `feature` to a `clip`: by its content, or as what belongs to the clip itself. */
const OF_CLIP = "feature.content_hash IN (clip.content_hash, 'clip-' || clip.id)"

/** The condition that a `clip` has features of a set, and the values of its placeholders. */
export function hasFeatures(key: string): { condition: string; values: string[] } {
  const values = partKeys(key)
  const one = `EXISTS (SELECT 1 FROM feature WHERE feature.key = ? AND ${OF_CLIP})`
  return { condition: values.map(() => one).join(' AND '), values }
}

interface ClipFeatureColumns extends Pick<
  FeatureColumns,
  'content_hash' | 'path' | 'sha256' | 'frames' | 'dimension'
> {
  clip_id: number
  cells: number
  frame_times: string
  duration: number | null
}

const toStored = (row: ClipFeatureColumns): StoredFeatures => {
  const times = fromJson(z.array(z.number()), row.frame_times)
  return {
    ...row,
    frameTimes: times.length > 0 ? times : evenTimes(row.frames, row.duration),
    areTimesGiven: times.length > 0 && isOwnContent(row.content_hash),
  }
}

/** The clips that are asked for: a table that is called `clip`, with the value of its placeholder. */
interface ClipChoice {
  from: string
  value: number | Split | null
}

const oneClip = (clipId: number): ClipChoice => ({
  from: '(SELECT * FROM clip WHERE id = ?) AS clip',
  value: clipId,
})

/** Null: of all. */
const clipsOf = (split: Split | null): ClipChoice => ({
  from:
    split === null
      ? '(SELECT * FROM present_clip WHERE ? IS NULL) AS clip'
      : '(SELECT * FROM present_clip WHERE split = ?) AS clip',
  value: split,
})

export type FeatureRepository = ReturnType<typeof featureRepository>

export function featureRepository(sql: Sql) {
  const rowsOf = (key: string, { from, value }: ClipChoice): ClipFeatureColumns[] =>
    sql.all(
      `SELECT clip.id AS clip_id, clip.duration, feature.content_hash, feature.path, feature.sha256, feature.frames, feature.dimension,
         feature.frame_times,
         coalesce((SELECT json_extract(origin, '$.cells') FROM feature_set WHERE feature_set.key = feature.key), 1) AS cells
       FROM ${from} JOIN feature ON feature.key = ? AND ${OF_CLIP} ORDER BY clip.id`,
      value,
      key,
    )
  /** The features of clips that have those of all parts of a set, by clip. */
  const ofClips = (key: string, where: ClipChoice): Map<number, ClipFeatureColumns[]> => {
    const [first = [], ...others] = partKeys(key).map((part) => rowsOf(part, where))
    const byClip = others.map((rows) => new Map(rows.map((row) => [row.clip_id, row])))
    const found = first.map((row) => [row, ...byClip.flatMap((rows) => rows.get(row.clip_id) ?? [])])
    return new Map(
      found.filter((rows) => rows.length > others.length).map((rows) => [rows[0]!.clip_id, rows]),
    )
  }

  return {
    put(feature: Feature): void {
      sql.run(
        `INSERT OR REPLACE INTO feature (key, content_hash, path, frames, dimension, frame_times, sha256, size, modified)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        feature.key,
        feature.contentHash,
        feature.path,
        feature.frames,
        feature.dimension,
        JSON.stringify(feature.frameTimes),
        feature.sha256,
        feature.size,
        feature.modified,
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

    /** A clip's features of a set; null: it has none, or not of all parts of a joined one. */
    forClip(key: string, clipId: number): ClipFeature | null {
      const rows = ofClips(key, oneClip(clipId)).get(clipId)
      return rows === undefined ? null : joinFeatures(rows.map(toStored))
    },

    /** The files of the features of a split's clips (null: of all), by clip id; clips without features are left out. */
    paths(
      key: string,
      split: Split | null = null,
    ): { clipId: number; dimension: number; parts: FeaturePart[] }[] {
      return Array.from(ofClips(key, clipsOf(split)), ([clipId, rows]) => {
        const [only] = rows as [ClipFeatureColumns]
        // The times of one set alone are of no use here, and many to read.
        const { dimension, parts } =
          rows.length > 1
            ? joinFeatures(rows.map(toStored))
            : { dimension: only.dimension, parts: [{ path: only.path, sha256: only.sha256, rows: null }] }
        return { clipId, dimension, parts }
      })
    },

    /** What tells whether files are as they were written, of a set or of all. */
    seals(key: string | null = null): FeatureSeal[] {
      return sql.all(
        `SELECT key, content_hash AS contentHash, path, sha256, size, modified FROM feature
         WHERE ? IS NULL OR key IN (SELECT value FROM json_each(?)) ORDER BY key, content_hash`,
        key,
        JSON.stringify(key === null ? [] : partKeys(key)),
      )
    },

    /** The keys of which there are features, with how many. */
    keys(): { key: string; files: number }[] {
      return sql.all('SELECT key, count(*) AS files FROM feature GROUP BY key ORDER BY key')
    },

    /** Notes that files were found to be as they were written. */
    confirm(seals: readonly FeatureSeal[]): void {
      sql.transaction(() => {
        for (const { size, modified, key, contentHash } of seals) {
          sql.run(
            'UPDATE feature SET size = ?, modified = ? WHERE key = ? AND content_hash = ?',
            size,
            modified,
            key,
            contentHash,
          )
        }
      })
    },

    /** Takes features out, so that they count as missing and are computed again. Returns how many there were. */
    forget(features: readonly Pick<Feature, 'key' | 'contentHash'>[]): number {
      return sql.transaction(() =>
        features.reduce(
          (sum, { key, contentHash }) =>
            sum + sql.run('DELETE FROM feature WHERE key = ? AND content_hash = ?', key, contentHash).changes,
          0,
        ),
      )
    },

    /**
     * The same of one file, relative to the project folder, that was damaged without a sign: all others of its
     * key are read again before they are trusted.
     */
    forgetFile(path: string): void {
      sql.transaction(() => {
        sql.run(
          'UPDATE feature SET modified = NULL WHERE key IN (SELECT key FROM feature WHERE path = ?)',
          path,
        )
        sql.run('DELETE FROM feature WHERE path = ?', path)
      })
    },

    /** The same of all with a key. */
    forgetKey(key: string): number {
      return sql.run('DELETE FROM feature WHERE key = ?', key).changes
    },

    /** Frames of a split's longest clip, by the features of a set; null: it has none. */
    longest(key: string, split: Split): number | null {
      const { from, value } = clipsOf(split)
      return sql.get<{ frames: number | null }>(
        `SELECT max(feature.frames) AS frames FROM ${from} JOIN feature ON feature.key = ? AND ${OF_CLIP}`,
        value,
        partKeys(key)[0] ?? key,
      )!.frames
    },

    /** How many clips have features of a set. */
    count(key: string): number {
      const { condition, values } = hasFeatures(key)
      return sql.get<{ n: number }>(
        `SELECT count(*) AS n FROM present_clip AS clip WHERE ${condition}`,
        ...values,
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
