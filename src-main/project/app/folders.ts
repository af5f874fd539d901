/** Folders of this machine as the folder picker shows them: for shells that have no dialog of their own. */
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import type { Dirent } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, extname, join, relative } from 'node:path'
import type { FolderListing } from '#contract'
import { resolvePath } from '../../common/files/paths.ts'
import { ARRAY_EXTENSIONS } from '../../formats/arrays/index.ts'
import { CAPTION_EXTENSIONS } from '../../formats/captions/index.ts'
import { isFolder, readFolder } from '../../formats/files.ts'
import { isPictureName } from '../../media/frame-folder.ts'
import { VIDEO_EXTENSIONS } from '../corpus/videos.ts'

type Entry = FolderListing['entries'][number]

/** How archives of projects are called, where nobody calls them otherwise. */
const ARCHIVE_ENDING = '.vitrine.zip'

/** Files that are listed of a folder: nobody chooses among more by eye. */
const MOST_FILES = 1000

/**
 * What a folder holds, folders before files, by name; null: the user's home; of a path that is no folder, the nearest one
 * above it. Throws BAD_INPUT for a folder that can't be read.
 */
export async function listFolder(path: string | null): Promise<FolderListing> {
  const wanted = path === null ? homedir() : resolvePath(path)
  const folder = await nearestFolder(wanted)
  const shown = (await readFolder(folder)).filter(({ name }) => !name.startsWith('.'))
  const entries = await Promise.all(
    shown.map(async (entry): Promise<Entry> => ({
      name: entry.name,
      path: join(folder, entry.name),
      kind: kindOf(entry.name, await leadsToFolder(entry)),
    })),
  )
  const isPlace = ({ kind }: Entry): boolean => kind === 'folder' || kind === 'project'
  const files = inOrder(entries.filter((entry) => !isPlace(entry)))
  const parent = dirname(folder)
  return {
    path: folder,
    parent: parent === folder ? null : parent,
    rest: relative(folder, wanted),
    writable: await access(folder, constants.W_OK).then(
      () => true,
      () => false,
    ),
    entries: [...inOrder(entries.filter(isPlace)), ...files.slice(0, MOST_FILES)],
    more: Math.max(0, files.length - MOST_FILES),
  }
}

async function nearestFolder(path: string): Promise<string> {
  const parent = dirname(path)
  return parent === path || (await isFolder(path)) ? path : nearestFolder(parent)
}

const inOrder = (entries: Entry[]): Entry[] =>
  entries.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))

/** Whether an entry is a folder, or a link to one. */
async function leadsToFolder(entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) {
    return entry.isDirectory()
  }
  const target = await stat(join(entry.parentPath, entry.name)).catch(() => null)
  return target?.isDirectory() ?? false
}

/** What an entry is to Vitrine. */
function kindOf(name: string, leadsToFolder: boolean): Entry['kind'] {
  if (leadsToFolder) {
    return name.endsWith('.vitrine') ? 'project' : 'folder'
  }
  if (name.toLowerCase().endsWith(ARCHIVE_ENDING)) {
    return 'archive'
  }
  const extension = extname(name).toLowerCase()
  if (extension === '.npy') {
    return 'vectors'
  }
  if (ARRAY_EXTENSIONS.has(extension)) {
    return 'arrays'
  }
  if (extension === '.onnx') {
    return 'network'
  }
  if (VIDEO_EXTENSIONS.has(extension)) {
    return 'video'
  }
  if (isPictureName(name)) {
    return 'picture'
  }
  return CAPTION_EXTENSIONS.has(extension) ? 'captions' : 'other'
}
