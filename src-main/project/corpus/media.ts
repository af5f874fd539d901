/**
 * Clips for the eye: small pictures, and videos that a browser plays. Made when first asked for, kept by
 * content.
 */
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CancelledError, VitrineError } from '#contract'
import type { MediaKind } from '#contract'
import { segmentStarts } from '../../media/frames.ts'
import { makeFilmstrip, makeThumbnail } from '../../media/pictures.ts'
import { makeProxy } from '../../media/proxy.ts'
import { absolutePath } from '../../store/index.ts'
import type { Workspace } from '../workspace.ts'

/** Files that are made at a time: a scrolled list asks for a hundred at once. */
const AT_A_TIME = 2

const CONTENT_TYPES: Record<string, string> = {
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  mov: 'video/mp4',
  webm: 'video/webm',
  mkv: 'video/webm',
}

export function createMedia(workspace: Workspace) {
  const making = new Map<string, Promise<void>>()
  const waiting: (() => void)[] = []
  let free = AT_A_TIME

  const turn = async (work: () => Promise<void>): Promise<void> => {
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

  /**
   * Makes `path` unless it is there; everyone who asks meanwhile waits for the same work, which a lost asker
   * does not stop.
   */
  const ensure = async (path: string, make: () => Promise<void>, signal: AbortSignal): Promise<void> => {
    if ((await stat(path).catch(() => null)) !== null) {
      return
    }
    let work = making.get(path)
    if (work === undefined) {
      work = turn(make).finally(() => making.delete(path))
      // When every asker has gone, nobody hears of a failure; the next one tries again.
      work.catch(() => undefined)
      making.set(path, work)
    }
    await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        const give = (): void => {
          reject(new CancelledError())
        }
        // It may have aborted meanwhile, which no listener hears any more.
        if (signal.aborted) {
          give()
        } else {
          signal.addEventListener('abort', give, { once: true })
        }
      }),
    ])
  }

  const made = async (
    folder: string,
    name: string,
    contentType: string,
    make: (to: string) => Promise<void>,
    signal: AbortSignal,
  ): Promise<{ path: string; contentType: string }> => {
    const path = join(folder, name)
    await ensure(
      path,
      async () => {
        await mkdir(folder, { recursive: true })
        await make(path)
      },
      signal,
    )
    return { path, contentType }
  }

  return {
    /**
     * The file of a clip's picture, film strip or playable video. Throws NOT_FOUND for a clip without a media
     * file, or one that is gone; for a film strip without features, too.
     */
    async file(
      clipId: number,
      kind: MediaKind,
      signal: AbortSignal,
    ): Promise<{ path: string; contentType: string }> {
      const { folder, store } = workspace.project()
      const clip = store.clips.get(clipId)
      const { path, contentHash, frameCount } = clip
      if (path === null || contentHash === null) {
        throw new VitrineError('NOT_FOUND', `The clip ${clip.name} has no video.`)
      }
      const source = absolutePath(folder, path)
      switch (kind) {
        case 'thumbnail':
          return made(
            join(folder, 'thumbnails'),
            `${contentHash}.jpg`,
            'image/jpeg',
            (to) => makeThumbnail(source, clip.duration ?? 0, to),
            signal,
          )
        case 'filmstrip': {
          const key = store.settings.get('features')?.key
          const feature = key === undefined ? null : store.features.forClip(key, clipId)
          if (feature === null || frameCount === null) {
            throw new VitrineError(
              'NOT_FOUND',
              `The clip ${clip.name} has no features.`,
              'Compute them first.',
            )
          }
          return made(
            join(folder, 'filmstrips'),
            `${contentHash}-${feature.frames}.jpg`,
            'image/jpeg',
            (to) => makeFilmstrip(source, segmentStarts(frameCount, feature.frames), to),
            signal,
          )
        }
        case 'video':
          return clip.playable === true
            ? {
                path: source,
                contentType:
                  CONTENT_TYPES[source.slice(source.lastIndexOf('.') + 1).toLowerCase()] ??
                  'application/octet-stream',
              }
            : made(
                join(folder, 'proxies'),
                `${contentHash}.mp4`,
                'video/mp4',
                (to) => makeProxy(source, to),
                signal,
              )
      }
    },
  }
}
