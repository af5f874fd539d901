/**
 * A look at a file before it is shown: whether ffmpeg finds a video in it, and whether a browser plays it as it
 * is. What a project's database says of a file is not asked: the project may come from somebody else.
 */
import { statFile } from '../formats/files.ts'
import { failures } from './failures.ts'
import { decodeFile } from './ffmpeg.ts'
import { SHOW_FRAMES } from './log.ts'
import { contentTypeOf } from './probe.ts'

interface Glance {
  /** As what the file itself can be served; null where a browser does not play it. */
  contentType: string | null
}

/** Files that are remembered. */
const MOST_REMEMBERED = 10_000

/**
 * Looks at files, at each once as long as it does not change. Throws the VitrineError of a file that is none or
 * holds no video.
 */
export function createGlances(): (path: string) => Promise<Glance> {
  const glances = new Map<string, Promise<Glance>>()
  return async (path) => {
    const { mtimeMs, ctimeMs, size, ino } = await statFile(path)
    const key = JSON.stringify([path, mtimeMs, ctimeMs, size, ino])
    let glance = glances.get(key)
    if (glance === undefined) {
      glance = decodeFirstFrame(path)
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

async function decodeFirstFrame(path: string): Promise<Glance> {
  const log = await decodeFile(path, {
    after: ['-vf', SHOW_FRAMES, '-frames:v', '1', '-f', 'null', '-'],
  })
  if (log.frames.times.length === 0) {
    throw failures.noFrame({ path })
  }
  return { contentType: contentTypeOf(log) }
}
