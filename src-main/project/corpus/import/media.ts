/** What the videos of a folder are: their content, and the facts of each, read once while a file stays as it is. */
import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { CancelledError } from '../../../common/failures.ts'
import type { VitrineError } from '../../../common/failures.ts'
import type { JobContext } from '../../../jobs/index.ts'
import { hashFile } from '../../../media/hash.ts'
import { wholeOf } from '../../../media/source.ts'
import type { MediaTools } from '../../../media/tools.ts'
import { storedPath } from '../../../store/index.ts'
import type { ClipMedia } from '../../../store/index.ts'
import { isAboutOneVideo } from '../videos.ts'
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
  read(
    videos: readonly VideoFile[],
    options: { folder: string; factsOf: (contentHash: string) => ClipMedia | null; context: JobContext },
  ): Promise<ReadVideo[]>
}

export function createMediaReader(media: MediaTools): MediaReader {
  const remembered = new Map<string, { stamp: string; video: ReadVideo }>()

  const readRemembered = async (
    { path }: VideoFile,
    options: Parameters<MediaReader['read']>[1],
  ): Promise<ReadVideo> => {
    const before = await stampOf(path)
    const known = remembered.get(path)
    if (before !== null && known?.stamp === before) {
      return known.video
    }
    const video = await readVideo(media, path, options)
    // A file that changes while it is read is read again the next time.
    if (before !== null && (await stampOf(path)) === before) {
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
  }
}

/** Another text when the file at a path is another one; null without a file. */
async function stampOf(path: string): Promise<string | null> {
  const stats = await stat(path, { bigint: true }).catch(() => null)
  return stats && [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ')
}

async function readVideo(
  media: MediaTools,
  path: string,
  { factsOf, context: { signal } }: Parameters<MediaReader['read']>[1],
): Promise<ReadVideo> {
  try {
    const contentHash = await hashFile(path, signal)
    const known = factsOf(contentHash)
    if (known !== null) {
      return { media: known, damaged: false, error: null }
    }
    const { duration, fps, frameCount, width, height, codec, damaged, contentType } = await media.inspect(
      wholeOf(path),
      { signal },
    )
    const facts = { duration, fps, frameCount, width, height, codec, playable: contentType !== null }
    return { media: { path, contentHash, ...facts, problem: null }, damaged, error: null }
  } catch (error) {
    if (isAboutOneVideo(error)) {
      return { media: null, damaged: false, error }
    }
    throw error
  }
}
