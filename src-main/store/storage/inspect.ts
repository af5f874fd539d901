/** Looks at a project's database beside whoever has it open, and mends what needs no new file. */
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { indexAllClips } from '../corpus/search.ts'
import { databaseFailure } from '../sql.ts'
import { connect, connectToProject } from './connection.ts'
import { brokenReferences, integrityCheck, quickCheck } from './integrity.ts'
import type { BrokenReference } from './integrity.ts'
import { isDamagedProject } from './damage.ts'
import { DATABASE, makeDamagedFolder, writeLost } from './replace.ts'
import { dropOrphans } from './salvage.ts'

export interface Inspection {
  /** What SQLite finds wrong, in its words. */
  problems: string[]
  references: BrokenReference[]
  /** Whether the search finds what the captions hold. */
  searchIsWhole: boolean
}

/** All that SQLite says of the database of the project in `folder`. */
export async function inspectDatabase(folder: string): Promise<Inspection> {
  const db = connectToProject(folder)
  try {
    const problems = await integrityCheck(db)
    return problems.length > 0
      ? { problems, references: [], searchIsWhole: true }
      : { problems, references: brokenReferences(db), searchIsWhole: searchIsWhole(db) }
  } finally {
    db.close()
  }
}

function searchIsWhole(db: Database): boolean {
  try {
    db.prepare(`INSERT INTO clip_search (clip_search) VALUES ('integrity-check')`).run()
  } catch (error) {
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_CORRUPT')) {
      return false
    }
    throw databaseFailure(error)
  }
  const count = (sql: string): number => db.prepare<[], number>(sql).pluck().get()!
  return (
    count('SELECT count(*) FROM clip WHERE id NOT IN (SELECT rowid FROM clip_search)') === 0 &&
    count('SELECT count(*) FROM clip_search WHERE rowid NOT IN (SELECT id FROM clip)') === 0
  )
}

/**
 * What is wrong with the database file of the project in `folder`, which need not be one that can be opened; a
 * file that is no database at all is no project, and has no problems.
 */
export async function problemsOfFile(folder: string): Promise<string[]> {
  const file = join(folder, DATABASE)
  let db: Database | null = null
  try {
    db = connectToProject(folder)
    const problems = await quickCheck(db)
    const isEmpty = db.prepare<[], number>('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
    return isEmpty ? ['it holds nothing'] : problems
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError)) {
      throw error
    }
    return isDamagedProject(file) ? [error.message] : []
  } finally {
    db?.close()
  }
}

/** What a repair of the database took out of it. */
export interface Repair {
  /** Rows that were taken out. */
  lostRows: number
  /** The folder with those rows, in `lost-rows.jsonl`; null: none were taken out. */
  keptIn: string | null
}

/**
 * Takes out rows that refer to rows that aren't there, which are written into a file first, and builds the search anew,
 * where these are wrong.
 */
export function repairDatabase(folder: string, { references, searchIsWhole: isWhole }: Inspection): Repair {
  const db = connectToProject(folder)
  // A row that refers to one that goes is taken out for itself, so that it is written down.
  db.pragma('foreign_keys = OFF')
  try {
    return db
      .transaction(() => {
        const lost = references.length > 0 ? dropOrphans(db) : []
        const keptIn = lost.length > 0 ? makeDamagedFolder(folder) : null
        if (keptIn !== null) {
          writeLost(keptIn, lost)
        }
        if (!isWhole) {
          indexAllClips(db)
        }
        return { lostRows: lost.length, keptIn }
      })
      .immediate()
  } finally {
    db.close()
  }
}

/** The models that a backup names; null where it can't be read. */
export function modelsOfBackup(path: string): number[] | null {
  let db: Database | null = null
  try {
    db = connect(path, { readonly: true, fileMustExist: true })
    return db.prepare<[], number>('SELECT id FROM model').pluck().all()
  } catch (error) {
    if (error instanceof Sqlite.SqliteError) {
      return null
    }
    throw error
  } finally {
    db?.close()
  }
}

/** Whether a backup's pages and rows are in order. */
export async function isSoundBackup(path: string): Promise<boolean> {
  let db: Database | null = null
  try {
    db = connect(path, { readonly: true, fileMustExist: true })
    return (await quickCheck(db)).length === 0
  } catch (error) {
    if (error instanceof Sqlite.SqliteError) {
      return false
    }
    throw error
  } finally {
    db?.close()
  }
}
