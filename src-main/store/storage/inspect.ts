/** Looks at a project's database beside whoever has it open, and mends what needs no new file. */
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { indexAllClips } from '../corpus/search.ts'
import { brokenReferences, integrityCheck, quickCheck } from './integrity.ts'
import type { BrokenReference } from './integrity.ts'
import { isDamagedProject } from './damage.ts'
import { DATABASE } from './replace.ts'
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
  const db = new Sqlite(join(folder, DATABASE), { fileMustExist: true })
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
    if (error instanceof Sqlite.SqliteError) {
      return false
    }
    throw error
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
    db = new Sqlite(file, { fileMustExist: true })
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

/**
 * Takes out rows that refer to rows that aren't there, and builds the search anew, where these are wrong. Returns
 * how many rows went.
 */
export function repairDatabase(folder: string, { references, searchIsWhole: isWhole }: Inspection): number {
  const db = new Sqlite(join(folder, DATABASE), { fileMustExist: true })
  try {
    return db.transaction(() => {
      const lost = references.length > 0 ? dropOrphans(db) : []
      if (!isWhole) {
        indexAllClips(db)
      }
      return lost.length
    })()
  } finally {
    db.close()
  }
}

/** The models that a backup names; none where it can't be read. */
export async function modelsOfBackup(path: string): Promise<{ models: number[]; isSound: boolean }> {
  try {
    const db = new Sqlite(path, { readonly: true, fileMustExist: true })
    try {
      const isSound = (await quickCheck(db)).length === 0
      return { models: db.prepare<[], number>('SELECT id FROM model').pluck().all(), isSound }
    } finally {
      db.close()
    }
  } catch (error) {
    if (error instanceof Sqlite.SqliteError) {
      return { models: [], isSound: false }
    }
    throw error
  }
}
