/**
 * What frames come from: a video, an animation (GIF), a still picture, or a folder of frames; whole, or from one
 * second of it to another. Which of them a path is, is told by looking, not by its name.
 */
import { open, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { throwFileError } from '../common/files/file-errors.ts'
import { resolvePath } from '../common/files/paths.ts'
import { readFolder } from '../formats/files.ts'
import { failures } from './failures.ts'

export interface MediaSource {
  path: string
  /** Seconds in the file at which it begins and ends; null: where the file does. */
  start: number | null
  end: number | null
  /** Frames a second of a folder of frames, which says none itself; 25 where it is left out. */
  fps?: number
}

export type SourceKind = 'video' | 'picture' | 'frames'

/** A file from its start to its end. */
export const wholeOf = (path: string): MediaSource => ({ path, start: null, end: null })

/** Seconds by which a time that is written with few digits may miss the frame that is meant. */
export const BOUND_TOLERANCE = 0.0005

/** Frames a second of a folder of frames, where nobody says another rate. */
export const FOLDER_FPS = 25

/** The extensions of still pictures, and so of the frames in a folder of frames. */
export const PICTURE_EXTENSIONS: ReadonlySet<string> = new Set(['.jpg', '.jpeg', '.png', '.webp'])

/** FFmpeg's demuxers for still pictures, by what their files begin with. */
const PICTURE_MARKS: readonly { demuxer: PictureDemuxer; isBegunBy(bytes: Buffer): boolean }[] = [
  { demuxer: 'jpeg_pipe', isBegunBy: (bytes) => bytes.subarray(0, 3).toString('hex') === 'ffd8ff' },
  {
    demuxer: 'png_pipe',
    isBegunBy: (bytes) => bytes.subarray(0, 8).toString('latin1') === '\x89PNG\r\n\x1a\n',
  },
  {
    demuxer: 'webp_pipe',
    isBegunBy: (bytes) => /^RIFF[^]{4}WEBP$/.test(bytes.subarray(0, 12).toString('latin1')),
  },
]
export type PictureDemuxer = 'jpeg_pipe' | 'png_pipe' | 'webp_pipe'

/** What the path of a source leads to. */
export type SourceContent =
  | { kind: 'video' }
  | { kind: 'picture'; demuxer: PictureDemuxer }
  /** Paths of the frames, in their order. */
  | { kind: 'frames'; files: string[] }

/**
 * Looks at what is there. Throws the VitrineError of what can't be read, and BAD_INPUT for a folder without
 * pictures and for an animated WebP.
 */
export async function lookAt(place: string): Promise<SourceContent> {
  const path = resolvePath(place)
  const stats = await stat(path).catch(throwFileError(path))
  if (stats.isDirectory()) {
    return { kind: 'frames', files: await framesIn(path) }
  }
  const head = stats.isFile() ? await headOf(path) : Buffer.alloc(0)
  const demuxer = PICTURE_MARKS.find(({ isBegunBy }) => isBegunBy(head))?.demuxer
  if (demuxer === undefined) {
    return { kind: 'video' }
  }
  if (demuxer === 'webp_pipe' && isAnimatedWebp(head)) {
    throw failures.animatedWebp({ path })
  }
  return { kind: 'picture', demuxer }
}

/** The first bytes of a file, as many as tell what it is. */
async function headOf(path: string): Promise<Buffer> {
  const file = await open(path).catch(throwFileError(path))
  try {
    const head = Buffer.alloc(32)
    const { bytesRead } = await file.read(head, 0, head.length, 0).catch(throwFileError(path))
    return head.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** https://developers.google.com/speed/webp/docs/riff_container: the second bit of the extended header's flags. */
const isAnimatedWebp = (head: Buffer): boolean =>
  head.subarray(12, 16).toString('latin1') === 'VP8X' && ((head[20] ?? 0) & 0b10) !== 0

/** The pictures of a folder by the numbers in their names: `img_2.jpg` comes before `img_10.jpg`. */
async function framesIn(folder: string): Promise<string[]> {
  const names = (await readFolder(folder))
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('.') && PICTURE_EXTENSIONS.has(extname(name).toLowerCase()))
  if (names.length === 0) {
    throw failures.noPicturesInFolder({ path: folder })
  }
  return names.sort(BY_NUMBER.compare).map((name) => join(folder, name))
}

const BY_NUMBER = new Intl.Collator('en', { numeric: true })

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
