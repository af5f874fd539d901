/** Tells a damaged project from a file that is none, before anything is read of it. */
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Database } from 'better-sqlite3'
import { failures } from '../failures.ts'
import { listBackups } from './backups.ts'
import { quickCheckNow } from './integrity.ts'
import { openDatabaseFile } from './pages.ts'
import { rootsIn } from './rows.ts'

/** Bytes of a database that is checked whenever it is opened; that of a larger one would be felt. */
const CHECKED_AT_OPEN = 16 * 2 ** 20

/**
 * Throws BAD_INPUT with SQLite's own words for a small database `file` whose pages are not in order; `shown` is
 * what the message calls it.
 */
export function requireSound(db: Database, file: string, shown: string): void {
  if (statSync(file).size > CHECKED_AT_OPEN) {
    return
  }
  const [problem] = quickCheckNow(db)
  if (problem !== undefined) {
    throw failures.damagedFile({ file: shown, problem })
  }
}

/** Whether a file that SQLite takes for no project's database was one: its pages, or the backups beside it, say so. */
export function isDamagedProject(file: string): boolean {
  if (listBackups(dirname(file)).length > 0) {
    return true
  }
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    return false
  }
  const pages = openDatabaseFile(file)
  try {
    const { tables } = rootsIn(pages)
    return ['clip', 'caption', 'edit'].every((table) => tables.has(table))
  } finally {
    pages.close()
  }
}
