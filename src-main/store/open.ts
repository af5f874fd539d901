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
import { replaceFolderAtomic } from '../formats/atomic.ts'
import { failures } from './failures.ts'
import { APPLICATION_ID, migrate, MIGRATIONS, userVersion } from './migrate.ts'
import { guarded } from './sql.ts'
import { backUpBeforeMigration, makeBackup } from './storage/backups.ts'
import type { BackupFile, BackupRequest } from './storage/backups.ts'
import { isDamagedProject, requireSound } from './storage/damage.ts'
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
  /** Backs the database up while it is in use. Throws DISK_FULL, and BAD_INPUT when it is damaged. */
  backUp(request: BackupRequest): Promise<BackupFile>
  close(): void
}

/**
 * Creates an empty project at `path` (NAME.vitrine, not there yet or an empty folder) and opens it. It
 * appears whole or not at all. Throws BAD_INPUT for an unfit path, CONFLICT when something is there already,
 * DISK_FULL.
 */
export async function createProject(path: string, options: StoreOptions = {}): Promise<OpenProject> {
  const folder = resolve(path)
  const parent = dirname(folder)
  if (!folder.endsWith(EXTENSION) || basename(folder) === EXTENSION) {
    throw failures.nameUnfit({ folder })
  }
  if (!isFolder(parent)) {
    throw failures.parentMissing({ folder: parent })
  }
  if (existsSync(folder) && !(isFolder(folder) && (await readdir(folder)).length === 0)) {
    throw failures.alreadyThere({ folder })
  }
  try {
    await replaceFolderAtomic(folder, async (temporary) => {
      createDatabase(join(temporary, FILE))
    })
  } catch (error) {
    throw isForbidden(error) ? failures.notWritable({ folder: parent }, { cause: error }) : error
  }
  return openProject(folder, options)
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

function createDatabase(file: string): void {
  const db = new Sqlite(file)
  try {
    migrate(db, () => {})
  } finally {
    db.close()
  }
}

const isForbidden = (error: unknown): boolean =>
  ['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')

/**
 * Opens the project at `path` (its folder, or the project.sqlite in it); one of an older version is backed up
 * and migrated. Throws BAD_INPUT for anything that is not a project, or is damaged, NEWER_PROJECT for one that a
 * newer version of Vitrine wrote.
 */
export function openProject(path: string, options: StoreOptions = {}): OpenProject {
  const resolved = resolve(path)
  const folder = basename(resolved) === FILE ? dirname(resolved) : resolved
  const file = join(folder, FILE)
  if (!existsSync(file)) {
    throw existsSync(folder) ? failures.noProjectFile({ folder }) : failures.projectMissing({ folder })
  }
  return guarded(() => {
    const db = new Sqlite(file, { fileMustExist: true, timeout: BUSY_TIMEOUT })
    try {
      checkHeader(db, file)
      db.pragma('journal_mode = WAL')
      db.pragma('synchronous = FULL')
      db.pragma('foreign_keys = ON')
      requireSound(db, file)
      migrate(db, () => backUpBeforeMigration(db, folder))
      const store = openStore(db, options)
      store.topics.derived.complete()
      store.jobs.interruptAbandoned()
      return {
        folder,
        name: basename(folder, EXTENSION),
        store,
        backUp: (request) => makeBackup(db, folder, request),
        close: () => void db.close(),
      }
    } catch (error) {
      db.close()
      throw error
    }
  })
}

function checkHeader(db: Database, file: string): void {
  if (applicationId(db) !== APPLICATION_ID) {
    throw isDamagedProject(file)
      ? failures.damagedFile({ file, problem: 'its header is not that of a project' })
      : failures.notAProject({ file })
  }
  const version = userVersion(db)
  if (version > MIGRATIONS.length) {
    throw failures.newerProject({ file, version, newest: MIGRATIONS.length })
  }
}

/** Null for a file that is no SQLite database. */
function applicationId(db: Database): unknown {
  try {
    return db.pragma('application_id', { simple: true })
  } catch (error) {
    if (error instanceof Sqlite.SqliteError && error.code === 'SQLITE_NOTADB') {
      return null
    }
    throw error
  }
}
