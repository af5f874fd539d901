import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, extname, join, resolve } from 'node:path'
import { VitrineError } from '#contract'
import type { FolderListing } from '#contract'
import { CAPTION_EXTENSIONS, VIDEO_EXTENSIONS } from '../corpus/clips.ts'

/**
 * One folder of this machine as the folder picker shows it, by name; null: the user's home. Throws BAD_INPUT.
 */
export async function listFolder(path: string | null): Promise<FolderListing> {
  const folder = resolve(path ?? homedir())
  const there = await readdir(folder, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    const why =
      cause.code === 'ENOENT'
        ? 'does not exist'
        : cause.code === 'ENOTDIR'
          ? 'is a file, not a folder'
          : 'may not be read'
    throw new VitrineError('BAD_INPUT', `${folder} ${why}.`, 'Choose another folder.', { cause })
  })
  const kindOf = (name: string, isFolder: boolean): FolderListing['entries'][number]['kind'] | null => {
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
    return VIDEO_EXTENSIONS.has(extension) ? 'video' : CAPTION_EXTENSIONS.has(extension) ? 'captions' : null
  }
  const entries = there.flatMap((entry) => {
    const kind = kindOf(entry.name, entry.isDirectory())
    return kind === null ? [] : [{ name: entry.name, path: join(folder, entry.name), kind }]
  })
  const parent = dirname(folder)
  return {
    path: folder,
    parent: parent === folder ? null : parent,
    entries: entries.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
  }
}
