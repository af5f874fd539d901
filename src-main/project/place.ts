import { lstat, readdir, realpath } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { systemCode, throwFileError } from '../common/files/file-errors.ts'
import { resolvePath } from '../common/files/paths.ts'
import type { OpenProject } from '../store/index.ts'
import { failures } from './failures.ts'

/**
 * The absolute path of where something is to be written. Throws BAD_INPUT inside the project's folder, and
 * CONFLICT where a file is, or a folder that is not empty, unless that may be overwritten.
 */
export async function placeToWrite(
  { folder }: OpenProject,
  path: string,
  overwrite: boolean,
): Promise<string> {
  const place = resolvePath(path)
  const root = await realpath(folder)
  const real = await realOf(place)
  if (real === root || real.startsWith(root + sep)) {
    throw failures.insideProject({ path: place })
  }
  if (!overwrite && (await isTaken(place))) {
    throw failures.exists({ path: place })
  }
  return place
}

/** The real path of what may not be there yet. */
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const parent = dirname(path)
    if (systemCode(error) !== 'ENOENT' || parent === path) {
      return path
    }
    return join(await realOf(parent), basename(path))
  }
}

async function isTaken(path: string): Promise<boolean> {
  const stats = await lstat(path).catch((error: unknown) =>
    systemCode(error) === 'ENOENT' ? null : throwFileError(path)(error),
  )
  if (stats?.isDirectory() === true) {
    return (await readdir(path).catch(throwFileError(path))).length > 0
  }
  return stats !== null
}
