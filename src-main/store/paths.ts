/**
 * Paths as the project stores them: relative to the project folder with forward slashes, so that a project
 * moved together with its videos still finds them; absolute where no relative path exists (another drive).
 */
import { isAbsolute, join, relative, resolve, sep } from 'node:path'

/** The form of `path` (absolute) that a project in `folder` stores. */
export function storedPath(folder: string, path: string): string {
  const short = relative(resolve(folder), path)
  return isAbsolute(short) ? short : short.split(sep).join('/')
}

/** The absolute path of a stored one. */
export function absolutePath(folder: string, stored: string): string {
  return isAbsolute(stored) ? stored : join(resolve(folder), stored)
}
