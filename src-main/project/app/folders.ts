/** Folders of this machine as the folder picker shows them: for shells that have no dialog of their own. */
import { stat } from 'node:fs/promises'
import type { Dirent } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, extname, join } from 'node:path'
import type { FolderListing } from '#contract'
import { resolvePath } from '../../common/files/paths.ts'
import { ARRAY_EXTENSIONS } from '../../formats/arrays/index.ts'
import { CAPTION_EXTENSIONS } from '../../formats/captions/index.ts'
import { readFolder } from '../../formats/files.ts'
import { VIDEO_EXTENSIONS } from '../corpus/videos.ts'

type EntryKind = FolderListing['entries'][number]['kind']

/** What a folder holds, by name; null: the user's home. Throws NOT_FOUND, BAD_INPUT. */
export async function listFolder(path: string | null): Promise<FolderListing> {
  const folder = path === null ? homedir() : resolvePath(path)
  const entries = await Promise.all(
    (await readFolder(folder)).map(async (entry) => ({
      name: entry.name,
      kind: kindOf(entry.name, await isFolder(entry)),
    })),
  )
  const listed = entries.flatMap(({ name, kind }) =>
    kind === null ? [] : [{ name, path: join(folder, name), kind }],
  )
  const parent = dirname(folder)
  return {
    path: folder,
    parent: parent === folder ? null : parent,
    entries: listed.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
  }
}

/** Whether an entry is a folder, or a link to one. */
async function isFolder(entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) {
    return entry.isDirectory()
  }
  const target = await stat(join(entry.parentPath, entry.name)).catch(() => null)
  return target?.isDirectory() ?? false
}

/** What an entry is to Vitrine; null for what it has no use for. */
function kindOf(name: string, isFolder: boolean): EntryKind | null {
  if (name.startsWith('.')) {
    return null
  }
  if (isFolder) {
    return name.endsWith('.vitrine') ? 'project' : 'folder'
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
  return CAPTION_EXTENSIONS.has(extension) ? 'captions' : null
}
