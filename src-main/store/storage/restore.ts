/** Brings a backup back: what that would change, and the change itself. */
import { randomUUID } from 'node:crypto'
import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { diskError } from '../../formats/atomic.ts'
import { failures } from '../failures.ts'
import { APPLICATION_ID, migrate, MIGRATIONS, userVersion } from '../migrate.ts'
import type { BackupFile } from './backups.ts'
import { quickCheck } from './integrity.ts'
import { DATABASE, replaceDatabase } from './replace.ts'
import { raiseSequence } from './salvage.ts'

/** How much a database holds of what people would miss. */
export interface Holdings {
  clips: number
  captions: number
  topics: number
  edits: number
  verdicts: number
  corrections: number
  models: number
}

export interface RestorePreview {
  backup: BackupFile
  /** Null for a project that can't be read. */
  now: Holdings | null
  then: Holdings
  /** Edits that the project has and the backup has not, latest first; of many the first hundred. */
  lostEdits: { total: number; edits: { at: string; who: string; label: string }[] }
  /** Models that the project has and the backup has not. Their files stay. */
  lostModels: number[]
  /** Models of the backup whose files are gone. */
  modelsWithoutFiles: number[]
}

const LISTED_EDITS = 100

/** What restoring a backup would change. Throws BAD_INPUT for a file that is no backup of a project. */
export function previewRestore(folder: string, backup: BackupFile): RestorePreview {
  const then = readBackup(backup, (db) => ({
    holdings: holdingsOf(db),
    edits: editKeys(db),
    models: modelIds(db),
  }))
  const now = readProject(folder, (db) => ({
    holdings: holdingsOf(db),
    models: modelIds(db),
    lost: lostEdits(db, then.edits),
  }))
  const kept = new Set(then.models)
  return {
    backup,
    now: now?.holdings ?? null,
    then: then.holdings,
    lostEdits: now?.lost ?? { total: 0, edits: [] },
    lostModels: now?.models.filter((id) => !kept.has(id)) ?? [],
    modelsWithoutFiles: then.models.filter(
      (id) => !existsSync(join(folder, 'models', String(id), 'model.json')),
    ),
  }
}

function readBackup<Result>({ path }: BackupFile, read: (db: Database) => Result): Result {
  let db: Database | null = null
  try {
    db = new Sqlite(path, { readonly: true, fileMustExist: true })
    const isOurs = db.pragma('application_id', { simple: true }) === APPLICATION_ID
    if (isOurs && userVersion(db) <= MIGRATIONS.length) {
      return read(db)
    }
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError)) {
      throw error
    }
  } finally {
    db?.close()
  }
  throw failures.backupUnfit({ file: path })
}

/** Reads the project's database as far as that goes; null where it is damaged or gone. */
function readProject<Result>(folder: string, read: (db: Database) => Result): Result | null {
  let db: Database | null = null
  try {
    db = new Sqlite(join(folder, DATABASE), { fileMustExist: true })
    return db.pragma('application_id', { simple: true }) === APPLICATION_ID ? read(db) : null
  } catch (error) {
    if (error instanceof Sqlite.SqliteError || error instanceof TypeError) {
      return null
    }
    throw error
  } finally {
    db?.close()
  }
}

const COUNTED: Record<keyof Holdings, readonly string[]> = {
  clips: ['clip'],
  captions: ['caption'],
  topics: ['topic'],
  edits: ['edit'],
  verdicts: ['caption_verdict', 'clip_verdict', 'neuron_verdict'],
  corrections: ['correction'],
  models: ['model'],
}

function holdingsOf(db: Database): Holdings {
  // Older versions lack some of the tables.
  const tables = new Set(
    db.prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')`).pluck().all(),
  )
  const countOf = (table: string): number => {
    // What was removed is not missed.
    const shown = tables.has(`present_${table}`) ? `present_${table}` : table
    return tables.has(shown) ? db.prepare<[], number>(`SELECT count(*) FROM "${shown}"`).pluck().get()! : 0
  }
  const entries = Object.entries(COUNTED).map(([noun, names]) => [
    noun,
    names.reduce((sum, name) => sum + countOf(name), 0),
  ])
  return Object.fromEntries(entries) as unknown as Holdings
}

const editKeys = (db: Database): Set<string> =>
  new Set(db.prepare<[], string>(`SELECT id || ' ' || at FROM edit`).pluck().all())

const modelIds = (db: Database): number[] =>
  db.prepare<[], number>('SELECT id FROM model ORDER BY id').pluck().all()

function lostEdits(db: Database, kept: ReadonlySet<string>): RestorePreview['lostEdits'] {
  const edits: RestorePreview['lostEdits']['edits'] = []
  let total = 0
  for (const { id, at, who, label } of db
    .prepare<[], { id: number; at: string; who: string; label: string }>(
      'SELECT id, at, who, label FROM edit ORDER BY id DESC',
    )
    .iterate()) {
    if (kept.has(`${id} ${at}`)) {
      continue
    }
    total++
    if (edits.length < LISTED_EDITS) {
      edits.push({ at, who, label })
    }
  }
  return { total, edits }
}

/**
 * Makes the content of a backup that of the project in `folder`, brought to the newest version, in one
 * transaction: other programs that have the project open see it at once. A database that is damaged is replaced
 * instead and kept. Ids go on where they were, so that no file of a later model is taken for one of another.
 * Throws BAD_INPUT for a file that is no sound backup, with everything as it was; DISK_FULL.
 */
export async function restoreBackup(folder: string, backup: BackupFile): Promise<void> {
  readBackup(backup, () => undefined)
  const temporary = join(folder, `.${DATABASE}.${randomUUID()}.tmp`)
  try {
    copyFileSync(backup.path, temporary)
    const sequence = readProject(folder, sequenceOf)
    const db = new Sqlite(temporary)
    try {
      if ((await quickCheck(db)).length > 0) {
        throw failures.backupUnfit({ file: backup.path })
      }
      migrate(db, () => undefined)
      for (const [table, seq] of sequence ?? []) {
        raiseSequence(db, table, seq)
      }
      if (sequence !== null) {
        await db.backup(join(folder, DATABASE))
      }
    } finally {
      db.close()
    }
    if (sequence === null) {
      replaceDatabase(folder, temporary)
    } else {
      flush(folder)
    }
  } catch (error) {
    throw diskError(error, temporary)
  } finally {
    rmSync(temporary, { force: true })
  }
}

const sequenceOf = (db: Database): Map<string, number> =>
  new Map(
    db
      .prepare<[], { name: string; seq: number }>('SELECT name, seq FROM sqlite_sequence')
      .all()
      .map(({ name, seq }) => [name, seq]),
  )

/** Writes what is in the log into the database, down to the disk. */
function flush(folder: string): void {
  const db = new Sqlite(join(folder, DATABASE))
  db.pragma('synchronous = FULL')
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.close()
}
