/**
 * Small pictures of clips, made one by one behind work that reads the clips anyway: a list that is seen for the first time
 * has them, and no hundred of them are asked for at once.
 */
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { isAboutOneFile } from '../../common/files/file-errors.ts'
import type { MediaTools } from '../../media/tools.ts'
import { ownPath } from '../../store/index.ts'
import type { OpenProject } from '../../store/index.ts'
import type { VideoToEncode } from './decode-ahead.ts'

/** Where the small picture of a clip's content lies, inside the project. */
export const thumbnailPath = (contentHash: string): string => `thumbnails/${contentHash}.jpg`

export interface ThumbnailsBehind {
  add(video: VideoToEncode): void
  /** Resolves when those that were added are made. Throws what kept one from being written, such as DISK_FULL. */
  done(): Promise<void>
}

export function thumbnailsBehind(
  media: MediaTools,
  project: OpenProject,
  signal: AbortSignal,
): ThumbnailsBehind {
  let making = Promise.resolve()
  return {
    add(video) {
      making = making.then(() => (signal.aborted ? undefined : makeThumbnail(media, project, video)))
      // It is awaited at the end; until then what goes wrong is nobody's.
      making.catch(() => undefined)
    },
    done: () => making,
  }
}

async function makeThumbnail(
  media: MediaTools,
  { folder, presence }: OpenProject,
  { path, start, end, contentHash }: VideoToEncode,
): Promise<void> {
  const to = await ownPath(folder, thumbnailPath(contentHash))
  if (existsSync(to)) {
    return
  }
  await presence.makeFolder(dirname(to))
  try {
    await media.makeThumbnail({ path, start, end }, to)
  } catch (error) {
    // It is tried again when somebody asks to see it, who is then told.
    if (!isAboutOneFile(error)) {
      throw error
    }
  }
}
