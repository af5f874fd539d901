/**
 * The little that the repositories need of better-sqlite3: statements prepared once and kept, rows typed at
 * the call, transactions, which tables were written, and the failures of a database that people can do
 * something about. Tables are STRICT, so a row has the types that its columns declare; JSON columns go
 * through `fromJson` and their schema.
 */
import Sqlite from 'better-sqlite3'
import type { Database, Statement } from 'better-sqlite3'
import type * as z from 'zod'
import type { VitrineError } from '../common/failures.ts'
import { compiledTables } from './compiled-tables.ts'
import { failures } from './failures.ts'

export type SqlValue = string | number | bigint | null | Uint8Array

export interface Sql {
  all<Row>(text: string, ...values: SqlValue[]): Row[]
  get<Row>(text: string, ...values: SqlValue[]): Row | undefined
  /** Returns how many rows changed, and the last inserted row's id. */
  run(text: string, ...values: SqlValue[]): { changes: number; id: number }
  /** Runs `work` in one transaction (a savepoint inside another); what it throws rolls everything back. */
  transaction<T>(work: () => T): T
  /**
   * The same for rows that nobody sees yet, such as those of an import on its way: nobody is told of it.
   */
  quietly<T>(work: () => T): T
  /**
   * A text that is another one whenever rows of `tables` may have changed: those that this connection wrote,
   * or any after another connection has written, or in another project. For the caches of this process.
   */
  stamp(tables: readonly string[]): string
  /**
   * The tables that other connections (another process, that is) have written since this was asked last; null:
   * some, and nobody knows which.
   */
  writtenElsewhere(): ReadonlySet<string> | null
  /**
   * Runs `work`, whose writes fail with CONFLICT at once where another process is writing, instead of holding up
   * everything in this one until that is done.
   */
  withoutWaiting<T>(work: () => T): T
  /** How many transactions this connection has committed. */
  commits(): number
}

export interface SqlOptions {
  /** Told which tables a transaction has changed, cascades included, once it is durable. */
  onCommit?: (tables: ReadonlySet<string>) => void
  /** Throws when nothing may be written now; asked before every write. */
  beforeWrite?: () => void
}

let connections = 0

export function createSql(
  db: Database,
  { onCommit = () => {}, beforeWrite = () => {} }: SqlOptions = {},
): Sql {
  const connection = ++connections
  const tableWrites = countTableWrites(db)
  const statements = new Map<string, { statement: Statement<SqlValue[]>; written: ReadonlySet<string> }>()
  /** How often each table was written, by statements. */
  const writes = new Map<string, number>()
  /** The tables that each open transaction has changed; the last is the innermost. */
  const openTransactions: Set<string>[] = []
  let commits = 0

  const prepare = (text: string, values: SqlValue[]) => {
    let prepared = statements.get(text)
    if (!prepared) {
      const statement = db.prepare<SqlValue[]>(text)
      const written = statement.readonly ? new Set<string>() : compiledTables(db, text, values).written
      prepared = { statement, written }
      statements.set(text, prepared)
    }
    return prepared
  }

  const recordWrite = (tables: ReadonlySet<string>): void => {
    for (const table of tables) {
      writes.set(table, (writes.get(table) ?? 0) + 1)
      openTransactions.at(-1)?.add(table)
    }
  }

  const inTransaction = <T>(work: () => T, isAnnounced: boolean): T => {
    const isOutermost = openTransactions.length === 0
    const changed = new Set<string>()
    if (isOutermost) {
      beforeWrite()
    }
    openTransactions.push(changed)
    let result: T
    try {
      // Immediate: a transaction that reads first and writes later would otherwise fail without waiting for
      // the other writer.
      result = guarded(() =>
        db
          .transaction(() => {
            const returned = work()
            if (isOutermost) {
              tableWrites.count(isAnnounced ? changed : UNSEEN)
            }
            return returned
          })
          .immediate(),
      )
    } finally {
      openTransactions.pop()
    }
    if (!isOutermost) {
      changed.forEach((table) => openTransactions.at(-1)?.add(table))
    } else if (changed.size > 0) {
      commits++
      tableWrites.committed(isAnnounced ? changed : UNSEEN)
      if (isAnnounced) {
        onCommit(changed)
      }
    }
    return result
  }

  const transaction = <T>(work: () => T): T => inTransaction(work, true)

  const run: Sql['run'] = (text, ...values) =>
    guarded(() => {
      const { statement, written } = prepare(text, values)
      const { changes, lastInsertRowid } = statement.run(...values)
      if (changes > 0) {
        recordWrite(written)
      }
      return { changes, id: Number(lastInsertRowid) }
    })

  return {
    all: <Row>(text: string, ...values: SqlValue[]) =>
      guarded(() => prepare(text, values).statement.all(...values) as Row[]),
    get: <Row>(text: string, ...values: SqlValue[]) =>
      guarded(() => prepare(text, values).statement.get(...values) as Row | undefined),
    run: (text, ...values) =>
      openTransactions.length > 0 ? run(text, ...values) : transaction(() => run(text, ...values)),
    transaction,
    quietly: (work) => inTransaction(work, false),
    stamp: (tables) =>
      [
        connection,
        db.pragma('data_version', { simple: true }),
        ...tables.map((table) => writes.get(table) ?? 0),
      ].join(' '),
    writtenElsewhere: tableWrites.elsewhere,
    withoutWaiting(work) {
      const timeout = Number(db.pragma('busy_timeout', { simple: true }))
      db.pragma('busy_timeout = 0')
      try {
        return work()
      } finally {
        db.pragma(`busy_timeout = ${timeout}`)
      }
    },
    commits: () => commits,
  }
}

/** What rows that nobody sees are counted as: no query reads a table of this name. */
const UNSEEN: ReadonlySet<string> = new Set(['(unseen)'])

/**
 * How often each table was written, by whichever process: kept in the database, in the transaction that writes.
 * SQLite's own `data_version` says that another connection has written, and not what.
 */
function countTableWrites(db: Database) {
  const increment = db.prepare<[string]>(
    'INSERT INTO table_write (name, writes) VALUES (?, 1) ON CONFLICT DO UPDATE SET writes = writes + 1',
  )
  const select = db.prepare<[], { name: string; writes: number }>('SELECT name, writes FROM table_write')
  const dataVersion = () => db.pragma('data_version', { simple: true }) as number
  /** Both of one state of the database. */
  const read = db.transaction(() => ({
    version: dataVersion(),
    counts: new Map(select.all().map(({ name, writes }) => [name, writes])),
  }))
  let known = read.deferred()

  return {
    /** Counts a write of each table; in the transaction that made it. */
    count: (tables: ReadonlySet<string>) => {
      tables.forEach((table) => increment.run(table))
    },
    /** What was counted is durable. */
    committed: (tables: ReadonlySet<string>) => {
      tables.forEach((table) => known.counts.set(table, (known.counts.get(table) ?? 0) + 1))
    },
    elsewhere(): ReadonlySet<string> | null {
      if (dataVersion() === known.version) {
        return new Set()
      }
      const before = known.counts
      known = read.deferred()
      const written = [...known.counts].filter(([name, writes]) => writes !== before.get(name))
      // Something wrote that does not count: another tool, by hand.
      return written.length === 0 ? null : new Set(written.map(([name]) => name))
    },
  }
}

/** What people can do something about, by how SQLite's code of it begins. */
const DATABASE_FAILURES = [
  ['SQLITE_FULL', failures.diskFull],
  ['SQLITE_BUSY', failures.inUse],
  ['SQLITE_READONLY', failures.readOnly],
  ['SQLITE_CANTOPEN', failures.readOnly],
  ['SQLITE_CORRUPT', failures.damaged],
  ['SQLITE_NOTADB', failures.damaged],
  ['SQLITE_IOERR', failures.diskBroken],
] as const

/** Runs `work` and puts the database failures that have a remedy into words. */
export function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw databaseFailure(error)
  }
}

/** What SQLite threw in words, where there is a remedy; anything else unchanged. */
export function databaseFailure(error: unknown): unknown {
  if (!(error instanceof Sqlite.SqliteError)) {
    return error
  }
  if (/^no such (table|column)/.test(error.message)) {
    return failures.otherTables({ reason: error.message }, { cause: error })
  }
  const known = DATABASE_FAILURES.find(([code]) => error.code.startsWith(code))
  if (known === undefined) {
    return error
  }
  const [, fail] = known
  return fail({}, { cause: error })
}

/** The value of a JSON column. Throws BAD_INPUT when it is not what `schema` says. */
export function fromJson<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  const { success, data, error } = schema.safeParse(parsed(text))
  if (success) {
    return data
  }
  const [issue] = error.issues
  const reason = [issue?.path.join('.'), issue?.message].filter(Boolean).join(': ')
  throw failures.valueUnreadable({ reason }, { cause: error })
}

/** Undefined, which no JSON is, for a text that is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The row that was asked for. Throws the failure when there is none. */
export function found<Row>(row: Row | undefined, missing: () => VitrineError): Row {
  if (row === undefined) {
    throw missing()
  }
  return row
}

/** The current time, ISO 8601 in UTC. */
export const now = (): string => new Date().toISOString()
