/** Folders of this machine as the folder picker shows them: for shells that have no dialog of their own. */
import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, extname, join, resolve } from 'node:path'
import type { FolderListing } from '#contract'
import type { VitrineError } from '../../common/failures.ts'
import { CAPTION_EXTENSIONS } from '../../formats/captions/index.ts'
import { VIDEO_EXTENSIONS } from '../corpus/videos.ts'
import { failures } from './failures.ts'

type EntryKind = FolderListing['entries'][number]['kind']

/** What a folder holds, by name; null: the user's home. Throws BAD_INPUT. */
export async function listFolder(path: string | null): Promise<FolderListing> {
  const folder = resolve(path ?? homedir())
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    throw unreadable(folder, cause)
  })
  const listed = entries.flatMap((entry) => {
    const kind = kindOf(entry.name, entry.isDirectory())
    return kind === null ? [] : [{ name: entry.name, path: join(folder, entry.name), kind }]
  })
  const parent = dirname(folder)
  return {
    path: folder,
    parent: parent === folder ? null : parent,
    entries: listed.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
  }
}

function unreadable(folder: string, cause: NodeJS.ErrnoException): VitrineError {
  switch (cause.code) {
    case 'ENOENT':
      return failures.folderMissing({ folder }, { cause })
    case 'ENOTDIR':
      return failures.notAFolder({ folder }, { cause })
    default:
      return failures.folderUnreadable({ folder }, { cause })
  }
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
  if (VIDEO_EXTENSIONS.has(extension)) {
    return 'video'
  }
  return CAPTION_EXTENSIONS.has(extension) ? 'captions' : null
}
