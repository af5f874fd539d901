import { join } from 'node:path'
import Sqlite from 'better-sqlite3'

/** What both checks of SQLite find wrong in the database of a project folder; empty: nothing. */
export function databaseFaults(project: string): string[] {
  const db = new Sqlite(join(project, 'project.sqlite'))
  try {
    const problems = db.pragma('integrity_check') as { integrity_check: string }[]
    const dangling = db.pragma('foreign_key_check') as { table: string }[]
    return [
      ...problems.map((row) => row.integrity_check).filter((problem) => problem !== 'ok'),
      ...dangling.map(({ table }) => `a row of ${table} refers to nothing`),
    ]
  } finally {
    db.close()
  }
}
