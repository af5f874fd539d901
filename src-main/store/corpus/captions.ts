/** What people say of clips: captions in an order within each clip. What models say is in review.ts. */
import type { Split } from '#contract'
import { grouped } from '../../common/grouped.ts'
import type { Sql, SqlValue } from '../sql.ts'
import { captionEdits } from './caption-edits.ts'
import { ORIGIN, placedCaption, toOrigin, workingLanguage } from './caption-rows.ts'
import type { Caption, DescribedCaption, OriginColumns, PlacedCaption } from './caption-rows.ts'
import { NOT_STAGED, UNDONE } from './import-state.ts'
import type { ClipSearch } from './search.ts'

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

/** A caption that a person typed, or edited: what it was imported as then. */
export interface WrittenCaption {
  clipId: number
  text: string
  before: string | null
  author: string | null
  at: string | null
}

/** What the corpus list shows of a clip's captions. */
export interface CaptionSummary {
  captionCount: number
  firstCaption: string | null
}

export type CaptionRepository = ReturnType<typeof captionRepository>

/** Human captions: read, and with `captionEdits` changed. */
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

  return {
    ...captionEdits(sql, search),

    /** A clip's captions in their order. */
    ofClip,

    /** A caption with its clip and place, or null. */
    find: (captionId: number): PlacedCaption | null =>
      placedCaption(sql, 'written_caption WHERE id = ?', captionId),

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
    workingLanguage: (): string | null => workingLanguage(sql),

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

    /** When captions of clips were typed or edited, by their ids; those of which it isn't known are left out. */
    times: (clipIds: readonly number[]): Map<number, string> =>
      new Map(
        sql
          .all<{ id: number; at: string }>(
            'SELECT id, written_at AS at FROM caption WHERE written_at IS NOT NULL AND clip_id IN (SELECT value FROM json_each(?))',
            JSON.stringify(clipIds),
          )
          .map(({ id, at }) => [id, at]),
      ),

    /** The captions that people typed or edited here, of clips that are there. */
    writtenByPeople: (): WrittenCaption[] =>
      sql.all<WrittenCaption>(
        `SELECT clip_id AS clipId, text, imported_text AS before, author, written_at AS at FROM written_caption
         WHERE (source = 'reviewer' OR imported_text IS NOT NULL) AND clip_id NOT IN (SELECT id FROM absent_clip)
         ORDER BY clip_id, position`,
      ),

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

    /** Whether each of captions is removed; those that are none are left out. */
    removals(captionIds: readonly number[]): Map<number, boolean> {
      const rows = sql.all<{ id: number; removed: 0 | 1 }>(
        'SELECT id, removed FROM caption WHERE id IN (SELECT value FROM json_each(?))',
        JSON.stringify(captionIds),
      )
      return new Map(rows.map(({ id, removed }) => [id, removed === 1]))
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
