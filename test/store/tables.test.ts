import Sqlite from 'better-sqlite3'
import { expect, it } from 'vitest'
import { migrate } from '../../src-main/store/migrate.ts'
import { TABLES } from '../../src-main/store/tables.ts'

it('the tables of a project are those of its schema, without the index of the search and the count of writes', () => {
  const db = new Sqlite(':memory:')
  migrate(db, () => {})
  const names = db
    .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`)
    .pluck()
    .all()
  const isOfSchema = (name: string) => !/^(clip_search|sqlite_|table_write$)/.test(name)
  expect(names.filter(isOfSchema)).toEqual([...TABLES])
})
