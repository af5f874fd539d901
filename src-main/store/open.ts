/**
 * A project is a folder NAME.vitrine with project.sqlite. Opening never changes a file that is not a project
 * of this or an older version. Several processes may have the same project open: SQLite serialises their
 * writes.
 */
import { existsSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { VitrineError } from '#contract'
import { replaceFolderAtomic } from '../formats/atomic.ts'
import { backUp } from './backup.ts'
import { APPLICATION_ID, migrate, MIGRATIONS, userVersion } from './migrate.ts'
import { guarded } from './sql.ts'
import { openStore } from './store.ts'
import type { Store, StoreOptions } from './store.ts'

const EXTENSION = '.vitrine'
const FILE = 'project.sqlite'

/** How long a write waits for another process, in milliseconds. */
const BUSY_TIMEOUT = 5000

export interface OpenProject {
  /** Absolute path of the project folder. */
  folder: string
  /** The folder's name without `.vitrine`. */
  name: string
  store: Store
  close(): void
}

/**
 * Creates an empty project at `path` (NAME.vitrine, not there yet or an empty folder) and opens it. It
 * appears whole or not at all. Throws BAD_INPUT for an unfit path, CONFLICT when something is there already,
 * DISK_FULL.
 */
export async function createProject(path: string, options: StoreOptions = {}): Promise<OpenProject> {
  const folder = resolve(path)
  if (!folder.endsWith(EXTENSION) || basename(folder) === EXTENSION) {
    throw new VitrineError(
      'BAD_INPUT',
      `${folder} is no name for a project.`,
      `Choose a name that ends in ${EXTENSION}.`,
    )
  }
  if (!isFolder(dirname(folder))) {
    throw new VitrineError(
      'BAD_INPUT',
      `The folder ${dirname(folder)} does not exist.`,
      'Create it, or choose another place for the project.',
    )
  }
  if (existsSync(folder) && !(isFolder(folder) && (await readdir(folder)).length === 0)) {
    throw new VitrineError('CONFLICT', `${folder} exists already.`, 'Open it, or choose another name.')
  }
  try {
    await replaceFolderAtomic(folder, async (temporary) => {
      const db = new Sqlite(join(temporary, FILE))
      try {
        migrate(db, () => {})
      } finally {
        db.close()
      }
    })
  } catch (error) {
    throw creationError(error, folder)
  }
  return openProject(folder, options)
}

/**
 * Opens the project at `path` (its folder, or the project.sqlite in it); one of an older version is backed up
 * and migrated. Throws BAD_INPUT for anything that is not a project, NEWER_PROJECT for one that a newer
 * version of Vitrine wrote.
 */
export function openProject(path: string, options: StoreOptions = {}): OpenProject {
  const given = resolve(path)
  const folder = basename(given) === FILE ? dirname(given) : given
  const file = join(folder, FILE)
  if (!existsSync(file)) {
    const problem = existsSync(folder)
      ? `${folder} is not a Vitrine project: it holds no ${FILE}.`
      : `${folder} does not exist.`
    throw new VitrineError('BAD_INPUT', problem, `Choose a folder NAME${EXTENSION}, or create a project.`)
  }
  return guarded(() => {
    const db = new Sqlite(file, { fileMustExist: true, timeout: BUSY_TIMEOUT })
    try {
      checkHeader(db, file)
      db.pragma('journal_mode = WAL')
      db.pragma('synchronous = FULL')
      db.pragma('foreign_keys = ON')
      migrate(db, () => backUp(db, folder))
      const store = openStore(db, options)
      store.topics.derived.complete()
      store.jobs.interruptAbandoned()
      return { folder, name: basename(folder, EXTENSION), store, close: () => void db.close() }
    } catch (error) {
      db.close()
      throw error
    }
  })
}

function checkHeader(db: Database, file: string): void {
  let applicationId: unknown
  try {
    applicationId = db.pragma('application_id', { simple: true })
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError) || error.code !== 'SQLITE_NOTADB') {
      throw error
    }
  }
  if (applicationId !== APPLICATION_ID) {
    throw new VitrineError('BAD_INPUT', `${file} is not a Vitrine project.`, 'Choose another folder.')
  }
  const version = userVersion(db)
  if (version > MIGRATIONS.length) {
    throw new VitrineError(
      'NEWER_PROJECT',
      `${file} was written by a newer version of Vitrine (format ${version}; this one reads up to ${MIGRATIONS.length}).`,
      'Update Vitrine to open it.',
    )
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

function creationError(error: unknown, folder: string): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') {
    return error
  }
  return new VitrineError(
    'BAD_INPUT',
    `Vitrine may not write to ${dirname(folder)}.`,
    'Choose another place for the project.',
    { cause: error },
  )
}
