/**
 * Paths as the project stores them: relative to the project folder with forward slashes, so that a project
 * moved together with its videos still finds them; absolute where no relative path exists (another drive).
 *
 * A project may come from somebody else, so what its database says is never a path that is written, deleted or
 * handed to the engine as it stands: such files lie inside the project's folder (`sidecarPath`), and no link
 * there leads out of it (`ownPath`). Videos may lie anywhere; they are looked at before they are shown.
 */
import { lstat, realpath } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { failures } from './failures.ts'

/** The form of `path` (absolute) that a project in `folder` stores. */
export function storedPath(folder: string, path: string): string {
  const short = relative(resolve(folder), path)
  return isAbsolute(short) ? short : short.split(sep).join('/')
}

/** The absolute path of a stored one of a video. Throws BAD_INPUT for what is no path. */
export function absolutePath(folder: string, stored: string): string {
  if (stored.includes('\0')) {
    throw failures.outsideProject({ path: shown(stored) })
  }
  return isAbsolute(stored) ? stored : join(resolve(folder), stored)
}

/** The absolute path of a file of the project's own. Throws BAD_INPUT for one that would lie elsewhere. */
export function sidecarPath(folder: string, stored: string): string {
  const path = absolutePath(folder, stored)
  const inside = relative(resolve(folder), path)
  const liesElsewhere = inside === '' || isAbsolute(inside) || inside.split(sep)[0] === '..'
  if (isAbsolute(stored) || liesElsewhere) {
    throw failures.outsideProject({ path: shown(stored) })
  }
  return path
}

/**
 * The same, of one that is to be written, deleted or shown. Throws BAD_INPUT too where a link on the way leads
 * out of the project's folder.
 */
export async function ownPath(folder: string, stored: string): Promise<string> {
  const path = sidecarPath(folder, stored)
  const root = await realpath(folder)
  let step = resolve(folder)
  for (const name of relative(step, path).split(sep)) {
    step = join(step, name)
    const stats = await lstat(step).catch(() => null)
    if (stats === null) {
      break
    }
    if (stats.isSymbolicLink() && !isWithin(await realpath(step).catch(() => null), root)) {
      throw failures.leadsOut({ path: step })
    }
  }
  return path
}

const isWithin = (path: string | null, root: string): boolean => path?.startsWith(root + sep) === true

const shown = (stored: string): string => stored.replaceAll('\0', '\\0').slice(0, 200)
