/**
 * There are two ways in to media, with the same promises: FFmpeg's libraries in processes of their own, and the
 * ffmpeg program where those do not load or where VITRINE_FFMPEG names one.
 */
import { LIMITS } from './limits.ts'
import type { Limits } from './limits.ts'
import { createPool } from './pool.ts'
import type { StartMedia } from './pool.ts'
import { createLibraryTools } from './libraries.ts'
import { createProgramTools } from './program/tools.ts'
import type { MediaTools } from './tools.ts'

/**
 * The tools; `start` starts a media process, of which there are at most `atOnce` (by default as many as the machine
 * has cores).
 */
export function createMediaTools(
  start: StartMedia,
  { limits = {}, atOnce }: { limits?: Partial<Limits>; atOnce?: number } = {},
): MediaTools {
  const all = { ...LIMITS, ...limits }
  const pool = createPool(start, all, atOnce)
  const libraries = createLibraryTools(pool, all)
  const program = createProgramTools(all)
  let choosing: Promise<MediaTools> | null = null
  const chosen = (): Promise<MediaTools> => {
    choosing ??= choose(libraries, program)
    // Someone may install one meanwhile: only success is remembered.
    choosing.catch(() => (choosing = null))
    return choosing
  }
  return {
    describe: async () => (await chosen()).describe(),
    inspect: async (...args) => (await chosen()).inspect(...args),
    decodeFrames: async (...args) => (await chosen()).decodeFrames(...args),
    makeThumbnail: async (...args) => (await chosen()).makeThumbnail(...args),
    makeFilmstrip: async (...args) => (await chosen()).makeFilmstrip(...args),
    makeProxy: async (...args) => (await chosen()).makeProxy(...args),
    renderTake: async (...args) => (await chosen()).renderTake(...args),
    close: () => pool.close(),
  }
}

/** The tools that work here. Throws TOOL_MISSING. */
async function choose(libraries: MediaTools, program: MediaTools): Promise<MediaTools> {
  if (process.env['VITRINE_FFMPEG']) {
    return program
  }
  try {
    await libraries.describe()
    return libraries
  } catch {
    await program.describe()
    return program
  }
}
