/** Brings a backup back: what that would change, and the change itself. */
import { randomUUID } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { fileError } from '../../common/files/file-errors.ts'
import { failures } from '../failures.ts'
import { APPLICATION_ID, migrate, MIGRATIONS, userVersion } from '../migrate.ts'
import { takeOwnership } from '../owners.ts'
import type { Owner } from '../owners.ts'
import { databaseFailure } from '../sql.ts'
import { TABLES } from '../tables.ts'
import { makeBackup } from './backups.ts'
import type { BackupFile } from './backups.ts'
import { connect, connectToProject } from './connection.ts'
import { quickCheck } from './integrity.ts'
import { DATABASE, replaceDatabase } from './replace.ts'
import { keepIdsAhead } from './salvage.ts'

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
    db = connect(path, { readonly: true, fileMustExist: true })
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
    db = connectToProject(folder)
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
  const present = hasColumn(db, 'model', 'trashed_at') ? 'WHERE trashed_at IS NULL' : ''
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

/** How long a restore waits for another program's write, and how often it looks, in milliseconds. */
const TRIES_FOR = 10_000
const TRIES_EVERY = 25

/**
 * Makes the content of a backup that of the project in `folder`, brought to the newest version, in one
 * transaction: other programs that have the project open see it at once. What there is now is backed up before. A
 * database that is damaged is replaced instead and kept. Ids go on where they were, so that no file of a later model
 * is taken for one of another. Throws BAD_INPUT for a file that is no sound backup, with everything as it was, CONFLICT
 * likewise while a program works on the project, or writes to it meanwhile, or has a damaged one open; DISK_FULL.
 */
export async function restoreBackup(folder: string, backup: BackupFile): Promise<void> {
  const temporary = join(folder, `.${DATABASE}.${randomUUID()}.tmp`)
  const owner = takeOwnership(folder)
  try {
    await copyBackup(backup, temporary)
    if (await isSoundProject(folder)) {
      await restoreInto(folder, { backup, owner, copy: temporary })
    } else {
      restoreInPlace(folder, { owner, copy: temporary })
    }
  } catch (error) {
    throw fileError(databaseFailure(error), join(folder, DATABASE))
  } finally {
    owner.release()
    rmSync(temporary, { force: true })
  }
}

/** Copies a backup, with what is in a log beside it, to a file of the newest version. Throws BAD_INPUT for none. */
async function copyBackup(backup: BackupFile, file: string): Promise<void> {
  readBackup(backup, () => undefined)
  const source = connect(backup.path, { readonly: true, fileMustExist: true })
  try {
    await source.backup(file)
  } finally {
    source.close()
  }
  const copy = connect(file)
  try {
    copy.pragma('journal_mode = DELETE')
    if ((await quickCheck(copy)).length > 0) {
      throw failures.backupUnfit({ file: backup.path })
    }
    migrate(copy, () => undefined)
  } finally {
    copy.close()
  }
}

async function isSoundProject(folder: string): Promise<boolean> {
  if (readProject(folder, countersOf) === null) {
    return false
  }
  const db = connectToProject(folder)
  try {
    return (await quickCheck(db)).length === 0
  } finally {
    db.close()
  }
}

/** Puts the copy in the place of a damaged database. */
function restoreInPlace(folder: string, { owner, copy }: { owner: Owner; copy: string }): void {
  if (!owner.isAlone()) {
    throw failures.openElsewhere({ folder })
  }
  const db = connect(copy)
  try {
    goOnFrom(db, folder, readProject(folder, countersOf) ?? { sequence: new Map(), writes: new Map() })
  } finally {
    db.close()
  }
  replaceDatabase(folder, copy)
}

/** Writes the copy into the live database, after a backup of what that holds. */
async function restoreInto(
  folder: string,
  { backup, owner, copy }: { backup: BackupFile; owner: Owner; copy: string },
): Promise<void> {
  const live = connectToProject(folder)
  const db = connect(copy)
  try {
    const version = dataVersion(live)
    requireIdle(live, owner)
    goOnFrom(db, folder, countersOf(live))
    if (Object.values(holdingsOf(live)).some((held) => held > 0)) {
      await makeBackup(live, folder, { reason: 'before-restore', keep: backup.path })
    }
    await overwrite(folder, db, () => {
      // Nobody else can write any more. What was written since is in no backup.
      if (dataVersion(live) !== version) {
        throw failures.changedMeanwhile()
      }
    })
    live.pragma('synchronous = FULL')
    live.pragma('wal_checkpoint(TRUNCATE)')
  } finally {
    db.close()
    live.close()
  }
}

/** Changes whenever another connection has committed. */
const dataVersion = (db: Database): unknown => db.pragma('data_version', { simple: true })

/** Throws CONFLICT while a program that has the project open works on it. */
function requireIdle(live: Database, owner: Owner): void {
  if (!hasColumn(live, 'job', 'owner')) {
    return
  }
  const job = live
    .prepare<[], { title: string; owner: string | null }>(
      `SELECT title, owner FROM job WHERE state IN ('queued', 'running')`,
    )
    .all()
    .find(({ owner: name }) => name !== null && owner.isAlive(name))
  if (job !== undefined) {
    throw failures.jobElsewhere({ job: job.title })
  }
}

/**
 * Writes a database over that of the project in `folder` in one transaction. `begun` is called when that has begun and
 * nobody else can write; what it throws leaves everything as it was. Throws CONFLICT where another program's write
 * doesn't end.
 */
async function overwrite(folder: string, db: Database, begun: () => void): Promise<void> {
  let hasBegun = false
  const progress = (): number => {
    if (!hasBegun) {
      begun()
      hasBegun = true
    }
    return PAGES_AT_ONCE
  }
  const write = () => db.backup(join(folder, DATABASE), { progress })
  // Where another connection is writing, the backup interface copies nothing and says that it is done.
  await write()
  for (const end = performance.now() + TRIES_FOR; !hasBegun;) {
    if (performance.now() > end) {
      throw failures.inUse()
    }
    await setTimeout(TRIES_EVERY)
    await write()
  }
}

/** Pages that are written before others get a turn. */
const PAGES_AT_ONCE = 1000

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
function goOnFrom(db: Database, folder: string, { sequence, writes }: Counters): void {
  keepIdsAhead(db, folder, sequence)
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

const hasColumn = (db: Database, table: string, column: string): boolean =>
  db.prepare('SELECT 1 FROM pragma_table_info(?) WHERE name = ?').get(table, column) !== undefined
