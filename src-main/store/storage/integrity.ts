/** What SQLite itself finds wrong with a database. */
import { setImmediate } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import type { Database } from 'better-sqlite3'

/** Problems that a check goes on for; those after it would say nothing new. */
const MOST_PROBLEMS = 50

/**
 * Whether the pages and rows of a database are in order: the problems in SQLite's words, none for a sound one.
 * It is asked a table at a time, so that other work goes on between two of a large database. Never throws for
 * damage.
 */
export async function quickCheck(db: Database): Promise<string[]> {
  return checkByTable(db, 'quick_check')
}

/** The same, with indexes against their tables, and uniqueness: reads the whole database. */
export async function integrityCheck(db: Database): Promise<string[]> {
  return checkByTable(db, 'integrity_check')
}

/** All at once: for small databases, and where nothing may happen meanwhile. */
export function quickCheckNow(db: Database): string[] {
  return problemsOf(db, 'quick_check')
}

async function checkByTable(db: Database, check: 'quick_check' | 'integrity_check'): Promise<string[]> {
  const names = tableNames(db)
  if (typeof names === 'string') {
    return [names]
  }
  const problems: string[] = []
  for (const name of names) {
    await setImmediate()
    problems.push(...problemsOf(db, `${check}('${name.replaceAll("'", "''")}')`))
    if (problems.length >= MOST_PROBLEMS) {
      break
    }
  }
  return [...new Set(problems)]
}

/** The tables, or what keeps SQLite from saying. */
function tableNames(db: Database): string[] | string {
  try {
    return db
      .prepare<[], string>(
        `SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'`,
      )
      .pluck()
      .all()
  } catch (error) {
    return messageOf(error)
  }
}

function problemsOf(db: Database, check: string): string[] {
  try {
    const rows = db.pragma(check) as Record<string, string>[]
    return rows
      .flatMap((row) => Object.values(row))
      .flatMap((text) => text.split('\n'))
      .filter((text) => text !== 'ok' && !text.startsWith('***'))
      .slice(0, MOST_PROBLEMS)
  } catch (error) {
    return [messageOf(error)]
  }
}

/** What SQLite says. Throws what is not SQLite's. */
function messageOf(error: unknown): string {
  if (error instanceof Sqlite.SqliteError) {
    return error.message
  }
  throw error
}

/** A reference to a row that is not there. */
export interface BrokenReference {
  table: string
  rows: number
  parent: string
}

/** Rows that refer to rows that aren't there, by table and what they refer to. */
export function brokenReferences(db: Database): BrokenReference[] {
  const violations = db.pragma('foreign_key_check') as { table: string; parent: string }[]
  const counts = new Map<string, BrokenReference>()
  for (const { table, parent } of violations) {
    const known = counts.get(`${table} ${parent}`) ?? { table, parent, rows: 0 }
    known.rows++
    counts.set(`${table} ${parent}`, known)
  }
  return [...counts.values()]
}
