/** Puts another database in the place of a damaged one, which is kept with its log. */
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

export const DATABASE = 'project.sqlite'
/** What the folders begin with that damaged databases are kept in. */
export const DAMAGED = 'damaged-'

/**
 * Keeps the project's database, with its log, in a new folder `damaged-TIME` of the project, and renames
 * `replacement` to it. Nobody may have the project open. Returns the new folder's path.
 */
export function replaceDatabase(folder: string, replacement: string): string {
  const keptIn = join(folder, `${DAMAGED}${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}`)
  mkdirSync(keptIn)
  const names = ['', '-wal', '-shm']
    .map((end) => `${DATABASE}${end}`)
    .filter((name) => existsSync(join(folder, name)))
  for (const name of names) {
    copyFileSync(join(folder, name), join(keptIn, name))
  }
  // The log of the damaged file must not be taken for one of the new.
  for (const name of names.filter((other) => other !== DATABASE)) {
    rmSync(join(folder, name))
  }
  renameSync(replacement, join(folder, DATABASE))
  return keptIn
}
