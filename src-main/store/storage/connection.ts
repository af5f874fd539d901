/** Connections beside that of an open project: to look at a database, to copy one, and to make one anew. */
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { DATABASE } from './replace.ts'

/** Opens a database file (or one in memory, from its bytes), which may come from somebody else: its schema calls no function that does more than compute. */
export function connect(file: string | Buffer, options: Sqlite.Options = {}): Database {
  const db = new Sqlite(file, options)
  db.pragma('trusted_schema = OFF')
  return db
}

/** Opens the database of the project in `folder`. Throws SQLite's error where there is none. */
export const connectToProject = (folder: string): Database =>
  connect(join(folder, DATABASE), { fileMustExist: true })
