/**
 * Whether an open project is still where it was opened. On POSIX systems a folder can be deleted, renamed or
 * replaced while its database is open: SQLite would go on writing into files that nobody finds any more, and
 * whoever writes beside it would begin a ghost of the folder at its old place.
 */
import { statSync } from 'node:fs'
import type { BigIntStats } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { makeOneFolder } from '../formats/atomic.ts'
import { failures } from './failures.ts'

export interface Presence {
  /** Throws CONFLICT when the project is not there any more, or is another one. Cheap: one look at a file. */
  require(): void
  /** Makes a folder of the project with those above it, but never the project's own. Throws as `require`. */
  makeFolder(path: string): Promise<void>
}

/** `file`: the database of the project in `folder`, which is open by now. */
export function watchPresence(folder: string, file: string): Presence {
  const opened = look(file)
  const require = (): void => {
    const found = look(file)
    if (found === null) {
      throw failures.projectGone({ folder })
    }
    if (found.ino !== opened?.ino || found.dev !== opened.dev) {
      throw failures.projectReplaced({ folder })
    }
  }
  return {
    require,
    async makeFolder(path) {
      require()
      let made = folder
      for (const part of relative(folder, path).split(sep)) {
        made = join(made, part)
        await makeOne(made, require)
      }
    },
  }
}

/** Null for a file that can't be seen (any more). */
function look(file: string): BigIntStats | null {
  try {
    return statSync(file, { bigint: true })
  } catch {
    return null
  }
}

async function makeOne(folder: string, require: () => void): Promise<void> {
  try {
    await makeOneFolder(folder)
  } catch (error) {
    // Where the project went away meanwhile, that is the reason to tell.
    require()
    throw error
  }
}
