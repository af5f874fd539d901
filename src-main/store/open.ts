/**
 * A project is a folder NAME.vitrine with project.sqlite. Opening never changes a file that is not a project
 * of this or an older version. Several processes may have the same project open: SQLite serialises their
 * writes, and each of them is an owner (owners.ts).
 */
import { statSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { fileError, systemCode } from '../common/files/file-errors.ts'
import { resolvePath } from '../common/files/paths.ts'
import { oneAtATime } from '../common/one-at-a-time.ts'
import { replaceFolderAtomic } from '../formats/atomic.ts'
import { failures } from './failures.ts'
import { APPLICATION_ID, migrate, MIGRATIONS, userVersion } from './migrate.ts'
import { takeOwnership } from './owners.ts'
import type { Owner } from './owners.ts'
import { watchPresence } from './presence.ts'
import type { Presence } from './presence.ts'
import { copyForReading, isWritable } from './reading-copy.ts'
import { guarded } from './sql.ts'
import { backUpBeforeMigration, makeBackup } from './storage/backups.ts'
import type { BackupFile, BackupRequest } from './storage/backups.ts'
import { isDamagedProject, requireSound } from './storage/damage.ts'
import { openStore } from './store.ts'
import type { Store, StoreOptions } from './store.ts'

const EXTENSION = '.vitrine'
const FILE = 'project.sqlite'

/** Bytes: SQLite's own limit, less what it appends to the names of its other files. */
const LONGEST_PATH = 500

/** How long a write waits for another process, in milliseconds. */
const BUSY_TIMEOUT = 5000

export interface OpenProject {
  /** Absolute path of the project folder. */
  folder: string
  /** The folder's name without `.vitrine`. */
  name: string
  store: Store
  /**
   * Backs the database up while it is in use. Throws DISK_FULL, CONFLICT when the project is gone, and BAD_INPUT
   * when it is damaged, or can only be read and the backup would be its own.
   */
  backUp(request: BackupRequest): Promise<BackupFile>
  /**
   * Where pictures and films for the window are kept: the project's folder, but for a project that can only be
   * read, which nothing is written to and whose edits are refused.
   */
  mediaFolder: string
  /** Who has opened it here: what this process is to others that have the project open, too. */
  owner: Owner
  /** Whether it still is where it was opened; asked before every write to the store. */
  presence: Presence
  close(): void
}

/**
 * Creates an empty project at `path` (NAME.vitrine, not there yet or an empty folder) and opens it. It
 * appears whole or not at all. Throws BAD_INPUT for an unfit path, CONFLICT when something is there already,
 * DISK_FULL.
 */
export async function createProject(path: string, options: StoreOptions = {}): Promise<OpenProject> {
  const folder = resolvePath(path)
  const parent = dirname(folder)
  if (!folder.endsWith(EXTENSION) || basename(folder) === EXTENSION) {
    throw failures.nameUnfit({ folder })
  }
  if (!isFolder(parent)) {
    throw failures.parentMissing({ folder: parent })
  }
  checkLength(join(folder, FILE))
  if (statsOf(folder) !== null && !(isFolder(folder) && (await readdir(folder)).length === 0)) {
    throw failures.alreadyThere({ folder })
  }
  await replaceFolderAtomic(folder, async (temporary) => {
    createDatabase(join(temporary, FILE))
  })
  return openProject(folder, options)
}

const isFolder = (path: string): boolean => statsOf(path)?.isDirectory() ?? false

/** What is at a path; null for nothing. Throws the VitrineError of a path that can't be looked at. */
function statsOf(path: string): Stats | null {
  try {
    return statSync(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return null
    }
    throw fileError(error, path)
  }
}

/** SQLite opens no path that is longer, and says something else of it. */
function checkLength(file: string): void {
  if (Buffer.byteLength(file) > LONGEST_PATH) {
    throw failures.pathTooLong({ folder: dirname(file), limit: LONGEST_PATH - FILE.length - 1 })
  }
}

function createDatabase(file: string): void {
  const db = new Sqlite(file)
  try {
    migrate(db, () => {})
  } finally {
    db.close()
  }
}

/**
 * Opens the project at `path` (its folder, or the project.sqlite in it); one of an older version is backed up
 * and migrated. Throws BAD_INPUT for anything that is not a project, or is damaged, NEWER_PROJECT for one that a
 * newer version of Vitrine wrote.
 */
export function openProject(path: string, options: StoreOptions = {}): OpenProject {
  const resolved = resolvePath(path)
  const folder = basename(resolved) === FILE ? dirname(resolved) : resolved
  const file = join(folder, FILE)
  checkLength(file)
  const stats = statsOf(file)
  if (stats === null) {
    throw statsOf(folder) === null ? failures.projectMissing({ folder }) : failures.noProjectFile({ folder })
  }
  if (!stats.isFile()) {
    throw failures.notAProject({ file })
  }
  return guarded(() => {
    const copy = isWritable(folder, file) ? null : copyForReading(folder, FILE)
    const place = copy?.folder ?? folder
    const db = new Sqlite(join(place, FILE), { fileMustExist: true, timeout: BUSY_TIMEOUT })
    let owner: Owner | null = null
    try {
      checkHeader(db, file)
      db.pragma('journal_mode = WAL')
      db.pragma('synchronous = FULL')
      db.pragma('foreign_keys = ON')
      // A project may come from somebody else: its schema calls no function that does more than compute.
      db.pragma('trusted_schema = OFF')
      requireSound(db, join(place, FILE), file)
      // Before anything is written: what is older than the locks of all owners is nobody's.
      owner = takeOwnership(place)
      migrate(db, () => backUpBeforeMigration(db, place))
      return useDatabase({ db, folder, copy, owner, options })
    } catch (error) {
      owner?.release()
      db.close()
      copy?.remove()
      throw error
    }
  })
}

/** The project of a database that is open and up to date. */
function useDatabase({
  db,
  folder,
  copy,
  owner,
  options,
}: {
  db: Database
  folder: string
  /** The copy that is open in the place of a project that can only be read. */
  copy: ReturnType<typeof copyForReading> | null
  owner: Owner
  options: StoreOptions
}): OpenProject {
  const place = copy?.folder ?? folder
  const presence = watchPresence(place, join(place, FILE))
  const inTurn = oneAtATime()
  const store = openStore(db, { ...options, owner, beforeWrite: presence.require })
  store.topics.derived.complete()
  store.jobs.interruptAbandoned()
  if (copy !== null) {
    db.pragma('query_only = ON')
  }
  return {
    folder,
    name: basename(folder, EXTENSION),
    store,
    mediaFolder: place,
    owner,
    presence,
    async backUp(request) {
      presence.require()
      if (copy !== null && (request.to ?? null) === null) {
        throw failures.readOnly()
      }
      return inTurn(() => makeBackup(db, folder, request))
    },
    close() {
      owner.release()
      db.close()
      copy?.remove()
    },
  }
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
