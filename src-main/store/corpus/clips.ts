import type { Split } from '#contract'
import { failures } from '../failures.ts'
import { found } from '../sql.ts'
import type { Sql, SqlValue } from '../sql.ts'
import type { CaptionRepository, CaptionSummary } from './captions.ts'
import { clipFilter } from './search.ts'

/** What is known of a clip's media file; all null for a clip without one. */
export interface ClipMedia {
  /** As stored: see paths.ts. */
  path: string | null
  contentHash: string | null
  /** seconds */
  duration: number | null
  fps: number | null
  frameCount: number | null
  width: number | null
  height: number | null
  codec: string | null
  /** Whether a browser plays the file itself; null: not known. */
  playable: boolean | null
  /** Why the clip can't be used, in a sentence. */
  problem: string | null
}

/** Of a clip that has captions only. */
export const NO_MEDIA: ClipMedia = {
  path: null,
  contentHash: null,
  duration: null,
  fps: null,
  frameCount: null,
  width: null,
  height: null,
  codec: null,
  playable: null,
  problem: null,
}

export interface Clip extends ClipMedia {
  id: number
  name: string
  split: Split
}

export interface ImportedClip extends ClipMedia {
  name: string
  split: Split
  captions: string[]
}

/** A row of the corpus list. */
export interface ListedClip extends Clip, CaptionSummary {
  hasFeatures: boolean
}

interface ClipColumns {
  id: number
  name: string
  split: Split
  path: string | null
  content_hash: string | null
  duration: number | null
  fps: number | null
  frame_count: number | null
  width: number | null
  height: number | null
  codec: string | null
  playable: 0 | 1 | null
  problem: string | null
}

const COLUMNS =
  'id, name, split, path, content_hash, duration, fps, frame_count, width, height, codec, playable, problem'

function toClip(row: ClipColumns): Clip {
  return {
    id: row.id,
    name: row.name,
    split: row.split,
    path: row.path,
    contentHash: row.content_hash,
    duration: row.duration,
    fps: row.fps,
    frameCount: row.frame_count,
    width: row.width,
    height: row.height,
    codec: row.codec,
    playable: row.playable === null ? null : row.playable === 1,
    problem: row.problem,
  }
}

const mediaValues = (media: ClipMedia): SqlValue[] => [
  media.path,
  media.contentHash,
  media.duration,
  media.fps,
  media.frameCount,
  media.width,
  media.height,
  media.codec,
  media.playable === null ? null : Number(media.playable),
  media.problem,
]

/** Clips: their names, splits and media files. */
export function clipRepository(sql: Sql, captions: CaptionRepository) {
  const insert = (clip: ImportedClip): number =>
    sql.run(
      `INSERT INTO clip (name, split, path, content_hash, duration, fps, frame_count, width, height, codec, playable, problem)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      clip.name,
      clip.split,
      ...mediaValues(clip),
    ).id

  const update = (clipId: number, clip: ImportedClip): void => {
    sql.run(
      `UPDATE clip SET split = ?, path = ?, content_hash = ?, duration = ?, fps = ?, frame_count = ?, width = ?, height = ?,
       codec = ?, playable = ?, problem = ? WHERE id = ?`,
      clip.split,
      ...mediaValues(clip),
      clipId,
    )
  }

  return {
    /**
     * Adds clips, or brings those of the same name up to date; all or none. Human captions are replaced by
     * the given ones where they differ; a reviewer's captions stay. Many thousand at once block the process:
     * hand them over in batches.
     */
    import(clips: readonly ImportedClip[]): { added: number; updated: number } {
      return sql.transaction(() => {
        let added = 0
        for (const clip of clips) {
          const known = sql.get<{ id: number }>('SELECT id FROM clip WHERE name = ?', clip.name)
          if (known === undefined) {
            added++
            captions.addHuman(insert(clip), clip.captions)
          } else {
            update(known.id, clip)
            captions.replaceHuman(known.id, clip.captions)
          }
        }
        return { added, updated: clips.length - added }
      })
    },

    /** Throws NOT_FOUND. */
    get(clipId: number): Clip {
      return toClip(
        found(sql.get<ClipColumns>(`SELECT ${COLUMNS} FROM clip WHERE id = ?`, clipId), () =>
          failures.clipUnknown({ clipId }),
        ),
      )
    },

    byName(name: string): Clip | null {
      const row = sql.get<ClipColumns>(`SELECT ${COLUMNS} FROM clip WHERE name = ?`, name)
      return row ? toClip(row) : null
    },

    /** All clips of a split (null: of all), by id. */
    all(split: Split | null = null): Clip[] {
      return sql
        .all<ClipColumns>(
          `SELECT ${COLUMNS} FROM present_clip WHERE ? IS NULL OR split = ? ORDER BY id`,
          split,
          split,
        )
        .map(toClip)
    },

    /** One page of the corpus by name, and how many clips match in all (see `clipFilter`). */
    list(query: {
      search: string
      split: Split | null
      offset: number
      limit: number
      featureKey: string | null
    }): { total: number; rows: ListedClip[] } {
      const { where, values } = clipFilter(query.search, query.split)
      const { total } = sql.get<{ total: number }>(
        `SELECT count(*) AS total FROM present_clip ${where}`,
        ...values,
      )!
      const rows = sql.all<ClipColumns & { has_features: 0 | 1 }>(
        `SELECT ${COLUMNS},
           EXISTS (SELECT 1 FROM feature WHERE key = ? AND content_hash = clip.content_hash) AS has_features
         FROM present_clip AS clip ${where} ORDER BY name LIMIT ? OFFSET ?`,
        query.featureKey,
        ...values,
        query.limit,
        query.offset,
      )
      const summaries = captions.summaries(rows.map(({ id }) => id))
      return {
        total,
        rows: rows.map((row) => ({
          ...toClip(row),
          ...(summaries.get(row.id) ?? { captionCount: 0, firstCaption: null }),
          hasFeatures: row.has_features === 1,
        })),
      }
    },

    /** How many clips there are. */
    count: (): number => sql.get<{ n: number }>('SELECT count(*) AS n FROM present_clip')!.n,

    /** How many clips each split has. */
    splitCounts(): Record<Split, number> {
      const splits = { train: 0, val: 0, test: 0 }
      for (const row of sql.all<{ split: Split; n: number }>(
        'SELECT split, count(*) AS n FROM present_clip GROUP BY split',
      )) {
        splits[row.split] = row.n
      }
      return splits
    },

    /** New facts of a clip's media file, e.g. after it was relinked. */
    setMedia(clipId: number, media: ClipMedia): void {
      const { changes } = sql.run(
        `UPDATE clip SET path = ?, content_hash = ?, duration = ?, fps = ?, frame_count = ?, width = ?, height = ?,
         codec = ?, playable = ?, problem = ? WHERE id = ?`,
        ...mediaValues(media),
        clipId,
      )
      if (changes === 0) {
        throw failures.clipUnknown({ clipId })
      }
    },
  }
}
