/**
 * Makes a new database of what can be read of a damaged one. What was lost with a page comes from the newest
 * sound backup where that has it, and may be older; rows that can be read and that the new database does not take
 * (they refer to something lost, say) are written into a file beside the damaged one, which is kept.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { indexAllClips } from '../corpus/search.ts'
import { failures } from '../failures.ts'
import { migrate, MIGRATIONS, userVersion } from '../migrate.ts'
import { whileAlone } from '../owners.ts'
import { listBackups } from './backups.ts'
import type { BackupFile } from './backups.ts'
import { connect } from './connection.ts'
import { integrityCheck, quickCheck } from './integrity.ts'
import { openDatabaseFile } from './pages.ts'
import { DATABASE, replaceDatabase, writeLost } from './replace.ts'
import type { LostRow } from './replace.ts'
import { findRows, rootsIn, tableShapes } from './rows.ts'
import type { FoundRows, Roots, Row, TableShape } from './rows.ts'

export interface SalvagedTable extends FoundRows {
  table: string
  /** Rows that the backup had and the damaged file did not give. */
  fromBackup: number
}

export interface Salvage {
  /** Where the damaged files are now: a folder of the project. */
  keptIn: string
  /** The tables that lost something. */
  damaged: SalvagedTable[]
  /** Rows of all tables that are in the new database. */
  rows: number
  /** Rows that could be read and not kept; they are in `lost-rows.jsonl` of that folder. */
  lostRows: number
  /** The backup that was taken from; null: none was sound. */
  backup: BackupFile | null
}

/**
 * Puts a sound database in the place of the damaged one of the project in `folder`. Throws CONFLICT where anybody has
 * it open, BAD_INPUT where nothing at all can be read, with everything as it was; DISK_FULL.
 */
export function salvageDatabase(folder: string): Promise<Salvage> {
  return whileAlone(folder, () => salvage(folder))
}

async function salvage(folder: string): Promise<Salvage> {
  const damaged = join(folder, DATABASE)
  const temporary = join(folder, `.${DATABASE}.${randomUUID()}.tmp`)
  const backup = await newestSound(folder)
  const db = connect(temporary)
  try {
    db.pragma('synchronous = OFF')
    const found = readAll(db, damaged, backup)
    migrate(db, () => undefined)
    db.pragma('foreign_keys = OFF')
    const fromBackup = fillFrom(db, backup, found.tables)
    const lost = [...found.lost, ...dropOrphans(db)]
    keepIdsAhead(db, folder, found.sequence)
    indexAllClips(db)
    // What clips bear is derived anew at the next open.
    db.exec('DELETE FROM topic_vector')
    const rows = await soundRows(db)
    db.close()
    const keptIn = replaceDatabase(folder, temporary)
    writeLost(keptIn, lost)
    return {
      keptIn,
      damaged: [...found.tables]
        .filter(([, table]) => table.damagedPages > 0 || table.refused > 0)
        .map(([table, figures]) => ({ table, ...figures, fromBackup: fromBackup.get(table) ?? 0 })),
      rows,
      lostRows: lost.length,
      backup: [...fromBackup.values()].some((filled) => filled > 0) ? backup : null,
    }
  } finally {
    db.close()
    rmSync(temporary, { force: true })
  }
}

async function newestSound(folder: string): Promise<BackupFile | null> {
  for (const backup of listBackups(folder)) {
    try {
      const db = connect(backup.path, { readonly: true })
      try {
        if ((await quickCheck(db)).length === 0 && userVersion(db) <= MIGRATIONS.length) {
          return backup
        }
      } finally {
        db.close()
      }
    } catch {
      // It can't even be opened: the next one.
    }
  }
  return null
}

/** Makes the new database's tables, and fills them with all that can be read. */
function readAll(db: Database, damaged: string, backup: BackupFile | null) {
  const file = openDatabaseFile(damaged)
  try {
    const known = backup === null ? null : schemaOfBackup(backup)
    const version = plausible(file.version) ?? known?.version ?? MIGRATIONS.length
    migrate(db, () => undefined, MIGRATIONS.slice(0, version))
    db.pragma('foreign_keys = OFF')
    const shapes = tableShapes(db).filter(({ name }) => !name.startsWith('clip_search'))
    const roots = known?.version === version ? merged(known.roots, rootsIn(file)) : rootsIn(file)
    const lost: LostRow[] = []
    const insert = inserter(db)
    const tables = db.transaction(() =>
      findRows(file, shapes, roots, {
        take: (shape, row) => insert(shape, row),
        refuse: ({ name }, row) => void lost.push({ table: name, row }),
      }),
    )()
    if ([...tables.values()].every(({ rows }) => rows === 0)) {
      throw failures.nothingToSalvage()
    }
    return { tables, lost, sequence: sequenceIn(db, backup) }
  } finally {
    file.close()
  }
}

const plausible = (version: number | null): number | null =>
  version !== null && version >= 1 && version <= MIGRATIONS.length ? version : null

/** Where a backup has its tables: where the damaged file has them too, as both grew from one file. */
function schemaOfBackup({ path }: BackupFile): { version: number; roots: Roots } {
  const file = openDatabaseFile(path)
  try {
    return { version: file.version ?? 0, roots: rootsIn(file) }
  } finally {
    file.close()
  }
}

const merged = (older: Roots, newer: Roots): Roots => ({
  tables: new Map([...older.tables, ...newer.tables]),
  indexes: new Map([...older.indexes, ...newer.indexes]),
})

/** Returns the way to insert a row, which says whether the table took it. */
function inserter(db: Database): (shape: TableShape, row: Row) => boolean {
  const statements = new Map<string, Sqlite.Statement<unknown[]>>()
  return ({ name }, row) => {
    const columns = Object.keys(row)
    const key = `${name} ${columns.length}`
    const statement =
      statements.get(key) ??
      db.prepare<unknown[]>(
        `INSERT OR IGNORE INTO "${name}" (${columns.map((column) => `"${column}"`).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      )
    statements.set(key, statement)
    try {
      return statement.run(...Object.values(row)).changes === 1
    } catch (error) {
      if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT')) {
        return false
      }
      throw error
    }
  }
}

/** The last id of each table that any database knows of: ids are never given twice. */
function sequenceIn(db: Database, backup: BackupFile | null): Map<string, number> {
  const sequence = new Map<string, number>()
  const note = (from: Database): void => {
    for (const { name, seq } of from
      .prepare<[], { name: string; seq: number }>('SELECT name, seq FROM sqlite_sequence')
      .all()) {
      sequence.set(name, Math.max(seq, sequence.get(name) ?? 0))
    }
  }
  note(db)
  if (backup !== null) {
    const old = connect(backup.path, { readonly: true })
    note(old)
    old.close()
  }
  return sequence
}

/** Rows of the backup that damaged tables lack, by table. */
function fillFrom(
  db: Database,
  backup: BackupFile | null,
  tables: ReadonlyMap<string, FoundRows>,
): Map<string, number> {
  const filled = new Map<string, number>()
  if (backup === null) {
    return filled
  }
  const copy = connect(backup.path, { readonly: true }).serialize()
  const old = connect(copy)
  migrate(old, () => undefined)
  const insert = inserter(db)
  db.transaction(() => {
    for (const shape of tableShapes(db)) {
      if ((tables.get(shape.name)?.damagedPages ?? 0) === 0) {
        continue
      }
      let count = 0
      for (const row of old.prepare<[], Row>(`SELECT * FROM "${shape.name}"`).iterate()) {
        count += insert(shape, row) ? 1 : 0
      }
      filled.set(shape.name, count)
    }
  })()
  old.close()
  return filled
}

interface Reference {
  table: string
  from: string
  to: string
  parent: string
  required: 0 | 1
}

/** Takes out rows that refer to something lost; a reference that may be null is made so instead. Returns them. */
export function dropOrphans(db: Database): LostRow[] {
  const references = db
    .prepare<[], Reference>(
      `SELECT t.name AS "table", f."from", f."table" AS parent, coalesce(f."to", (SELECT name FROM pragma_table_info(f."table") WHERE pk = 1)) AS "to",
         (SELECT "notnull" FROM pragma_table_info(t.name) WHERE name = f."from") AS required
       FROM pragma_table_list AS t JOIN pragma_foreign_key_list(t.name) AS f WHERE t.schema = 'main'`,
    )
    .all()
  const lost: LostRow[] = []
  for (let before = -1; before !== lost.length;) {
    before = lost.length
    for (const reference of references) {
      lost.push(...dropOrphansOf(db, reference))
    }
  }
  return lost
}

function dropOrphansOf(db: Database, { table, from, to, parent, required }: Reference): LostRow[] {
  const isOrphan = `"${from}" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "${parent}" AS parent WHERE parent."${to}" = "${table}"."${from}")`
  if (required === 0) {
    db.exec(`UPDATE OR IGNORE "${table}" SET "${from}" = NULL WHERE ${isOrphan}`)
  }
  const rows = db.prepare<[], Row>(`SELECT * FROM "${table}" WHERE ${isOrphan}`).all()
  db.exec(`DELETE FROM "${table}" WHERE ${isOrphan}`)
  return rows.map((row) => ({ table, row }))
}

/**
 * Ids of a database go on from the last ones (`sequence`, by table), so that none is given twice: that of a lost model
 * with a folder in the project neither.
 */
export function keepIdsAhead(db: Database, folder: string, sequence: ReadonlyMap<string, number>): void {
  const models = ['models', 'runs'].flatMap((kind) =>
    existsSync(join(folder, kind))
      ? readdirSync(join(folder, kind)).map(Number).filter(Number.isInteger)
      : [],
  )
  for (const [table, seq] of [...sequence, ['model', Math.max(0, ...models)] as const]) {
    raiseSequence(db, table, seq)
  }
}

/** Makes later ids of a table larger than `seq`. */
function raiseSequence(db: Database, table: string, seq: number): void {
  const { changes } = db
    .prepare('UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?')
    .run(seq, table)
  if (changes === 0) {
    db.prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)').run(table, seq)
  }
}

/** How many rows the new database has. Throws when it is not sound: that is a bug. */
async function soundRows(db: Database): Promise<number> {
  const problems = [...(await integrityCheck(db)), ...(db.pragma('foreign_key_check') as unknown[])]
  if (problems.length > 0) {
    throw new Error(`the salvaged database is not sound: ${JSON.stringify(problems[0])}`)
  }
  return tableShapes(db)
    .filter(({ name }) => !name.startsWith('clip_search'))
    .reduce(
      (sum, { name }) => sum + db.prepare<[], number>(`SELECT count(*) FROM "${name}"`).pluck().get()!,
      0,
    )
}
