import type { Split } from '#contract'
import { found } from '../sql.ts'
import type { Sql, SqlValue } from '../sql.ts'

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
export interface ListedClip extends Clip {
  captionCount: number
  firstCaption: string | null
  hasFeatures: boolean
}

export interface Caption {
  id: number
  text: string
  source: 'human' | 'reviewer'
}

/** A caption where it stands. */
export interface PlacedCaption {
  clipId: number
  position: number
  source: Caption['source']
  text: string
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

export type ClipRepository = ReturnType<typeof clipRepository>

/** Clips and their captions, and the index that the corpus search reads. */
export function clipRepository(sql: Sql) {
  const index = (clipId: number) => {
    sql.run('DELETE FROM clip_search WHERE rowid = ?', clipId)
    sql.run(
      `INSERT INTO clip_search (rowid, text)
       SELECT id, name || char(10) || coalesce((SELECT group_concat(text, char(10)) FROM caption WHERE clip_id = clip.id), '')
       FROM clip WHERE id = ?`,
      clipId,
    )
  }
  const captions = (clipId: number): Caption[] =>
    sql.all<Caption>('SELECT id, text, source FROM caption WHERE clip_id = ? ORDER BY position', clipId)
  /** Adds captions after those that the clip has; returns the last one's id. */
  const append = (clipId: number, texts: string[], source: Caption['source']): number => {
    let id = 0
    let { position } = sql.get<{ position: number }>(
      'SELECT coalesce(max(position) + 1, 0) AS position FROM caption WHERE clip_id = ?',
      clipId,
    )!
    for (const text of texts) {
      id = sql.run(
        'INSERT INTO caption (clip_id, position, source, text) VALUES (?, ?, ?, ?)',
        clipId,
        position++,
        source,
        text,
      ).id
    }
    return id
  }

  return {
    /**
     * Adds clips, or brings those of the same name up to date; all or none. Human captions are replaced by
     * the given ones where they differ; a reviewer's captions stay. Many thousand at once block the process:
     * hand them over in batches.
     */
    import(clips: ImportedClip[]): { added: number; updated: number } {
      return sql.transaction(() => {
        let added = 0
        for (const clip of clips) {
          const known = sql.get<{ id: number }>('SELECT id FROM clip WHERE name = ?', clip.name)
          let id = known?.id
          if (id === undefined) {
            added++
            id = sql.run(
              `INSERT INTO clip (name, split, path, content_hash, duration, fps, frame_count, width, height, codec, playable, problem)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
              clip.name,
              clip.split,
              ...mediaValues(clip),
            ).id
          } else {
            sql.run(
              `UPDATE clip SET split = ?, path = ?, content_hash = ?, duration = ?, fps = ?, frame_count = ?, width = ?, height = ?,
               codec = ?, playable = ?, problem = ? WHERE id = ?`,
              clip.split,
              ...mediaValues(clip),
              id,
            )
          }
          const human = known ? captions(id).filter((caption) => caption.source === 'human') : []
          if (
            human.length !== clip.captions.length ||
            human.some((caption, i) => caption.text !== clip.captions[i])
          ) {
            sql.run(`DELETE FROM caption WHERE clip_id = ? AND source = 'human'`, id)
            append(id, clip.captions, 'human')
            index(id)
          } else if (!known) {
            index(id)
          }
        }
        return { added, updated: clips.length - added }
      })
    },

    /** Throws NOT_FOUND. */
    get(clipId: number): Clip {
      return toClip(
        found(sql.get<ClipColumns>(`SELECT ${COLUMNS} FROM clip WHERE id = ?`, clipId), `clip ${clipId}`),
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
          `SELECT ${COLUMNS} FROM clip WHERE ? IS NULL OR split = ? ORDER BY id`,
          split,
          split,
        )
        .map(toClip)
    },

    /**
     * One page of the corpus by name, and how many clips match in all. A clip matches when each word of
     * `search` begins a word of its name or captions, or when its name holds the whole search text.
     */
    list(query: {
      search: string
      split: Split | null
      offset: number
      limit: number
      featureKey: string | null
    }): { total: number; rows: ListedClip[] } {
      const { where, values } = clipFilter(query.search, query.split)
      const { total } = sql.get<{ total: number }>(`SELECT count(*) AS total FROM clip ${where}`, ...values)!
      const rows = sql.all<
        ClipColumns & { caption_count: number; first_caption: string | null; has_features: 0 | 1 }
      >(
        `SELECT ${COLUMNS},
           (SELECT count(*) FROM caption WHERE clip_id = clip.id) AS caption_count,
           (SELECT text FROM caption WHERE clip_id = clip.id ORDER BY position LIMIT 1) AS first_caption,
           EXISTS (SELECT 1 FROM feature WHERE key = ? AND content_hash = clip.content_hash) AS has_features
         FROM clip ${where} ORDER BY name LIMIT ? OFFSET ?`,
        query.featureKey,
        ...values,
        query.limit,
        query.offset,
      )
      return {
        total,
        rows: rows.map((row) => ({
          ...toClip(row),
          captionCount: row.caption_count,
          firstCaption: row.first_caption,
          hasFeatures: row.has_features === 1,
        })),
      }
    },

    /** How many clips there are. */
    count: (): number => sql.get<{ n: number }>('SELECT count(*) AS n FROM clip')!.n,

    counts(): { clips: number; captions: number; splits: Record<Split, number> } {
      const splits = { train: 0, val: 0, test: 0 }
      for (const row of sql.all<{ split: Split; n: number }>(
        'SELECT split, count(*) AS n FROM clip GROUP BY split',
      )) {
        splits[row.split] = row.n
      }
      const { n } = sql.get<{ n: number }>('SELECT count(*) AS n FROM caption')!
      return { clips: splits.train + splits.val + splits.test, captions: n, splits }
    },

    /** New facts of a clip's media file, e.g. after it was relinked. */
    setMedia(clipId: number, media: ClipMedia): void {
      const { changes } = sql.run(
        `UPDATE clip SET path = ?, content_hash = ?, duration = ?, fps = ?, frame_count = ?, width = ?, height = ?,
         codec = ?, playable = ?, problem = ? WHERE id = ?`,
        ...mediaValues(media),
        clipId,
      )
      found(changes || undefined, `clip ${clipId}`)
    },

    /** A clip's captions in their order. */
    captions,

    /** The captions of every clip of a split (null: of all), by clip id, each in its order. */
    captionsByClip(split: Split | null = null): Map<number, string[]> {
      const byClip = new Map<number, string[]>()
      const rows = sql.all<{ clip_id: number; text: string }>(
        `SELECT clip_id, text FROM caption JOIN clip ON clip.id = clip_id
         WHERE ? IS NULL OR split = ? ORDER BY clip_id, position`,
        split,
        split,
      )
      for (const { clip_id, text } of rows) {
        const texts = byClip.get(clip_id)
        if (texts) {
          texts.push(text)
        } else {
          byClip.set(clip_id, [text])
        }
      }
      return byClip
    },

    /** The captions with their ids of every clip, or of some, by clip id, each in its order. */
    captionRows(clipIds: readonly number[] | null = null): Map<number, Caption[]> {
      const byClip = new Map<number, Caption[]>()
      const where = clipIds === null ? '' : 'WHERE clip_id IN (SELECT value FROM json_each(?))'
      const rows = sql.all<Caption & { clip_id: number }>(
        `SELECT clip_id, id, text, source FROM caption ${where} ORDER BY clip_id, position`,
        ...(clipIds === null ? [] : [JSON.stringify(clipIds)]),
      )
      for (const { clip_id, ...caption } of rows) {
        const own = byClip.get(clip_id)
        if (own) {
          own.push(caption)
        } else {
          byClip.set(clip_id, [caption])
        }
      }
      return byClip
    },

    /** A caption with its clip and place, or null. */
    caption(captionId: number): PlacedCaption | null {
      return (
        sql.get<PlacedCaption>(
          'SELECT clip_id AS clipId, position, source, text FROM caption WHERE id = ?',
          captionId,
        ) ?? null
      )
    },

    /**
     * Puts a caption there under its id, or with null removes it, and returns what was there before. A place
     * that another caption has taken meanwhile stays its own: the caption then comes last.
     */
    setCaption(captionId: number, value: PlacedCaption | null): PlacedCaption | null {
      return sql.transaction(() => {
        const before = this.caption(captionId)
        if (value === null) {
          sql.run('DELETE FROM caption WHERE id = ?', captionId)
        } else if (before !== null) {
          sql.run('UPDATE caption SET text = ? WHERE id = ?', value.text, captionId)
        } else {
          const taken =
            sql.get(
              'SELECT 1 FROM caption WHERE clip_id = ? AND position = ?',
              value.clipId,
              value.position,
            ) !== undefined
          const position = taken
            ? sql.get<{ next: number }>(
                'SELECT max(position) + 1 AS next FROM caption WHERE clip_id = ?',
                value.clipId,
              )!.next
            : value.position
          sql.run(
            'INSERT INTO caption (id, clip_id, position, source, text) VALUES (?, ?, ?, ?, ?)',
            captionId,
            value.clipId,
            position,
            value.source,
            value.text,
          )
        }
        for (const clipId of new Set([before?.clipId, value?.clipId])) {
          if (clipId !== undefined) {
            index(clipId)
          }
        }
        return before
      })
    },

    /** What people noted of a clip; empty: nothing. */
    note: (clipId: number): string =>
      sql.get<{ note: string }>('SELECT note FROM clip_note WHERE clip_id = ?', clipId)?.note ?? '',

    /** The clips that people noted something of. */
    noted: (): Set<number> =>
      new Set(sql.all<{ clip_id: number }>('SELECT clip_id FROM clip_note').map((row) => row.clip_id)),

    /** Sets the note of a clip (empty: none); returns the one before. Nothing for a clip that is gone. */
    setNote(clipId: number, note: string): string {
      const before = this.note(clipId)
      if (note === '') {
        sql.run('DELETE FROM clip_note WHERE clip_id = ?', clipId)
      } else {
        sql.run(
          'INSERT OR REPLACE INTO clip_note (clip_id, note) SELECT id, ? FROM clip WHERE id = ?',
          note,
          clipId,
        )
      }
      return before
    },

    /** Adds a caption at the end; returns its id. */
    addCaption(clipId: number, text: string, source: Caption['source']): number {
      return sql.transaction(() => {
        const id = append(clipId, [text], source)
        index(clipId)
        return id
      })
    },
  }
}

/** The WHERE clause of a corpus search, and its values. */
export function clipFilter(search: string, split: Split | null): { where: string; values: SqlValue[] } {
  const conditions: string[] = []
  const values: SqlValue[] = []
  if (split !== null) {
    conditions.push('split = ?')
    values.push(split)
  }
  const text = search.trim()
  if (text !== '') {
    // FTS5 and not LIKE over the captions: they are read in full by LIKE (seconds for two million), while the
    // names alone are short.
    const terms = text.match(/[\p{L}\p{N}]+/gu) ?? []
    const named = `name LIKE ? ESCAPE '\\'`
    conditions.push(
      terms.length ? `(id IN (SELECT rowid FROM clip_search WHERE clip_search MATCH ?) OR ${named})` : named,
    )
    if (terms.length) {
      values.push(terms.map((term) => `"${term}"*`).join(' '))
    }
    values.push(`%${text.replace(/[\\%_]/g, '\\$&')}%`)
  }
  return { where: conditions.length ? `WHERE ${conditions.join(' AND ')}` : '', values }
}
