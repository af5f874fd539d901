/**
 * A project on a disk that can only be read (a CD, a share, a folder without permission) is looked at by a copy of
 * its database: SQLite writes beside a database even while it only reads. Nothing can be edited there.
 */
import { accessSync, constants, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileError } from '../common/files/file-errors.ts'

/** Whether a project's folder and its database `file` may be written. */
export function isWritable(folder: string, file: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    accessSync(file, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Copies a database, with what was written last (the `-wal` file), into a folder of its own. */
export function copyForReading(folder: string, name: string): { folder: string; remove(): void } {
  const copy = mkdtempSync(join(tmpdir(), 'vitrine-read-only-'))
  const remove = (): void => {
    rmSync(copy, { recursive: true, force: true })
  }
  try {
    for (const file of [name, `${name}-wal`].filter((part) => existsSync(join(folder, part)))) {
      copyFileSync(join(folder, file), join(copy, file))
    }
    return { folder: copy, remove }
  } catch (error) {
    remove()
    throw fileError(error, join(folder, name))
  }
}
