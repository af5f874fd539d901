import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { userVersion } from './migrate.ts'

/**
 * Copies the database of the project in `folder` to backups/version-N.sqlite there; flushed to the disk when
 * this returns.
 */
export function backUp(db: Database, folder: string): void {
  const backups = join(folder, 'backups')
  mkdirSync(backups, { recursive: true })
  const target = join(backups, `version-${userVersion(db)}.sqlite`)
  const temporary = `${target}.${process.pid}.tmp`
  rmSync(temporary, { force: true })
  db.prepare('VACUUM INTO ?').run(temporary)
  flush(temporary, 'r+')
  renameSync(temporary, target)
  // Windows can't open a folder.
  if (process.platform !== 'win32') {
    flush(backups, 'r')
  }
}

function flush(path: string, flags: 'r' | 'r+'): void {
  const file = openSync(path, flags)
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
