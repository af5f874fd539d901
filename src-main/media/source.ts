/** What is decoded: a file or a folder, or a part of it. Which kind it is, is told by looking, not by its name. */
import { resolvePath } from '../common/files/paths.ts'
import { isFolder } from '../formats/files.ts'
import { failures } from './failures.ts'
import { frameFiles } from './frame-folder.ts'
import { pictureDemuxer } from './picture-kinds.ts'
import type { PictureDemuxer } from './picture-kinds.ts'

export interface MediaSource {
  /** A video, an animated GIF, a still picture, or a folder of frames. */
  path: string
  /** Seconds of the file; null: from its beginning, to its end. Times of what is decoded count from `start`. */
  start: number | null
  end: number | null
  /** Frames a second of a folder of frames, which says none itself; 25 where it is left out. */
  fps?: number
}

export type SourceKind = 'video' | 'picture' | 'frames'

/** A file from its beginning to its end. */
export const wholeOf = (path: string): MediaSource => ({ path, start: null, end: null })

/** Seconds by which a time that is written with few digits may miss the frame that is meant. */
const BOUND_TOLERANCE = 0.0005

/** Frames a second of a folder of frames, where nobody says another rate. */
export const FOLDER_FPS = 25

/** What the path of a source leads to. */
export type SourceContent =
  | { kind: 'video' }
  | { kind: 'picture'; demuxer: PictureDemuxer }
  /** Paths of the frames, in their order. */
  | { kind: 'frames'; files: string[] }

/** Looks at what is there. Throws the VitrineError of what can't be read, and BAD_INPUT for a folder without pictures. */
export async function lookAt(place: string): Promise<SourceContent> {
  const path = resolvePath(place)
  if (await isFolder(path)) {
    const files = await frameFiles(path)
    if (files.length === 0) {
      throw failures.noPicturesInFolder({ path })
    }
    return { kind: 'frames', files }
  }
  const demuxer = await pictureDemuxer(path)
  return demuxer === null ? { kind: 'video' } : { kind: 'picture', demuxer }
}

/** The frames of a folder that lie between a source's bounds, and how many there are a second. */
export function framesBetween(
  files: readonly string[],
  { start, end, fps = FOLDER_FPS }: MediaSource,
): { files: string[]; fps: number } {
  return { files: files.filter((_, i) => isBetween(i / fps, { start, end })), fps }
}

/** Whether a frame at a second of the file is one of the source's. */
export const isBetween = (second: number, { start, end }: Pick<MediaSource, 'start' | 'end'>): boolean =>
  second >= (start ?? -Infinity) - BOUND_TOLERANCE && second < (end ?? Infinity) - BOUND_TOLERANCE
