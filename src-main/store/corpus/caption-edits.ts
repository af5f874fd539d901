/** Captions added, edited, removed and brought back. What changes them indexes their clip anew for the corpus search. */
import { now } from '../sql.ts'
import type { Sql } from '../sql.ts'
import { NO_ORIGIN, ORIGIN, originValues, placedCaption, workingLanguage } from './caption-rows.ts'
import type { Caption, ImportedCaption, PlacedCaption } from './caption-rows.ts'
import type { ClipSearch } from './search.ts'

/** Captions that are added to a clip: what kind they are of, the first one's position, and their import. */
interface NewCaptions {
  source: Caption['source']
  first?: number
  importId?: number | null
}

export function captionEdits(sql: Sql, search: ClipSearch) {
  /** The position after the last caption of a clip. */
  const nextPosition = (clipId: number): number =>
    sql.get<{ position: number }>(
      'SELECT coalesce(max(position) + 1, 0) AS position FROM caption WHERE clip_id = ?',
      clipId,
    )!.position

  /** Adds captions after those that the clip has; returns their ids. */
  const append = (
    clipId: number,
    captions: readonly ImportedCaption[],
    { source, first = nextPosition(clipId), importId = null }: NewCaptions,
  ): number[] =>
    captions.map(
      ({ text, origin }, i) =>
        sql.run(
          `INSERT INTO caption (clip_id, position, source, text, import_id, ${ORIGIN}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          clipId,
          first + i,
          source,
          text,
          importId,
          ...originValues(origin),
        ).id,
    )

  const isTaken = ({ clipId, position }: PlacedCaption): boolean =>
    sql.get('SELECT 1 FROM caption WHERE clip_id = ? AND position = ?', clipId, position) !== undefined

  /** Inserts a caption under a given id: where it stood or, where another one has that place, after the others. */
  const insert = (captionId: number, caption: PlacedCaption): void => {
    sql.run(
      `INSERT INTO caption (id, clip_id, position, source, text, removed, written_at, ${ORIGIN}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      captionId,
      caption.clipId,
      isTaken(caption) ? nextPosition(caption.clipId) : caption.position,
      caption.source,
      caption.text,
      Number(caption.removed ?? false),
      caption.at ?? null,
      ...originValues(caption.origin ?? NO_ORIGIN),
    )
  }

  /** A caption's row, whether people see it or not; null: there is none. */
  const rowOf = (captionId: number): PlacedCaption | null => {
    const caption = placedCaption(sql, 'caption WHERE id = ?', captionId)
    const isRemoved = sql.get('SELECT 1 FROM caption WHERE id = ? AND removed = 1', captionId) !== undefined
    return caption && isRemoved ? { ...caption, removed: true } : caption
  }

  /** Gives a row, removed or not, another text and state; what it was imported as stays known. */
  const rewrite = (captionId: number, { text, origin, at = null, removed = false }: PlacedCaption): void => {
    if (origin !== undefined) {
      sql.run(
        'UPDATE caption SET language = ?, author = ?, file_source = ? WHERE id = ?',
        ...originValues(origin),
        captionId,
      )
    }
    sql.run(
      `UPDATE caption SET removed = ?, written_at = ?,
       imported_text = iif(source = 'human', nullif(coalesce(imported_text, text), ?), NULL), text = ? WHERE id = ?`,
      Number(removed),
      at,
      text,
      text,
      captionId,
    )
  }

  return {
    /** Sets the language that the project works in; returns the one before. */
    setWorkingLanguage(language: string | null): string | null {
      const before = workingLanguage(sql)
      if (language === null) {
        sql.run('DELETE FROM working_language')
      } else {
        sql.run('INSERT OR REPLACE INTO working_language (id, language) VALUES (1, ?)', language)
      }
      return before
    },

    /**
     * A caption that a person types, as it will stand after the others, in the language that the project works in; with
     * an id that no other caption gets. It is not there until it is put there (`set`).
     */
    typed(
      clipId: number,
      text: string,
      author: string,
      at: string | null = now(),
    ): { captionId: number; value: PlacedCaption } {
      return sql.transaction(() => {
        const origin = { ...NO_ORIGIN, language: workingLanguage(sql), author }
        const [captionId] = append(clipId, [{ text, origin }], { source: 'reviewer' })
        const value = { ...rowOf(captionId!)!, at }
        sql.run('DELETE FROM caption WHERE id = ?', captionId!)
        return { captionId: captionId!, value }
      })
    },

    /**
     * Puts a caption there under its id, or with null removes it (its row stays, and knows that it was
     * removed), and returns what was there before: a removed one with the text that it had, or that there was none.
     */
    set(captionId: number, caption: PlacedCaption | null): PlacedCaption | null {
      return sql.transaction(() => {
        const row = rowOf(captionId)
        if (caption === null) {
          sql.run('UPDATE caption SET removed = 1 WHERE id = ?', captionId)
        } else if (caption.absent === true) {
          sql.run('DELETE FROM caption WHERE id = ?', captionId)
        } else if (row !== null) {
          rewrite(captionId, caption)
        } else {
          insert(captionId, caption)
        }
        const before = row ?? (caption === null ? null : { ...caption, absent: true })
        for (const clipId of new Set([before?.clipId, caption?.clipId])) {
          if (clipId !== undefined) {
            search.index(clipId)
          }
        }
        return before
      })
    },

    /** Removes captions (their rows stay), or has them there again. Call it in a transaction. */
    setRemoved(captionIds: readonly number[], removed: boolean): void {
      const ids = JSON.stringify(captionIds)
      const clips = sql.all<{ clip_id: number }>(
        'SELECT DISTINCT clip_id FROM caption WHERE removed <> ? AND id IN (SELECT value FROM json_each(?))',
        Number(removed),
        ids,
      )
      sql.run(
        'UPDATE caption SET removed = ? WHERE id IN (SELECT value FROM json_each(?))',
        Number(removed),
        ids,
      )
      search.indexAll(clips.map(({ clip_id }) => clip_id))
    },

    /** Gives a clip that was just added its human captions, of an import or of none. Call it in a transaction. */
    addFirst(clipId: number, captions: readonly ImportedCaption[], importId: number | null): void {
      append(clipId, captions, { source: 'human', first: 0, importId })
    },

    /** Adds human captions of an import after those that a clip has. Call it in a transaction. */
    addImported(clipId: number, captions: readonly ImportedCaption[], importId: number): void {
      append(clipId, captions, { source: 'human', importId })
    },
  }
}
