import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * The port at which a Chromium can be debugged, which it notes in its profile: the file is there before it says anything.
 * Throws once `isOver` without one.
 */
export async function debuggingPort(profile: string, isOver: () => boolean): Promise<number> {
  for (;;) {
    const text = await readFile(join(profile, 'DevToolsActivePort'), 'utf8').catch(() => '')
    const [port] = text.split('\n')
    if (Number(port) > 0) {
      return Number(port)
    }
    if (isOver()) {
      throw new Error(`the browser of ${profile} ended without a port`)
    }
    await delay(50)
  }
}
