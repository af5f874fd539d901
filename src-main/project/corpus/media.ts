/**
 * Clips for the eye: small pictures, and videos that a browser plays. Made when first asked for, kept by
 * content.
 */
import { createHash } from 'node:crypto'
import { lstat, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { MediaKind } from '#contract'
import { CancelledError } from '../../common/failures.ts'
import { throttled } from '../../jobs/throttle.ts'
import type { MediaProgress } from '../../media/contract.ts'
import { segmentStarts } from '../../media/frames.ts'
import { createGlances } from '../../media/glance.ts'
import { pictureType } from '../../media/picture-kinds.ts'
import { wholeOf } from '../../media/source.ts'
import type { MediaSource } from '../../media/source.ts'
import type { MediaTools } from '../../media/tools.ts'
import { absolutePath, fileHashOf, ownPath } from '../../store/index.ts'
import type { Clip, ClipFeature, OpenProject } from '../../store/index.ts'
import { requireSpace } from '../space.ts'
import { featureKeyFor } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'
import { thumbnailPath } from './thumbnails.ts'

/** Files that are made at a time: a scrolled list asks for a hundred at once. */
const AT_A_TIME = 2

/** Frames of a film strip: more than features have, and few enough for one picture. */
const MOST_FRAMES = 256

/** A file for the window. */
export interface MediaFile {
  path: string
  contentType: string
}

/** One that is made of a clip's video, and kept in the project's folder. */
interface DerivedFile {
  /** Its path inside the project. */
  inside: string
  contentType: string
  make(to: string): Promise<void>
}

/** Milliseconds between two words on how far a copy is. */
const COPYING_EVERY = 250

/** Hears how far the copy of a clip is that a browser plays. */
type OnCopying = (clipId: number, progress: MediaProgress) => void

export function createMedia(workspace: Workspace, onCopying: OnCopying = () => undefined) {
  const making = new Map<string, Promise<void>>()
  const inTurn = limitConcurrency(AT_A_TIME)
  const glanceAt = createGlances(workspace.media)

  /** Makes the file unless it is there; all that ask for it meanwhile wait for the same work. */
  const ensure = async (
    { presence }: OpenProject,
    path: string,
    { make }: DerivedFile,
    signal: AbortSignal,
  ): Promise<void> => {
    if (await isThere(path)) {
      return
    }
    let work = making.get(path)
    if (work === undefined) {
      work = inTurn(async () => {
        await presence.makeFolder(dirname(path))
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
     * The file of a clip's small picture, film strip, playable video or still picture. Throws NOT_FOUND for a clip
     * without a media file, or one that is gone; for a film strip without features, too; BAD_INPUT where the file is
     * no video, or no picture. `modelId`: whose frames a film strip shows; null: those of the current features.
     */
    async file(
      clipId: number,
      kind: MediaKind,
      signal: AbortSignal,
      modelId: number | null = null,
    ): Promise<MediaFile> {
      const project = workspace.project()
      const { media } = workspace
      const clip = project.store.clips.get(clipId)
      if (kind === 'picture') {
        return pictureOf(absolutePath(project.folder, pathOf(clip)))
      }
      const derived =
        kind === 'filmstrip'
          ? filmstripOf(media, project, { clip, modelId })
          : derivedFile(media, project, { clip, kind, onCopying })
      const path = await placeOf(project, derived.inside)
      if (kind === 'video' && clip.kind === 'video' && !(await isThere(path))) {
        const source = absolutePath(project.folder, pathOf(clip))
        const { contentType: playedAs } = await glanceAt(source)
        if (playedAs !== null) {
          return { path: source, contentType: playedAs }
        }
      }
      await ensure(project, path, derived, signal)
      return { path, contentType: derived.contentType }
    },
  }
}

/** Whether a file was made already. What came out empty is made again, and what is no file goes. */
async function isThere(path: string, { remove = true } = {}): Promise<boolean> {
  const stats = await lstat(path).catch(() => null)
  if (stats === null) {
    return false
  }
  const isMade = stats.isFile() && stats.size > 0
  if (!isMade && remove) {
    await rm(path, { recursive: true, force: true })
  }
  return isMade
}

/** Where a derived file is, or is to be made. Throws BAD_INPUT where that would not be the project's own. */
async function placeOf({ folder, mediaFolder }: OpenProject, inside: string): Promise<string> {
  const kept = await ownPath(folder, inside)
  const isKept = mediaFolder === folder || (await isThere(kept, { remove: false }))
  return isKept ? kept : ownPath(mediaFolder, inside)
}

/** Throws NOT_FOUND for a clip without a media file. */
function pathOf({ path, name }: Clip): string {
  if (path === null) {
    throw failures.clipWithoutVideo({ clip: name })
  }
  return path
}

/** A still picture as it is. Throws BAD_INPUT where it is none, whatever the project says. */
async function pictureOf(path: string): Promise<MediaFile> {
  const contentType = await pictureType(path)
  if (contentType === null) {
    throw failures.notAPicture({ path })
  }
  return { path, contentType }
}

/** Throws NOT_FOUND for a clip without a media file. */
const sourceOf = (folder: string, clip: Clip): MediaSource => ({
  path: absolutePath(folder, pathOf(clip)),
  start: clip.start,
  end: clip.end,
})

/** What derived files of a clip are called by. Throws NOT_FOUND for a clip without one. */
function contentOf({ name, contentHash }: Clip): string {
  if (contentHash === null) {
    throw failures.clipWithoutVideo({ clip: name })
  }
  return contentHash
}

/** The frames that a model saw of a clip. Throws NOT_FOUND without features, or a media file. */
function filmstripOf(
  media: MediaTools,
  { folder, store }: OpenProject,
  { clip, modelId }: { clip: Clip; modelId: number | null },
): DerivedFile {
  const source = sourceOf(folder, clip)
  const key = featureKeyFor(store, modelId)
  const feature = key === null ? null : store.features.forClip(key, clip.id)
  if (feature === null || clip.frameCount === null || feature.frames > MOST_FRAMES) {
    throw failures.clipWithoutFeatures({ clip: clip.name })
  }
  const frames = framesAt(feature, clip.frameCount, clip.fps)
  const which = feature.areTimesGiven ? `${feature.frames}-${shortHash(frames.join())}` : `${feature.frames}`
  return {
    inside: `filmstrips/${contentOf(clip)}-${which}.jpg`,
    contentType: 'image/jpeg',
    make: (to) => media.makeFilmstrip(source, frames, to),
  }
}

/** The frames of a video that features are of: at their times, where these were given, else evenly spread. */
function framesAt(
  { frames, frameTimes, areTimesGiven }: ClipFeature,
  count: number,
  fps: number | null,
): number[] {
  return areTimesGiven && fps !== null
    ? frameTimes.map((time) => Math.min(Math.round(time * fps), count - 1))
    : segmentStarts(count, frames)
}

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8)

function derivedFile(
  media: MediaTools,
  { folder }: OpenProject,
  { clip, kind, onCopying }: { clip: Clip; kind: 'thumbnail' | 'video'; onCopying: OnCopying },
): DerivedFile {
  const source = sourceOf(folder, clip)
  const { path } = source
  const content = contentOf(clip)
  switch (kind) {
    case 'thumbnail':
      return {
        inside: thumbnailPath(content),
        contentType: 'image/jpeg',
        make: (to) => media.makeThumbnail(source, to),
      }
    case 'video':
      return {
        // Of all of the file: its parts share it, and a player keeps within their bounds.
        inside: `proxies/${fileHashOf(content)}.mp4`,
        contentType: 'video/mp4',
        async make(to) {
          // H.264 of the quality that is asked for is rarely larger than what a camera wrote.
          await requireSpace(dirname(to), (await stat(path).catch(() => null))?.size ?? 0, 'copy')
          const progress = throttled<MediaProgress>(COPYING_EVERY, (latest) => {
            onCopying(clip.id, latest)
          })
          await media.makeProxy(wholeOf(path), to, { onProgress: progress.push }).finally(progress.flush)
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
