/**
 * Clips for the eye: small pictures, and videos that a browser plays. Made when first asked for, kept by
 * content.
 */
import { mkdir, stat } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import type { MediaKind } from '#contract'
import { CancelledError } from '../../common/failures.ts'
import { segmentStarts } from '../../media/frames.ts'
import { makeFilmstrip, makeThumbnail } from '../../media/pictures.ts'
import { makeProxy } from '../../media/proxy.ts'
import { absolutePath } from '../../store/index.ts'
import type { Clip, OpenProject } from '../../store/index.ts'
import { requireSpace } from '../storage/space.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'

/** Files that are made at a time: a scrolled list asks for a hundred at once. */
const AT_A_TIME = 2

const VIDEO_TYPES: Record<string, string> = {
  '.mp4': 'video/mp4',
  '.m4v': 'video/mp4',
  '.mov': 'video/mp4',
  '.webm': 'video/webm',
  '.mkv': 'video/webm',
}

/** A file for the window. */
export interface MediaFile {
  path: string
  contentType: string
}

/** One that is made of a clip's video. */
interface DerivedFile extends MediaFile {
  make(to: string): Promise<void>
}

export function createMedia(workspace: Workspace) {
  const making = new Map<string, Promise<void>>()
  const inTurn = limitConcurrency(AT_A_TIME)

  /** Makes the file unless it is there; all that ask for it meanwhile wait for the same work. */
  const ensure = async ({ path, make }: DerivedFile, signal: AbortSignal): Promise<void> => {
    if ((await stat(path).catch(() => null)) !== null) {
      return
    }
    let work = making.get(path)
    if (work === undefined) {
      work = inTurn(async () => {
        await mkdir(dirname(path), { recursive: true })
        await make(path)
      }).finally(() => making.delete(path))
      // When all that asked have gone, nobody hears of a failure; the next request tries again.
      work.catch(() => undefined)
      making.set(path, work)
    }
    await unlessAborted(work, signal)
  }

  return {
    /**
     * The file of a clip's picture, film strip or playable video. Throws NOT_FOUND for a clip without a media
     * file, or one that is gone; for a film strip without features, too.
     */
    async file(clipId: number, kind: MediaKind, signal: AbortSignal): Promise<MediaFile> {
      const project = workspace.project()
      const file = mediaFile(project, project.store.clips.get(clipId), kind)
      if ('make' in file) {
        await ensure(file, signal)
      }
      return { path: file.path, contentType: file.contentType }
    },
  }
}

function mediaFile({ folder, store }: OpenProject, clip: Clip, kind: MediaKind): MediaFile | DerivedFile {
  if (clip.path === null || clip.contentHash === null) {
    throw failures.clipWithoutVideo({ clip: clip.name })
  }
  const source = absolutePath(folder, clip.path)
  switch (kind) {
    case 'thumbnail':
      return {
        path: join(folder, 'thumbnails', `${clip.contentHash}.jpg`),
        contentType: 'image/jpeg',
        make: (to) => makeThumbnail(source, clip.duration ?? 0, to),
      }
    case 'filmstrip': {
      const key = store.settings.get('features')?.key
      const feature = key === undefined ? null : store.features.forClip(key, clip.id)
      if (feature === null || clip.frameCount === null) {
        throw failures.clipWithoutFeatures({ clip: clip.name })
      }
      const frames = segmentStarts(clip.frameCount, feature.frames)
      return {
        path: join(folder, 'filmstrips', `${clip.contentHash}-${feature.frames}.jpg`),
        contentType: 'image/jpeg',
        make: (to) => makeFilmstrip(source, frames, to),
      }
    }
    case 'video':
      if (clip.playable === true) {
        const contentType = VIDEO_TYPES[extname(source).toLowerCase()] ?? 'application/octet-stream'
        return { path: source, contentType }
      }
      return {
        path: join(folder, 'proxies', `${clip.contentHash}.mp4`),
        contentType: 'video/mp4',
        async make(to) {
          // H.264 of the quality that is asked for is rarely larger than what a camera wrote.
          await requireSpace(folder, (await stat(source).catch(() => null))?.size ?? 0, 'copy')
          await makeProxy(source, to)
        },
      }
  }
}

/** Runs work in the order in which it comes, at most `limit` pieces at a time. */
function limitConcurrency(limit: number): (work: () => Promise<void>) => Promise<void> {
  const waiting: (() => void)[] = []
  let free = limit
  return async (work) => {
    if (free === 0) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
      })
    } else {
      free--
    }
    try {
      await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) {
        free++
      } else {
        next()
      }
    }
  }
}

/** Waits for work that goes on when the wait is aborted. Throws CancelledError then. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<never>((_, reject) => {
    const cancel = (): void => {
      reject(new CancelledError())
    }
    // An abort that came before is heard by no listener any more.
    if (signal.aborted) {
      cancel()
    } else {
      signal.addEventListener('abort', cancel, { once: true })
    }
  })
  await Promise.race([work, aborted])
}
