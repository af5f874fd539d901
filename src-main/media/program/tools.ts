/**
 * The tools by the ffmpeg program. What differs from the libraries: a video is decoded whole to be known, and which
 * frames are lost is not told.
 */
import { replaceFileAtomic } from '../../formats/atomic.ts'
import type { Limits } from '../limits.ts'
import { HEIGHT, WIDTH } from '../sample/draw.ts'
import { drawTake, FPS } from '../sample/take.ts'
import type { MediaTools } from '../tools.ts'
import { fileUrl, locateFfmpeg, runFfmpeg } from './ffmpeg.ts'
import { decodeFrames } from './frames.ts'
import { drawFilmstrip, drawThumbnail } from './pictures.ts'
import { probe } from './probe.ts'
import { encodeProxy } from './proxy.ts'

export function createProgramTools(limits: Limits): MediaTools {
  return {
    describe: locateFfmpeg,
    inspect: (source, { signal } = {}) => probe(source, { signal, limits }),
    decodeFrames: (request, { signal } = {}) => decodeFrames(request, { signal, limits }),
    makeThumbnail: (source, to, { signal } = {}) =>
      replaceFileAtomic(to, (temporary) => drawThumbnail(source, temporary, { signal, limits })),
    makeFilmstrip: (source, indices, to, { signal } = {}) =>
      replaceFileAtomic(to, (temporary) => drawFilmstrip(source, indices, temporary, { signal, limits })),
    makeProxy: (source, to, { signal } = {}) =>
      replaceFileAtomic(to, (temporary) => encodeProxy(source, temporary, { signal, limits })),
    renderTake: (take, seed, to, { signal } = {}) =>
      replaceFileAtomic(to, async (temporary) => {
        await runFfmpeg([...RENDER, fileUrl(temporary)], { file: to, signal, input: drawTake(take, seed) })
      }),
    // Programs end with the calls that started them.
    close: () => Promise.resolve(),
  }
}

/** One thread and no dates or versions: the same bytes every time. */
const RENDER = [
  ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${WIDTH}x${HEIGHT}`, '-r', String(FPS), '-i', 'pipe:0'],
  ...['-c:v', 'libx264', '-preset', 'superfast', '-crf', '20', '-pix_fmt', 'yuv420p', '-threads', '1'],
  ...['-fflags', '+bitexact', '-flags:v', '+bitexact', '-movflags', '+faststart', '-f', 'mp4'],
]
