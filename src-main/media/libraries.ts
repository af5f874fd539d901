/** The tools by FFmpeg's libraries, which run in media processes. */
import { replaceFileAtomic } from '../formats/atomic.ts'
import type { Limits } from './limits.ts'
import type { Pool } from './pool.ts'
import type { MediaTools } from './tools.ts'

export function createLibraryTools(pool: Pool, limits: Limits): MediaTools {
  return {
    async describe() {
      const version = await pool.call({ method: 'version', params: null, file: '' })
      return { from: 'node-av', version, path: null }
    },
    inspect: (source, { signal } = {}) =>
      pool.call({ method: 'inspect', params: { source, limits }, file: source.path, signal }),
    decodeFrames: (request, { signal } = {}) =>
      pool.call({
        method: 'decodeFrames',
        params: { ...request, limits },
        file: request.source.path,
        signal,
      }),
    makeThumbnail: (source, to, { signal } = {}) =>
      replaceFileAtomic(to, async (temporary) => {
        const params = { source, to: temporary, limits }
        await pool.call({ method: 'makeThumbnail', params, file: source.path, signal })
      }),
    makeFilmstrip: (source, indices, to, { signal } = {}) =>
      replaceFileAtomic(to, async (temporary) => {
        const params = { source, indices, to: temporary, limits }
        await pool.call({ method: 'makeFilmstrip', params, file: source.path, signal })
      }),
    makeProxy: (source, to, { signal, onProgress } = {}) =>
      replaceFileAtomic(to, async (temporary) => {
        const params = { source, to: temporary, limits }
        await pool.call({ method: 'makeProxy', params, file: source.path, signal, onProgress })
      }),
    renderTake: (take, seed, to, { signal } = {}) =>
      replaceFileAtomic(to, async (temporary) => {
        const params = { take, seed, to: temporary, limits }
        await pool.call({ method: 'renderTake', params, file: to, signal })
      }),
    close: () => pool.close(),
  }
}
