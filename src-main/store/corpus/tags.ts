import type { Sql } from '../sql.ts'

/** Who put a tag on a clip, and when (ISO 8601 in UTC; null: not known). */
export interface Tagging {
  who: string
  at: string | null
}

/** A tag of clips: put on them, or (null) taken off. */
export interface TaggedClip {
  clipId: number
  value: Tagging | null
}

export type TagRepository = ReturnType<typeof tagRepository>

/** Words that people put on clips. */
export function tagRepository(sql: Sql) {
  const of = (tag: string): Map<number, Tagging> => {
    const rows = sql.all<Tagging & { clip_id: number }>(
      'SELECT clip_id, who, at FROM clip_tag WHERE tag = ?',
      tag,
    )
    return new Map(rows.map(({ clip_id, ...tagging }) => [clip_id, tagging]))
  }

  return {
    /** All tags of clips that are there, by name, and how many clips have each. */
    list: (): { tag: string; clips: number }[] =>
      sql.all<{ tag: string; clips: number }>(
        `SELECT tag, count(*) AS clips FROM clip_tag
         WHERE clip_id NOT IN (SELECT id FROM absent_clip) GROUP BY tag ORDER BY tag COLLATE NOCASE`,
      ),

    /** A tag as it is written here, in whichever case it is asked for; null: there is none. */
    spelled: (tag: string): string | null =>
      sql.get<{ tag: string }>('SELECT tag FROM clip_tag WHERE tag = ? COLLATE NOCASE LIMIT 1', tag)?.tag ??
      null,

    /** The tags of clips by name, by clip id; those without are left out. */
    ofClips(clipIds: readonly number[]): Map<number, string[]> {
      const rows = sql.all<{ clip_id: number; tag: string }>(
        `SELECT clip_id, tag FROM clip_tag WHERE clip_id IN (SELECT value FROM json_each(?))
         ORDER BY clip_id, tag COLLATE NOCASE`,
        JSON.stringify(clipIds),
      )
      const tags = new Map<number, string[]>()
      for (const { clip_id, tag } of rows) {
        tags.set(clip_id, [...(tags.get(clip_id) ?? []), tag])
      }
      return tags
    },

    /** The clips that have a tag, whatever their state, by id. */
    of,

    /** Puts a tag on clips, or takes it off; returns what was before. Nothing for a clip that is gone. */
    set(tag: string, clips: readonly TaggedClip[]): TaggedClip[] {
      const before = of(tag)
      for (const { clipId, value } of clips) {
        if (value === null) {
          sql.run('DELETE FROM clip_tag WHERE tag = ? AND clip_id = ?', tag, clipId)
        } else {
          sql.run(
            'INSERT OR REPLACE INTO clip_tag (tag, clip_id, who, at) SELECT ?, id, ?, ? FROM clip WHERE id = ?',
            tag,
            value.who,
            value.at,
            clipId,
          )
        }
      }
      return clips.map(({ clipId }) => ({ clipId, value: before.get(clipId) ?? null }))
    },

    /** All tags of all clips that are there, by clip and tag. */
    all: (): (Tagging & { clipId: number; tag: string })[] =>
      sql.all<Tagging & { clipId: number; tag: string }>(
        `SELECT clip_id AS clipId, tag, who, at FROM clip_tag
         WHERE clip_id NOT IN (SELECT id FROM absent_clip) ORDER BY clip_id, tag`,
      ),
  }
}
