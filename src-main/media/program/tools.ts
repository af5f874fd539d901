/**
 * The tools by the ffmpeg program. What differs from the libraries: a video is decoded whole to be known; lost frames
 * are not told one by one; and of a folder of frames no playable copy is made.
 */
import { replaceFileAtomic } from '../../formats/atomic.ts'
import type { DecodedFrames, FrameRequest, Inspection } from '../contract.ts'
import { failures } from '../failures.ts'
import type { Limits } from '../limits.ts'
import { drawTake, FPS } from '../sample/take.ts'
import { HEIGHT, WIDTH } from '../sample/draw.ts'
import { framesBetween, lookAt, wholeOf } from '../source.ts'
import type { SourceContent, MediaSource, PictureDemuxer } from '../source.ts'
import type { MediaTools } from '../tools.ts'
import { fileUrl, locateFfmpeg, runFfmpeg } from './ffmpeg.ts'
import { decodeFrames } from './frames.ts'
import { drawFilmstrip, drawThumbnail } from './pictures.ts'
import { probe } from './probe.ts'
import { encodeProxy } from './proxy.ts'

type Options = { signal?: AbortSignal | undefined; limits: Limits }

export function createProgramTools(limits: Limits): MediaTools {
  return {
    describe: locateFfmpeg,
    inspect: (source, { signal } = {}) => inspect(source, { signal, limits }),
    decodeFrames: (request, { signal } = {}) => decode(request, { signal, limits }),
    makeThumbnail: (source, to, { signal } = {}) =>
      replaceFileAtomic(to, async (temporary) => {
        await thumbnail(source, temporary, { signal, limits })
      }),
    makeFilmstrip: (source, indices, to, { signal } = {}) =>
      replaceFileAtomic(to, async (temporary) => {
        const content = await lookAt(source.path)
        refuseFolder(source, content)
        const demuxer = demuxerOf(content)
        await drawFilmstrip({ source, demuxer, indices, to: temporary }, { signal, limits })
      }),
    makeProxy: (source, to, { signal } = {}) =>
      replaceFileAtomic(to, async (temporary) => {
        refuseFolder(source, await lookAt(source.path))
        await encodeProxy(source, temporary, { signal, limits })
      }),
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

/** The file of a source that is one; of a folder of frames, its first frame between the bounds. */
async function inspect(source: MediaSource, options: Options): Promise<Inspection> {
  const content = await lookAt(source.path)
  if (content.kind !== 'frames') {
    return probe(source, demuxerOf(content), options)
  }
  const { files, fps } = framesBetween(content.files, source)
  const first = firstOf(files, source)
  const facts = await inspect(wholeOf(first), options)
  return {
    ...facts,
    kind: 'frames',
    frameCount: files.length,
    fps,
    duration: files.length / fps,
    contentType: null,
  }
}

async function decode({ source, indices, size }: FrameRequest, options: Options): Promise<DecodedFrames> {
  if (indices.length === 0) {
    return { frames: new Uint8Array(0), times: [], lost: [] }
  }
  const content = await lookAt(source.path)
  if (content.kind !== 'frames') {
    return decodeFrames({ source, demuxer: demuxerOf(content), indices, size }, options)
  }
  const { files, fps } = framesBetween(content.files, source)
  const frames = new Uint8Array(indices.length * size * size * 3)
  for (const [place, index] of indices.entries()) {
    const path = files[index]
    if (path === undefined) {
      throw failures.framesMissing({ path: source.path, decoded: place, wanted: indices.length })
    }
    const picture = await decode({ source: wholeOf(path), indices: [0], size }, options)
    frames.set(picture.frames, place * size * size * 3)
  }
  return { frames, times: indices.map((index) => index / fps), lost: [] }
}

async function thumbnail(source: MediaSource, to: string, options: Options): Promise<void> {
  const content = await lookAt(source.path)
  if (content.kind === 'frames') {
    const { files } = framesBetween(content.files, source)
    const middle = files[Math.floor(files.length / 2)] ?? firstOf(files, source)
    await thumbnail(wholeOf(middle), to, options)
    return
  }
  const demuxer = demuxerOf(content)
  const { duration } = await probe(source, demuxer, options)
  await drawThumbnail(
    { path: source.path, demuxer, at: (source.start ?? 0) + Math.max(0, duration / 2 - 0.05), to },
    options,
  )
}

const demuxerOf = (content: SourceContent): PictureDemuxer | undefined =>
  content.kind === 'picture' ? content.demuxer : undefined

/** Throws BAD_INPUT where there is none. */
function firstOf(files: readonly string[], { path }: MediaSource): string {
  const [first] = files
  if (first === undefined) {
    throw failures.noFrameBetween({ path })
  }
  return first
}

/** Throws TOOL_MISSING for a folder of frames. */
function refuseFolder({ path }: MediaSource, { kind }: SourceContent): void {
  if (kind === 'frames') {
    throw failures.folderNeedsLibraries({ path })
  }
}
