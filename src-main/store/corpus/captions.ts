/** What people say of clips: captions in an order within each clip. What models say is in review.ts. */
import type { Split } from '#contract'
import { grouped } from '../../common/grouped.ts'
import type { Sql, SqlValue } from '../sql.ts'
import { NOT_STAGED, UNDONE } from './import-state.ts'
import type { ClipSearch } from './search.ts'

/** What is known of how a caption came about; null: nothing is. */
export interface CaptionOrigin {
  /** A tag such as `en`. */
  language: string | null
  /** Who wrote it: as its file says, or the person who typed or edited it. */
  author: string | null
  /** What its file says of how it came about, such as `clean`. */
  source: string | null
}

/** Of a caption of which a file says nothing. */
export const NO_ORIGIN: CaptionOrigin = { language: null, author: null, source: null }

/** A caption that comes with an import. */
export interface ImportedCaption {
  text: string
  origin: CaptionOrigin
}

export interface Caption {
  id: number
  text: string
  /** `human` ones came with an import, `reviewer` ones were typed in Vitrine. */
  source: 'human' | 'reviewer'
}

/** A caption with all that is known of it. */
export interface DescribedCaption extends Caption {
  clipId: number
  origin: CaptionOrigin
}

/** A caption where it stands. */
export interface PlacedCaption {
  clipId: number
  position: number
  source: Caption['source']
  text: string
  /** Missing in edits of versions that did not know it. */
  origin?: CaptionOrigin | undefined
  /** A person removed it; its row stays, and an import does not bring it again. */
  removed?: boolean
  /** There was none: who takes an addition back deletes it, and a later import may bring that line. */
  absent?: boolean
}

/** A caption of any state, as an import looks for it. */
export interface KnownCaption {
  id: number
  text: string
  /** As it was imported, or typed. */
  importedText: string
  /** A tag such as `en`; null: it is not known. */
  language: string | null
  removed: boolean
  /** The import that it came by was undone. */
  undone: boolean
}

/** What the corpus list shows of a clip's captions. */
export interface CaptionSummary {
  captionCount: number
  firstCaption: string | null
}

/** Captions that are added to a clip: what kind they are of, the first one's position, and their import. */
interface NewCaptions {
  source: Caption['source']
  first?: number
  importId?: number | null
}

interface OriginColumns {
  language: string | null
  author: string | null
  file_source: string | null
}

const ORIGIN = 'language, author, file_source'

const toOrigin = ({ language, author, file_source }: OriginColumns): CaptionOrigin => ({
  language,
  author,
  source: file_source,
})

export type CaptionRepository = ReturnType<typeof captionRepository>

const originValues = ({ language, author, source }: CaptionOrigin): SqlValue[] => [language, author, source]

/** Human captions. What changes them indexes their clip anew for the corpus search. */
export function captionRepository(sql: Sql, search: ClipSearch) {
  /** The captions that rows of a table and a condition on them say. */
  const described = (rows: string, value: SqlValue): DescribedCaption[] =>
    sql
      .all<Omit<DescribedCaption, 'origin'> & OriginColumns>(
        `SELECT clip_id AS clipId, id, text, source, ${ORIGIN} FROM ${rows}`,
        value,
      )
      .map(({ clipId, id, text, source, ...origin }) => ({
        clipId,
        id,
        text,
        source,
        origin: toOrigin(origin),
      }))

  const ofClip = (clipId: number): DescribedCaption[] =>
    described('present_caption WHERE clip_id = ? ORDER BY position', clipId)

  const workingLanguage = (): string | null =>
    sql.get<{ language: string }>('SELECT language FROM working_language')?.language ?? null

  const find = (captionId: number): PlacedCaption | null => placed('written_caption WHERE id = ?', captionId)

  /** The caption that rows of a table and a condition on them say, where it stands. */
  const placed = (rows: string, captionId: number): PlacedCaption | null => {
    const row = sql.get<PlacedCaption & OriginColumns>(
      `SELECT clip_id AS clipId, position, source, text, ${ORIGIN} FROM ${rows}`,
      captionId,
    )
    if (row === undefined) {
      return null
    }
    const { clipId, position, source, text } = row
    return { clipId, position, source, text, origin: toOrigin(row) }
  }

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
      `INSERT INTO caption (id, clip_id, position, source, text, removed, ${ORIGIN}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      captionId,
      caption.clipId,
      isTaken(caption) ? nextPosition(caption.clipId) : caption.position,
      caption.source,
      caption.text,
      Number(caption.removed ?? false),
      ...originValues(caption.origin ?? NO_ORIGIN),
    )
  }

  /** A caption's row, whether people see it or not; null: there is none. */
  const rowOf = (captionId: number): PlacedCaption | null => {
    const caption = placed('caption WHERE id = ?', captionId)
    const isRemoved = sql.get('SELECT 1 FROM caption WHERE id = ? AND removed = 1', captionId) !== undefined
    return caption && isRemoved ? { ...caption, removed: true } : caption
  }

  /** Gives a row, removed or not, another text and state; what it was imported as stays known. */
  const rewrite = (captionId: number, { text, origin, removed = false }: PlacedCaption): void => {
    if (origin !== undefined) {
      sql.run(
        'UPDATE caption SET language = ?, author = ?, file_source = ? WHERE id = ?',
        ...originValues(origin),
        captionId,
      )
    }
    sql.run(
      `UPDATE caption SET removed = ?,
       imported_text = iif(source = 'human', nullif(coalesce(imported_text, text), ?), NULL), text = ? WHERE id = ?`,
      Number(removed),
      text,
      text,
      captionId,
    )
  }

  return {
    /** A clip's captions in their order. */
    ofClip,

    /** A caption with its clip and place, or null. */
    find,

    /** How many captions there are, of clips that are there. */
    count: (): number =>
      // Asked after every edit: what is absent is found by indexes, and all are counted by one.
      sql.get<{ n: number }>(
        `SELECT (SELECT count(*) FROM caption) - (SELECT count(*) FROM absent_caption)
         - (SELECT count(*) FROM other_caption WHERE id NOT IN (SELECT id FROM absent_caption)) AS n`,
      )!.n,

    /** How many captions are in each language, of clips that are there; the most first. */
    languages: (): { language: string; captions: number }[] =>
      sql.all<{ language: string; captions: number }>(
        `SELECT language, count(*) AS captions FROM written_caption
         WHERE language IS NOT NULL AND clip_id NOT IN (SELECT id FROM absent_clip)
         GROUP BY language ORDER BY captions DESC, language <> 'en', language`,
      ),

    /** The language that the project works in; null: in all that there are. */
    workingLanguage,

    /** Sets it; returns the one before. */
    setWorkingLanguage(language: string | null): string | null {
      const before = workingLanguage()
      if (language === null) {
        sql.run('DELETE FROM working_language')
      } else {
        sql.run('INSERT OR REPLACE INTO working_language (id, language) VALUES (1, ?)', language)
      }
      return before
    },

    /** The captions of a clip in other languages than the one that the project works in. */
    setAside: (clipId: number): DescribedCaption[] =>
      described(
        'written_caption WHERE clip_id = ? AND language <> (SELECT language FROM working_language) ORDER BY position',
        clipId,
      ),

    /** The captions of clips in whichever language, by clip id in their order. */
    written(clipIds: readonly number[]): Map<number, DescribedCaption[]> {
      const captions = described(
        'written_caption WHERE clip_id IN (SELECT value FROM json_each(?)) ORDER BY clip_id, position',
        JSON.stringify(clipIds),
      )
      return Map.groupBy(captions, ({ clipId }) => clipId)
    },

    /** The captions with their ids of every clip that is there, or of some, by clip id, each in its order. */
    byClip(clipIds: readonly number[] | null = null): Map<number, Caption[]> {
      const where =
        clipIds === null
          ? 'WHERE clip_id NOT IN (SELECT id FROM absent_clip)'
          : 'WHERE clip_id IN (SELECT value FROM json_each(?))'
      const rows = sql.all<Caption & { clip_id: number }>(
        `SELECT clip_id, id, text, source FROM present_caption ${where} ORDER BY clip_id, position`,
        ...(clipIds === null ? [] : [JSON.stringify(clipIds)]),
      )
      return grouped(
        rows,
        (row) => row.clip_id,
        ({ id, text, source }) => ({ id, text, source }),
      )
    },

    /** The captions of every clip of a split (null: of all) as texts, by clip id, each in its order. */
    textsByClip(split: Split | null = null): Map<number, string[]> {
      const rows = sql.all<{ clip_id: number; text: string }>(
        `SELECT clip_id, text FROM present_caption JOIN present_clip AS clip ON clip.id = clip_id
         WHERE ? IS NULL OR split = ? ORDER BY clip_id, position`,
        split,
        split,
      )
      return grouped(
        rows,
        (row) => row.clip_id,
        (row) => row.text,
      )
    },

    /** The captioned clips of a split, and their captions. */
    size(split: Split): { clips: number; captions: number } {
      return sql.get<{ clips: number; captions: number }>(
        `SELECT count(DISTINCT clip_id) AS clips, count(*) AS captions
         FROM present_caption JOIN present_clip AS clip ON clip.id = clip_id WHERE split = ?`,
        split,
      )!
    },

    /** How many captions clips have and the first of each, by clip id; clips without any are left out. */
    summaries(clipIds: readonly number[]): Map<number, CaptionSummary> {
      const rows = sql.all<{ clip_id: number; n: number; text: string }>(
        // Beside min() SQLite gives the other columns of the row that has the least.
        `SELECT clip_id, count(*) AS n, text, min(position) FROM present_caption
         WHERE clip_id IN (SELECT value FROM json_each(?)) GROUP BY clip_id`,
        JSON.stringify(clipIds),
      )
      return new Map(rows.map(({ clip_id, n, text }) => [clip_id, { captionCount: n, firstCaption: text }]))
    },

    /**
     * A caption that a person types, as it will stand after the others, in the language that the project works in; with
     * an id that no other caption gets. It is not there until it is put there (`set`).
     */
    typed(clipId: number, text: string, author: string): { captionId: number; value: PlacedCaption } {
      return sql.transaction(() => {
        const origin = { ...NO_ORIGIN, language: workingLanguage(), author }
        const [captionId] = append(clipId, [{ text, origin }], { source: 'reviewer' })
        const value = rowOf(captionId!)!
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

    /** Whether each of captions is removed; those that are none are left out. */
    removals(captionIds: readonly number[]): Map<number, boolean> {
      const rows = sql.all<{ id: number; removed: 0 | 1 }>(
        'SELECT id, removed FROM caption WHERE id IN (SELECT value FROM json_each(?))',
        JSON.stringify(captionIds),
      )
      return new Map(rows.map(({ id, removed }) => [id, removed === 1]))
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

    /** The first of some clips, one at least, that have so many captions together, of whatever state. */
    firstOf(clipIds: readonly number[], limit: number): number[] {
      const counts = new Map(
        sql
          .all<{ clip_id: number; n: number }>(
            'SELECT clip_id, count(*) AS n FROM caption WHERE clip_id IN (SELECT value FROM json_each(?)) GROUP BY clip_id',
            JSON.stringify(clipIds),
          )
          .map(({ clip_id, n }) => [clip_id, n]),
      )
      let sum = 0
      const end = clipIds.findIndex((clipId, place) => {
        sum += counts.get(clipId) ?? 0
        return place > 0 && sum > limit
      })
      return end < 0 ? [...clipIds] : clipIds.slice(0, end)
    },

    /** The captions of clips, removed and undone ones too, by clip id in their order. */
    known(clipIds: readonly number[]): Map<number, KnownCaption[]> {
      const rows = sql.all<{
        clip_id: number
        id: number
        text: string
        imported_text: string
        language: string | null
        removed: 0 | 1
        undone: 0 | 1
      }>(
        `SELECT clip_id, id, text, coalesce(imported_text, text) AS imported_text, language, removed,
           ${UNDONE} AS undone
         FROM caption WHERE clip_id IN (SELECT value FROM json_each(?)) AND ${NOT_STAGED} ORDER BY clip_id, position`,
        JSON.stringify(clipIds),
      )
      return grouped(
        rows,
        (row) => row.clip_id,
        ({ id, text, imported_text, language, removed, undone }) => ({
          id,
          text,
          importedText: imported_text,
          language,
          removed: removed === 1,
          undone: undone === 1,
        }),
      )
    },
  }
}
