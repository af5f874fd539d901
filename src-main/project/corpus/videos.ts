/** The videos of a folder, and which of them a file of captions, splits or topics means. */
import { realpath, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { VitrineError } from '../../common/failures.ts'
import { fileError, systemCode, throwFileError } from '../../common/files/file-errors.ts'
import { resolvePath } from '../../common/files/paths.ts'
import { readFolder } from '../../formats/files.ts'
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
 * The video files of a folder and its subfolders by name; hidden ones and projects are passed over. Folders that
 * are linked are gone into as well, each real folder once, under its own name where it has one here. `onProblem`
 * hears of what can't be looked into. Throws BAD_INPUT when that is the folder itself.
 */
export async function findVideos(
  place: string,
  onProblem: (problem: VitrineError) => void = () => {},
): Promise<VideoFile[]> {
  const folder = resolvePath(place)
  const stats = await stat(folder).catch((error: unknown) => {
    throw systemCode(error) === 'ENOENT' ? failures.folderMissing({ folder }) : fileError(error, folder)
  })
  if (!stats.isDirectory()) {
    throw failures.notAFolder({ folder })
  }
  const walk: Walk = { folder, seen: new Set(), files: [], links: [], onProblem }
  await walkFolder(walk, '')
  // Linked folders come last, so that none takes the name from a folder that is really here.
  for (const link of walk.links) {
    await walkFolder(walk, link)
  }
  const files = walk.files.sort()
  const stems = Map.groupBy(files, withoutExtension)
  return files.map((file) => ({
    name: stems.get(withoutExtension(file))?.length === 1 ? withoutExtension(file) : file,
    path: join(folder, file),
  }))
}

interface Walk {
  folder: string
  /** Real paths of the folders that were gone into: a circle of links ends there. */
  seen: Set<string>
  /** Paths inside the folder. */
  files: string[]
  /** Linked folders, likewise; the list grows as they are gone into. */
  links: string[]
  onProblem: (problem: VitrineError) => void
}

/** Adds what a folder holds; `inside` is its path inside the walk's folder, with a slash at its end or empty. */
async function walkFolder(walk: Walk, inside: string): Promise<void> {
  const path = join(walk.folder, inside)
  const entries = await enter(walk, path).catch((error: unknown) => {
    if (inside === '' || !isAboutOneVideo(error)) {
      throw error
    }
    walk.onProblem(error)
    return []
  })
  const folders: string[] = []
  for (const { name, kind } of entries) {
    if (kind === 'folder') {
      folders.push(`${inside}${name}/`)
    } else if (kind === 'linked folder') {
      walk.links.push(`${inside}${name}/`)
    } else if (VIDEO_EXTENSIONS.has(extname(name).toLowerCase())) {
      walk.files.push(inside + name)
    }
  }
  for (const folder of folders) {
    await walkFolder(walk, folder)
  }
}

interface FolderEntry {
  name: string
  kind: 'folder' | 'linked folder' | 'other'
}

/** What a folder holds that was not gone into before. */
async function enter({ seen }: Walk, path: string): Promise<FolderEntry[]> {
  const real = await realpath(path).catch(throwFileError(path))
  if (seen.has(real)) {
    return []
  }
  seen.add(real)
  const entries = (await readFolder(path)).filter(({ name }) => !name.startsWith('.'))
  return Promise.all(
    entries.map(async (entry) => {
      const isLink = entry.isSymbolicLink()
      // A link that leads nowhere is no folder: where it has the name of a video, reading it says so.
      const target = isLink ? await stat(join(path, entry.name)).catch(() => null) : entry
      if (target?.isDirectory() !== true || entry.name.endsWith('.vitrine')) {
        return { name: entry.name, kind: 'other' as const }
      }
      return { name: entry.name, kind: isLink ? ('linked folder' as const) : ('folder' as const) }
    }),
  )
}

export const withoutExtension = (file: string): string => file.slice(0, file.length - extname(file).length)

/** Without the extension of a video: `v1.mp4` is the clip v1, and `v1.5` is v1.5. */
export const withoutVideoExtension = (name: string): string =>
  VIDEO_EXTENSIONS.has(extname(name).toLowerCase()) ? withoutExtension(name) : name

export interface ClipIndex {
  /** A clip, with its place; one without a media file has its name as its path. */
  add(clip: VideoFile, place: number): void
  /** The place of the clip that `id` means, null when there is none, and 'ambiguous' when several could be meant. */
  find(id: string): number | null | 'ambiguous'
}

/** Finds the clip that a caption or split file means: by path or file name, with or without extension. */
export function clipIndex(): ClipIndex {
  const exact = new Map<string, number>()
  const loose = new Map<string, number | 'ambiguous'>()
  return {
    add({ name, path }, place) {
      const file = name + (path.endsWith(name) ? '' : extname(path))
      exact.set(name, place).set(file, place)
      const stem = withoutVideoExtension(file)
      for (const key of new Set([stem, basename(file), basename(stem)])) {
        loose.set(key, loose.has(key) && loose.get(key) !== place ? 'ambiguous' : place)
      }
    },
    find: (id) => exact.get(id) ?? loose.get(id) ?? null,
  }
}

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
