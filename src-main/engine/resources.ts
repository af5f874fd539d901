import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * The path of a file or folder under the program's `resources`, which lies above this file whether it is
 * built or not.
 */
export function resource(...names: readonly string[]): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, 'resources', ...names)
    if (existsSync(candidate)) {
      return candidate
    }
  }
  throw new Error(`resources/${names.join('/')} is missing from this installation`)
}
