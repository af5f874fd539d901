/** The schema as other SQLite programs take it. */
import Sqlite from 'better-sqlite3'
import { expect, it } from 'vitest'
import { migrate } from '../../src-main/store/migrate.ts'
import { TABLES } from '../../src-main/store/tables.ts'
import { foreignDatabase } from './folder.ts'

/** As SQLite before 3.41 has it. */
function likeOlderSqlite(db: Sqlite.Database): void {
  const builtIn = new Sqlite(':memory:').prepare<[unknown], number>('SELECT json_valid(?)').pluck()
  db.function('json_valid', { deterministic: true }, (text) => (text === null ? 0 : builtIn.get(text)))
}

/** The rows and tables of a database as SQL text, like `.dump` of the sqlite3 shell. */
function dump(db: Sqlite.Database): string {
  const tables = db
    .prepare<[], string>(
      `SELECT sql || ';' FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'clip_search%'`,
    )
    .pluck()
    .all()
  const rows = TABLES.flatMap((table) => {
    const columns = (db.pragma(`table_info(${table})`) as { name: string }[]).map(
      ({ name }) => `quote("${name}")`,
    )
    return db
      .prepare<[], string>(
        `SELECT 'INSERT INTO "${table}" VALUES (' || ${columns.join(` || ',' || `)} || ');' FROM "${table}"`,
      )
      .pluck()
      .all()
  })
  return ['PRAGMA foreign_keys = OFF;', ...tables, ...rows].join('\n')
}

const countsOf = (db: Sqlite.Database) =>
  TABLES.map((table) => [table, db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get()])

it('a dump of a project restores whole with an older SQLite', () => {
  const db = foreignDatabase()
  migrate(db, () => {})
  const restored = new Sqlite(':memory:')
  likeOlderSqlite(restored)
  restored.exec(dump(db))
  expect(countsOf(restored)).toEqual(countsOf(db))
  expect(Object.fromEntries(countsOf(db))).toMatchObject({ job: 1, model: 2, evaluation: 1 })
})

it('no check of a column that may be null asks json_valid alone', () => {
  const db = new Sqlite(':memory:')
  migrate(db, () => {})
  const bare = TABLES.flatMap((table) =>
    (db.pragma(`table_info(${table})`) as { name: string; notnull: 0 | 1 }[])
      .filter(({ notnull }) => notnull === 0)
      .filter(({ name }) => schemaOfTable(db, table).includes(`CHECK (json_valid(${name}))`))
      .map(({ name }) => `${table}.${name}`),
  )
  expect(bare).toEqual([])
})

const schemaOfTable = (db: Sqlite.Database, table: string): string =>
  db.prepare<[string], string>('SELECT sql FROM sqlite_schema WHERE name = ?').pluck().get(table) ?? ''
