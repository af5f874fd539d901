/** Brings a backup back: what that would change, and the change itself. */
import { randomUUID } from 'node:crypto'
import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { fileError } from '../../common/files/file-errors.ts'
import { failures } from '../failures.ts'
import { APPLICATION_ID, migrate, MIGRATIONS, userVersion } from '../migrate.ts'
import { whileAlone } from '../owners.ts'
import type { BackupFile } from './backups.ts'
import { quickCheck } from './integrity.ts'
import { DATABASE, replaceDatabase } from './replace.ts'
import { TABLES } from '../tables.ts'
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
  const tables = tableNames(db)
  const countOf = (table: string): number => {
    if (table === 'model') {
      return modelIds(db).length
    }
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

/** The models but those in the trash, which older versions don't have. */
function modelIds(db: Database): number[] {
  const hasTrash =
    db.prepare(`SELECT 1 FROM pragma_table_info('model') WHERE name = 'trashed_at'`).get() !== undefined
  const present = hasTrash ? 'WHERE trashed_at IS NULL' : ''
  return db.prepare<[], number>(`SELECT id FROM model ${present} ORDER BY id`).pluck().all()
}

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
 * Throws BAD_INPUT for a file that is no sound backup, with everything as it was; CONFLICT where another program
 * has a damaged project open; DISK_FULL.
 */
export async function restoreBackup(folder: string, backup: BackupFile): Promise<void> {
  readBackup(backup, () => undefined)
  const temporary = join(folder, `.${DATABASE}.${randomUUID()}.tmp`)
  try {
    copyFileSync(backup.path, temporary)
    const counters = readProject(folder, countersOf)
    const db = new Sqlite(temporary)
    try {
      if ((await quickCheck(db)).length > 0) {
        throw failures.backupUnfit({ file: backup.path })
      }
      migrate(db, () => undefined)
      if (counters !== null) {
        goOnFrom(db, counters)
        await db.backup(join(folder, DATABASE))
      }
    } finally {
      db.close()
    }
    if (counters === null) {
      await whileAlone(folder, async () => {
        replaceDatabase(folder, temporary)
      })
    } else {
      flush(folder)
    }
  } catch (error) {
    throw fileError(error, join(folder, DATABASE))
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** What only ever grows in a project. */
interface Counters {
  /** The last id of each table. */
  sequence: Map<string, number>
  /** How often each table was written; none in older versions. */
  writes: Map<string, number>
}

function countersOf(db: Database): Counters {
  const read = (table: string, column: string): Map<string, number> =>
    new Map(
      db
        .prepare<[], { name: string; value: number }>(`SELECT name, ${column} AS value FROM ${table}`)
        .all()
        .map(({ name, value }) => [name, value]),
    )
  return {
    sequence: read('sqlite_sequence', 'seq'),
    writes: tableNames(db).has('table_write') ? read('table_write', 'writes') : new Map(),
  }
}

/**
 * Ids and counts of writes go on from those that the project has: other programs that have it open see that every
 * table was written. No job of the backup is at work any more, whoever lives of those that it names.
 */
function goOnFrom(db: Database, { sequence, writes }: Counters): void {
  for (const [table, seq] of sequence) {
    raiseSequence(db, table, seq)
  }
  const raise = db.prepare<[string, number]>(
    'INSERT INTO table_write (name, writes) VALUES (?, ?) ON CONFLICT DO UPDATE SET writes = max(writes, excluded.writes) + 1',
  )
  for (const table of new Set([...TABLES, ...writes.keys()])) {
    raise.run(table, (writes.get(table) ?? 0) + 1)
  }
  db.exec(`UPDATE job SET owner = NULL WHERE state IN ('queued', 'running')`)
}

const tableNames = (db: Database): Set<string> =>
  new Set(
    db.prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')`).pluck().all(),
  )

/** Writes what is in the log into the database, down to the disk. */
function flush(folder: string): void {
  const db = new Sqlite(join(folder, DATABASE))
  db.pragma('synchronous = FULL')
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.close()
}
