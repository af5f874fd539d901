/** The clips of a folder. */
import { realpath, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { ClipKind } from '#contract'
import { breather } from '../../common/breather.ts'
import type { VitrineError } from '../../common/failures.ts'
import { fileError, isAboutOneFile, systemCode, throwFileError } from '../../common/files/file-errors.ts'
import { resolvePath, withoutExtension } from '../../common/files/paths.ts'
import { readFolder } from '../../formats/files.ts'
import { isPictureName } from '../../media/frame-folder.ts'
import { failures } from './failures.ts'
import { takeClips } from './kinds.ts'
import type { Taken, Taking, TakenClip, WalkedFolder } from './kinds.ts'

export const VIDEO_EXTENSIONS: ReadonlySet<string> = new Set([
  '.mp4',
  '.m4v',
  '.mov',
  '.mkv',
  '.webm',
  '.avi',
  '.mpg',
  '.mpeg',
  '.ts',
  '.mts',
  '.m2ts',
  '.wmv',
  '.flv',
  '.3gp',
  '.ogv',
  '.gif',
])

/** A file, or a folder of frames, that is a clip. */
export interface VideoFile {
  /**
   * Path inside the folder with forward slashes, without extension where that tells it apart from the others.
   */
  name: string
  path: string
  kind: ClipKind
}

/** The clips of a folder; and of what was taken for them, and what was not, what a person may want otherwise. */
export interface FoundVideos extends Pick<Taken, 'guessed' | 'ofVideos'> {
  videos: VideoFile[]
}

/** What is taken where nobody says otherwise, and no captions are there. */
export const BY_LOOKS: Taking = { media: 'auto', names: new Set(), breathe: breather() }

/**
 * The clips of a folder and its subfolders by name; hidden files and projects are passed over. Folders that
 * are linked are gone into as well, each real folder once, under its own name where it has one here. `onProblem`
 * hears of what can't be looked into. Throws BAD_INPUT when that is the folder itself.
 */
export async function findVideos(
  place: string,
  taking: Taking = BY_LOOKS,
  onProblem: (problem: VitrineError) => void = () => {},
): Promise<FoundVideos> {
  const folder = resolvePath(place)
  const stats = await stat(folder).catch((error: unknown) => {
    throw systemCode(error) === 'ENOENT' ? failures.folderMissing({ folder }) : fileError(error, folder)
  })
  if (!stats.isDirectory()) {
    throw failures.notAFolder({ folder })
  }
  const walk: Walk = { folder, seen: new Set(), folders: [], links: [], onProblem }
  await walkFolder(walk, '')
  // Linked folders come last, so that none takes the name from a folder that is really here.
  for (const link of walk.links) {
    await walkFolder(walk, link)
  }
  const { clips, ...others } = await takeClips(walk.folders, taking)
  const stems = Map.groupBy(clips, stemOf)
  const nameOf = (clip: TakenClip): string => {
    const name = stems.get(stemOf(clip))?.length === 1 ? stemOf(clip) : clip.file
    return name === '' ? basename(folder) : name
  }
  return {
    videos: clips.map((clip) => ({ name: nameOf(clip), path: join(folder, clip.file), kind: clip.kind })),
    ...others,
  }
}

const stemOf = ({ file, kind }: TakenClip): string => (kind === 'frames' ? file : withoutExtension(file))

interface Walk {
  folder: string
  /** Real paths of the folders that were gone into: a circle of links ends there. */
  seen: Set<string>
  folders: WalkedFolder[]
  /** Paths inside the folder of linked ones, with a slash at their ends; the list grows as they are gone into. */
  links: string[]
  onProblem: (problem: VitrineError) => void
}

/** Adds what a folder holds; `inside` is its path inside the walk's folder, with a slash at its end or empty. */
async function walkFolder(walk: Walk, inside: string): Promise<void> {
  const path = join(walk.folder, inside)
  const entries = await enter(walk, path).catch((error: unknown) => {
    if (inside === '' || !isAboutOneFile(error)) {
      throw error
    }
    walk.onProblem(error)
    return []
  })
  const folders: string[] = []
  const videos: string[] = []
  const pictures: string[] = []
  for (const { name, kind } of entries) {
    if (kind === 'folder') {
      folders.push(`${inside}${name}/`)
    } else if (kind === 'linked folder') {
      walk.links.push(`${inside}${name}/`)
    } else if (isVideoName(name)) {
      videos.push(name)
    } else if (isPictureName(name)) {
      pictures.push(name)
    }
  }
  walk.folders.push({ inside, videos, pictures })
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

const isVideoName = (name: string): boolean => VIDEO_EXTENSIONS.has(extname(name).toLowerCase())
