/**
 * Imports: rows that come together and go together. Their rows are written in many small transactions while
 * the import is staged, and nobody sees them; one short transaction then says that they are there (or, when
 * the import is undone, that they are not). What follows from that elsewhere (media of clips that were known
 * before, the search, what clips bear of topics) is settled after it, slice by slice, and a flag of the import
 * tells a later run of the program where that was cut off.
 */
import type { Split } from '#contract'
import { fromJson, now } from '../sql.ts'
import type { Sql } from '../sql.ts'
import { storedClipMedia, storedImportReport } from '../stored.ts'
import type { StoredImportReport } from '../stored.ts'
import type { ImportedCaption } from './caption-rows.ts'
import type { CaptionRepository } from './captions.ts'
import type { ClipMedia, ClipRepository, ImportedClip } from './clips.ts'
import type { ClipSearch } from './search.ts'

/** Clips that are settled, or captions that are thrown away, in one transaction at most. */
const SLICE = 200
const SLICE_OF_WASTE = 2000
/** Captions of the clips that are settled in one transaction, about: what is indexed in some milliseconds. */
const CAPTIONS_OF_SLICE = 400

/** What an import does to a clip that is known. */
export interface KnownClipChange {
  clipId: number
  media: { before: ClipMedia; after: ClipMedia } | null
  split: { before: Split; after: Split } | null
  /** The clip, and captions of it, come back: the import that they came by was undone. */
  returns: boolean
  returningCaptions: readonly number[]
  /** Captions that it had not. */
  captions: readonly ImportedCaption[]
}

/** An import that was made. */
export interface StoredImport {
  id: number
  at: string
  title: string
  undone: boolean
  report: StoredImportReport
}

type ImportState = 'staged' | 'present' | 'undone'

export type ImportRepository = ReturnType<typeof importRepository>

export function importRepository(
  sql: Sql,
  {
    clips,
    captions,
    topics,
    search,
  }: {
    clips: ClipRepository
    captions: CaptionRepository
    /** Derives what clips bear of topics, for those of which something was found or said. */
    topics: { followClips(clipIds: readonly number[]): void }
    search: ClipSearch
  },
) {
  /** Makes a row of an undone import one of this import. */
  const takeBack = (importId: number, what: 'clip' | 'caption', rowId: number): void => {
    const { changes } = sql.run(
      `INSERT INTO import_return (import_id, what, row_id, earlier_import_id) SELECT ?, ?, id, import_id FROM ${what} WHERE id = ?`,
      importId,
      what,
      rowId,
    )
    if (changes > 0) {
      sql.run(`UPDATE ${what} SET import_id = ? WHERE id = ?`, importId, rowId)
    }
  }

  const stageChange = (importId: number, change: KnownClipChange): void => {
    const { clipId, media, split, returns, returningCaptions } = change
    if (media !== null || split !== null) {
      sql.run(
        'INSERT INTO import_change (import_id, clip_id, media_before, media_after, split_before, split_after) VALUES (?, ?, ?, ?, ?, ?)',
        importId,
        clipId,
        media && JSON.stringify(media.before),
        media && JSON.stringify(media.after),
        split?.before ?? null,
        split?.after ?? null,
      )
    }
    if (returns) {
      takeBack(importId, 'clip', clipId)
    }
    for (const captionId of returningCaptions) {
      takeBack(importId, 'caption', captionId)
    }
    if (change.captions.length > 0) {
      captions.addImported(clipId, change.captions, importId)
    }
  }

  const stateOf = (importId: number): ImportState | undefined =>
    sql.get<{ state: ImportState }>('SELECT state FROM import WHERE id = ?', importId)?.state

  /**
   * The splits that an import gives to clips, or those that they had. At once, since people move clips between
   * splits too, and edits are taken back in their order.
   */
  const setSplits = (importId: number, column: 'split_before' | 'split_after'): void => {
    sql.run(
      `UPDATE clip SET split = import_change.${column} FROM import_change
       WHERE import_change.import_id = ? AND clip.id = import_change.clip_id AND import_change.${column} IS NOT NULL`,
      importId,
    )
  }

  /** The next clips after an id that an import has to do with. */
  const clipsOf = (importId: number, afterId: number): number[] => {
    const from = (text: string): number[] =>
      sql.all<{ id: number }>(`${text} ORDER BY 1 LIMIT ${SLICE}`, importId, afterId).map(({ id }) => id)
    const ids = new Set([
      ...from('SELECT id FROM clip WHERE import_id = ? AND id > ?'),
      ...from('SELECT DISTINCT clip_id AS id FROM caption WHERE import_id = ? AND clip_id > ?'),
      ...from('SELECT clip_id AS id FROM import_change WHERE import_id = ? AND clip_id > ?'),
    ])
    return [...ids].sort((a, b) => a - b).slice(0, SLICE)
  }

  /**
   * Notes what splits clips have that an import is about to change by coming back or going: so each takes the
   * other back.
   */
  const noteSplits = (importId: number, column: 'split_before' | 'split_after'): void => {
    sql.run(
      `UPDATE import_change SET ${column} = clip.split FROM clip
       WHERE import_change.import_id = ? AND split_after IS NOT NULL AND clip.id = import_change.clip_id`,
      importId,
    )
  }

  /** Clips that people have moved since an import was planned stay where they were put. */
  const leaveMoved = (importId: number): void => {
    sql.run(
      `UPDATE import_change SET split_before = NULL, split_after = NULL FROM clip
       WHERE import_change.import_id = ? AND clip.id = import_change.clip_id AND clip.split <> split_before`,
      importId,
    )
  }

  /** Gives a clip the media that the imports which are there say, in their order. */
  const settleMedia = (clipId: number): void => {
    const changes = sql
      .all<{ media_before: string; media_after: string; state: ImportState }>(
        `SELECT media_before, media_after, state FROM import_change JOIN import ON import.id = import_id
         WHERE clip_id = ? AND media_after IS NOT NULL AND state <> 'staged' ORDER BY import_id`,
        clipId,
      )
      .map(({ media_before, media_after, state }) => ({
        before: fromJson(storedClipMedia, media_before),
        after: fromJson(storedClipMedia, media_after),
        isThere: state === 'present',
      }))
    const [first] = changes
    if (first === undefined) {
      return
    }
    const settled = changes.reduce((media, { before, after, isThere }) => {
      // Where a file was found later says nothing of a clip that has not its content.
      const isOfIt = before.contentHash !== after.contentHash || media.contentHash === after.contentHash
      return isThere && isOfIt ? after : media
    }, first.before)
    clips.setMedia(clipId, settled)
  }

  /** Whether the index of a clip knows other captions than it has now: it is not of this import itself. */
  const isIndexedOtherwise = (importId: number, clipId: number): boolean =>
    sql.get(
      `SELECT 1 FROM clip WHERE id = ? AND (import_id IS NOT ?
         OR EXISTS (SELECT 1 FROM import_return WHERE import_id = ? AND what = 'clip' AND row_id = clip.id))`,
      clipId,
      importId,
      importId,
    ) !== undefined

  /** Settles the next clips of an import; returns the last of them, null at its end. Call it in a transaction. */
  const settleSlice = (importId: number, afterId: number): number | null => {
    const found = clipsOf(importId, afterId)
    const clipIds = captions.firstOf(found, CAPTIONS_OF_SLICE)
    for (const clipId of clipIds) {
      settleMedia(clipId)
    }
    // Together: between one clip and the next, forgetting makes the index write what it has.
    search.indexAll(clipIds.filter((clipId) => isIndexedOtherwise(importId, clipId)))
    topics.followClips(clipIds)
    if (clipIds.length < found.length || clipIds.length === SLICE) {
      return clipIds.at(-1)!
    }
    sql.run('UPDATE import SET unsettled = 0 WHERE id = ?', importId)
    return null
  }

  const unsettled = (): number | null =>
    sql.get<{ id: number }>('SELECT id FROM import WHERE unsettled = 1 ORDER BY id LIMIT 1')?.id ?? null

  /** A staged import whose job has ended. */
  const waste = (): number | null =>
    sql.get<{ id: number }>(
      `SELECT id FROM import WHERE state = 'staged'
       AND NOT EXISTS (SELECT 1 FROM job WHERE job.id = job_id AND job.state IN ('queued', 'running')) LIMIT 1`,
    )?.id ?? null

  const giveBack = (importId: number): number => {
    const rows = sql.all<{ what: 'clip' | 'caption'; row_id: number; earlier_import_id: number }>(
      `SELECT what, row_id, earlier_import_id FROM import_return WHERE import_id = ? LIMIT ${SLICE_OF_WASTE}`,
      importId,
    )
    for (const { what, row_id, earlier_import_id } of rows) {
      sql.run(`UPDATE ${what} SET import_id = ? WHERE id = ?`, earlier_import_id, row_id)
      sql.run(
        'DELETE FROM import_return WHERE import_id = ? AND what = ? AND row_id = ?',
        importId,
        what,
        row_id,
      )
    }
    return rows.length
  }

  const deleteCaptions = (importId: number): number =>
    sql.run(
      `DELETE FROM caption WHERE id IN (SELECT id FROM caption WHERE import_id = ? LIMIT ${SLICE_OF_WASTE})`,
      importId,
    ).changes

  const deleteClips = (importId: number): number => {
    const rows = sql.all<{ id: number }>(`SELECT id FROM clip WHERE import_id = ? LIMIT ${SLICE}`, importId)
    for (const { id } of rows) {
      search.remove(id)
      sql.run('DELETE FROM clip WHERE id = ?', id)
    }
    return rows.length
  }

  /** Throws a part of a staged import away: what comes back first, then what came with it, then itself. */
  const discardSlice = (importId: number): void => {
    if (giveBack(importId) > 0 || deleteCaptions(importId) > 0 || deleteClips(importId) > 0) {
      return
    }
    sql.run('DELETE FROM import_change WHERE import_id = ?', importId)
    sql.run('DELETE FROM import WHERE id = ?', importId)
  }

  return {
    /** A new import of a job, staged; returns its id. */
    begin: (jobId: number | null, title: string): number =>
      sql.quietly(
        () => sql.run('INSERT INTO import (at, job_id, title) VALUES (?, ?, ?)', now(), jobId, title).id,
      ),

    /** Stages new clips with their captions. */
    stageClips: (importId: number, added: readonly ImportedClip[]): void =>
      sql.quietly(() => void clips.add(added, importId)),

    /** Stages what an import does to clips that are known. */
    stageChanges: (importId: number, changes: readonly KnownClipChange[]): void =>
      sql.quietly(() => {
        for (const change of changes) {
          stageChange(importId, change)
        }
      }),

    /** What people are to see of an import that is about to be there. */
    describe(importId: number, report: StoredImportReport): void {
      sql.run('UPDATE import SET at = ?, report = ? WHERE id = ?', now(), JSON.stringify(report), importId)
    },

    /**
     * Puts the rows of an import there, or takes them away, and settles a first slice of what follows: all of
     * a small one. Returns whether they were undone before. Call it in a transaction.
     */
    setUndone(importId: number, undone: boolean): boolean {
      const before = stateOf(importId)
      if (before === undefined || ((before === 'undone') === undone && before !== 'staged')) {
        return undone
      }
      sql.run(
        'UPDATE import SET state = ?, unsettled = 1 WHERE id = ?',
        undone ? 'undone' : 'present',
        importId,
      )
      if (before === 'staged') {
        leaveMoved(importId)
      } else {
        noteSplits(importId, undone ? 'split_after' : 'split_before')
      }
      setSplits(importId, undone ? 'split_before' : 'split_after')
      settleSlice(importId, 0)
      return !undone
    },

    /**
     * Settles a slice of what follows from imports that came or went: after the clip `afterId`, or from the
     * beginning. Returns where to go on, null when all is settled. In a transaction of its own.
     */
    settle(at: { importId: number; clipId: number } | null): { importId: number; clipId: number } | null {
      const importId = at?.importId ?? unsettled()
      // Where there is nothing to do, nothing is to be written: the project may be one that can only be read.
      if (importId === null) {
        return null
      }
      return sql.transaction(() => {
        const clipId = settleSlice(importId, at?.clipId ?? 0)
        const next = clipId === null ? unsettled() : importId
        return next === null ? null : { importId: next, clipId: clipId ?? 0 }
      })
    },

    /** Throws away a slice of a staged import; returns whether there is more of it. In a transaction of its own. */
    discard: (importId: number): boolean =>
      sql.quietly(() => {
        discardSlice(importId)
        return stateOf(importId) !== undefined
      }),

    /** A staged import whose job has ended, or null: it is waste. */
    waste,

    /** Whether an import is on its way, other than waste. */
    isRunning: (): boolean =>
      sql.get(
        `SELECT 1 FROM import JOIN job ON job.id = job_id WHERE import.state = 'staged' AND job.state IN ('queued', 'running')`,
      ) !== undefined,

    /**
     * An import that is no edit is there for what is said of it, and for where videos lie: settle it afterwards.
     */
    keep(importId: number): void {
      sql.run(`UPDATE import SET state = 'present', unsettled = 1 WHERE id = ?`, importId)
    },

    /** Another text whenever an import came, or was undone or redone: what was planned on them holds no more. */
    version: (): string =>
      sql
        .all<{ id: number; state: string }>(
          `SELECT id, state FROM import WHERE state <> 'staged' ORDER BY id`,
        )
        .map(({ id, state }) => `${id}${state}`)
        .join(),

    /** The imports that were made, latest first. */
    list(limit: number): StoredImport[] {
      return sql
        .all<{ id: number; at: string; title: string; state: string; report: string }>(
          `SELECT id, at, title, state, report FROM import WHERE state <> 'staged' AND report IS NOT NULL ORDER BY id DESC LIMIT ?`,
          limit,
        )
        .map(({ id, at, title, state, report }) => ({
          id,
          at,
          title,
          undone: state === 'undone',
          report: fromJson(storedImportReport, report),
        }))
    },
  }
}
