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
}

let connections = 0

/** `onCommit` is told which tables a transaction has changed, cascades included, once it is durable. */
export function createSql(db: Database, onCommit: (tables: ReadonlySet<string>) => void = () => {}): Sql {
  const connection = ++connections
  const statements = new Map<string, { statement: Statement<SqlValue[]>; written: ReadonlySet<string> }>()
  /** How often each table was written, by statements. */
  const writes = new Map<string, number>()
  /** The tables that each open transaction has changed; the last is the innermost. */
  const openTransactions: Set<string>[] = []

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
    }
    const innermost = openTransactions.at(-1)
    if (innermost === undefined) {
      onCommit(tables)
    } else {
      tables.forEach((table) => innermost.add(table))
    }
  }

  const run = <T>(work: () => T, isAnnounced: boolean): T => {
    const changed = new Set<string>()
    openTransactions.push(changed)
    let result: T
    try {
      // Immediate: a transaction that reads first and writes later would otherwise fail without waiting for
      // the other writer.
      result = guarded(() => db.transaction(work).immediate())
    } finally {
      openTransactions.pop()
    }
    const outer = openTransactions.at(-1)
    if (outer !== undefined) {
      changed.forEach((table) => outer.add(table))
    } else if (isAnnounced && changed.size > 0) {
      onCommit(changed)
    }
    return result
  }

  return {
    all: <Row>(text: string, ...values: SqlValue[]) =>
      guarded(() => prepare(text, values).statement.all(...values) as Row[]),
    get: <Row>(text: string, ...values: SqlValue[]) =>
      guarded(() => prepare(text, values).statement.get(...values) as Row | undefined),
    run: (text, ...values) =>
      guarded(() => {
        const { statement, written } = prepare(text, values)
        const { changes, lastInsertRowid } = statement.run(...values)
        if (changes > 0) {
          recordWrite(written)
        }
        return { changes, id: Number(lastInsertRowid) }
      }),
    transaction: (work) => run(work, true),
    quietly: (work) => run(work, false),
    stamp: (tables) =>
      [
        connection,
        db.pragma('data_version', { simple: true }),
        ...tables.map((table) => writes.get(table) ?? 0),
      ].join(' '),
  }
}

/** What people can do something about, by how SQLite's code of it begins. */
const DATABASE_FAILURES = [
  ['SQLITE_FULL', failures.diskFull],
  ['SQLITE_BUSY', failures.inUse],
  ['SQLITE_READONLY', failures.readOnly],
  ['SQLITE_CANTOPEN', failures.readOnly],
  ['SQLITE_CORRUPT', failures.damaged],
] as const

/** Runs `work` and puts the database failures that have a remedy into words. */
export function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw databaseFailure(error)
  }
}

function databaseFailure(error: unknown): unknown {
  if (!(error instanceof Sqlite.SqliteError)) {
    return error
  }
  const known = DATABASE_FAILURES.find(([code]) => error.code.startsWith(code))
  if (known === undefined) {
    return error
  }
  const [, fail] = known
  return fail({}, { cause: error })
}

/** The value of a JSON column; throws when it is not what `schema` says. */
export function fromJson<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  return schema.parse(JSON.parse(text))
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
