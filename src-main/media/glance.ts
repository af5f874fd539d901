/**
 * A look at a file before it is shown: what it is, and whether a browser plays it as it is. What a project's
 * database says of a file is not asked: the project may come from somebody else.
 */
import { stat } from 'node:fs/promises'
import { throwFileError } from '../common/files/file-errors.ts'
import type { Inspection } from './contract.ts'
import { wholeOf } from './source.ts'
import type { MediaTools } from './tools.ts'

/** Files that are remembered. */
const MOST_REMEMBERED = 10_000

/**
 * Looks at files and folders of frames, at each once as long as it does not change. Throws the VitrineError of one
 * that is neither, or holds no video.
 */
export function createGlances(media: MediaTools): (path: string) => Promise<Inspection> {
  const glances = new Map<string, Promise<Inspection>>()
  return async (path) => {
    const { mtimeMs, ctimeMs, size, ino } = await stat(path).catch(throwFileError(path))
    const key = JSON.stringify([path, mtimeMs, ctimeMs, size, ino])
    let glance = glances.get(key)
    if (glance === undefined) {
      glance = media.inspect(wholeOf(path))
      glance.catch(() => glances.delete(key))
      glances.set(key, glance)
      const [oldest] = glances.keys()
      if (glances.size > MOST_REMEMBERED && oldest !== undefined) {
        glances.delete(oldest)
      }
    }
    return glance
  }
}
