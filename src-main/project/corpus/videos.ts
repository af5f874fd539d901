/** The videos of a folder, and which of them a file of captions, splits or topics means. */
import { readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { VitrineError } from '../../common/failures.ts'
import { nameIndex } from '../../formats/captions/clip-names.ts'
import type { NameIndex } from '../../formats/captions/clip-names.ts'
import { failures } from './failures.ts'

export const VIDEO_EXTENSIONS: ReadonlySet<string> = new Set([
  '.mp4',
  '.m4v',
  '.mov',
  '.mkv',
  '.webm',
  '.avi',
  '.mpg',
  '.mpeg',
  '.mts',
  '.m2ts',
  '.wmv',
  '.flv',
  '.3gp',
  '.ogv',
])

export interface VideoFile {
  /**
   * Path inside the folder with forward slashes, without extension where that tells it apart from the others.
   */
  name: string
  path: string
}

/**
 * The video files of a folder and its subfolders by name; hidden ones and projects are passed over. Throws
 * BAD_INPUT.
 */
export async function findVideos(folder: string): Promise<VideoFile[]> {
  const stats = await stat(folder).catch(() => null)
  if (stats === null) {
    throw failures.folderMissing({ folder })
  }
  if (!stats.isDirectory()) {
    throw failures.notAFolder({ folder })
  }
  const files = (await videosBelow(folder, '')).sort()
  const stems = Map.groupBy(files, withoutExtension)
  return files.map((file) => ({
    name: stems.get(withoutExtension(file))?.length === 1 ? withoutExtension(file) : file,
    path: join(folder, file),
  }))
}

/** The videos in a directory and below it, each with `prefix` before its name. */
async function videosBelow(directory: string, prefix: string): Promise<string[]> {
  const files: string[] = []
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const { name } = entry
    if (name.startsWith('.')) {
      continue
    }
    if (entry.isDirectory()) {
      if (!name.endsWith('.vitrine')) {
        for (const file of await videosBelow(join(directory, name), `${prefix}${name}/`)) {
          files.push(file)
        }
      }
    } else if (VIDEO_EXTENSIONS.has(extname(name).toLowerCase())) {
      files.push(prefix + name)
    }
  }
  return files
}

export const withoutExtension = (file: string): string => file.slice(0, file.length - extname(file).length)

/** Without the extension of a video: `v1.mp4` is the clip v1, and `v1.5` is v1.5. */
export const withoutVideoExtension = (name: string): string =>
  VIDEO_EXTENSIONS.has(extname(name).toLowerCase()) ? withoutExtension(name) : name

export type ClipIndex = NameIndex

/** Finds the clip that a caption or split file means: by path or file name, as people write them. */
export const clipIndex = nameIndex

/** The same over all of some clips: the places are those in `videos`. */
export function clipFinder(videos: readonly VideoFile[]): ClipIndex['find'] {
  const index = clipIndex()
  videos.forEach((video, place) => {
    index.add(video, place)
  })
  return index.find
}

/** Whether a failure to read is of the one video alone, so that the rest can go on. */
export const isAboutOneVideo = (error: unknown): error is VitrineError =>
  error instanceof VitrineError && (error.code === 'BAD_INPUT' || error.code === 'NOT_FOUND')
