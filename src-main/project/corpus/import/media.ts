/** What the videos of a folder are: their content, and the facts of each, read once while a file stays as it is. */
import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { CancelledError } from '../../../common/failures.ts'
import type { VitrineError } from '../../../common/failures.ts'
import { isAboutOneFile } from '../../../common/files/file-errors.ts'
import type { JobContext } from '../../../jobs/index.ts'
import { frameFiles } from '../../../media/frame-folder.ts'
import { hashMedia, stampOfFile } from '../../../media/hash.ts'
import type { Inspection } from '../../../media/contract.ts'
import { wholeOf } from '../../../media/source.ts'
import type { MediaTools } from '../../../media/tools.ts'
import { absolutePath, contentOf, fileHashOf, storedPath } from '../../../store/index.ts'
import type { Bounds, ClipMedia } from '../../../store/index.ts'
import type { VideoFile } from '../videos.ts'

/** Clips that are read at a time. */
const AT_A_TIME = availableParallelism()

/** Videos that are remembered at most, so that an import reads no file again that its preview has read. */
const REMEMBERED = 200_000

/** What was read of a video. */
export type ReadVideo =
  { media: ClipMedia; damaged: boolean; error: null } | { media: null; damaged: false; error: VitrineError }

export interface MediaReader {
  /**
   * Each video as it is now; `isKnown` gives the facts of content that the project knows, which are not read
   * again.
   */
  read(videos: readonly VideoFile[], options: ReadOptions): Promise<ReadVideo[]>
  /** The part of a video that was read, of which its bounds lie within. Throws as reading the video does. */
  readPart(video: ClipMedia, bounds: Bounds, options: ReadOptions): Promise<ClipMedia>
}

export interface ReadOptions {
  /** The project's. */
  folder: string
  /** What is known of a content; null: nothing. */
  factsOf: (contentHash: string) => ClipMedia | null
  context: JobContext
}

export function createMediaReader(media: MediaTools): MediaReader {
  const remembered = new Map<string, { stamp: string; video: ReadVideo }>()

  const readRemembered = async (file: VideoFile, options: ReadOptions): Promise<ReadVideo> => {
    const before = await stampOf(file)
    const { path } = file
    const known = remembered.get(path)
    if (before !== null && known?.stamp === before) {
      return known.video
    }
    const video = await readVideo(media, file, options)
    // A file that changes while it is read is read again the next time.
    if (before !== null && (await stampOf(file)) === before) {
      if (remembered.size >= REMEMBERED) {
        remembered.clear()
      }
      remembered.set(path, { stamp: before, video })
    }
    return video
  }

  return {
    async read(videos, options) {
      const { folder, context } = options
      const results = new Array<ReadVideo>(videos.length)
      let done = 0
      const queue = videos.entries()
      const readFromQueue = async (): Promise<void> => {
        for (const [place, video] of queue) {
          if (context.signal.aborted) {
            throw new CancelledError()
          }
          const read = await readRemembered(video, options)
          results[place] =
            read.media === null
              ? read
              : { ...read, media: { ...read.media, path: storedPath(folder, video.path) } }
          context.progress({ phase: 'reading clips', done: ++done, total: videos.length, unit: 'clips' })
        }
      }
      await Promise.all(Array.from({ length: AT_A_TIME }, readFromQueue))
      return results
    },
    readPart: (video, bounds, options) => readPart(media, video, bounds, options),
  }
}

/** Another text when what lies at a path is something else; null where nothing does. */
async function stampOf({ path, kind }: VideoFile): Promise<string | null> {
  if (kind !== 'frames') {
    return stampOfFile(path)
  }
  const hash = createHash('sha256')
  for (const frame of await frameFiles(path).catch(() => [])) {
    hash.update(`${frame} ${await stampOfFile(frame)}\n`)
  }
  return hash.digest('hex')
}

async function readVideo(
  media: MediaTools,
  { path, kind }: VideoFile,
  { factsOf, context: { signal } }: ReadOptions,
): Promise<ReadVideo> {
  try {
    const contentHash = await hashMedia(path, signal)
    const known = factsOf(contentHash)
    if (known !== null) {
      return { media: known, damaged: false, error: null }
    }
    const inspection = await media.inspect(wholeOf(path), { signal })
    const time = kind === 'picture' ? TIMELESS : {}
    return {
      media: { path, kind, contentHash, ...WHOLE, ...factsIn(inspection), ...time, problem: null },
      damaged: inspection.damaged,
      error: null,
    }
  } catch (error) {
    if (isAboutOneFile(error)) {
      return { media: null, damaged: false, error }
    }
    throw error
  }
}

const factsIn = ({ duration, fps, frameCount, width, height, codec, contentType }: Inspection) => ({
  duration,
  fps,
  frameCount,
  width,
  height,
  codec,
  playable: contentType !== null,
})

const WHOLE = { start: null, end: null } as const
/** A still picture lasts for no time. */
const TIMELESS = { duration: null, fps: null } as const

async function readPart(
  media: MediaTools,
  video: ClipMedia,
  bounds: Bounds,
  { folder, factsOf, context: { signal } }: ReadOptions,
): Promise<ClipMedia> {
  const contentHash = contentOf(fileHashOf(video.contentHash ?? ''), bounds)
  const known = factsOf(contentHash)
  if (known !== null) {
    return { ...known, path: video.path }
  }
  const path = absolutePath(folder, video.path ?? '')
  const { frameCount } = await media.inspect({ path, ...bounds }, { signal })
  const duration = bounds.end - bounds.start
  return { ...video, ...bounds, contentHash, duration, frameCount, problem: null }
}
