/** The files of a project folder, and what each is a part of. */
import { lstat, opendir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { StoragePart } from '#contract'
import { LEFTOVER } from '../../formats/atomic.ts'
import { isWholeSafetensors } from '../../formats/safetensors.ts'
import { DAMAGED, DATABASE } from '../../store/index.ts'

export interface ProjectFile {
  /** Relative to the project folder, with forward slashes. */
  path: string
  bytes: number
  /** When it was changed last, in milliseconds. */
  modified: number
}

/** All files below a folder; links are not followed. A file that goes meanwhile is left out. */
export async function* projectFiles(folder: string): AsyncGenerator<ProjectFile> {
  const directory = await opendir(folder, { recursive: true }).catch(() => null)
  if (directory === null) {
    return
  }
  for await (const entry of directory) {
    if (entry.isDirectory()) {
      continue
    }
    const path = join(entry.parentPath, entry.name)
    const found = await lstat(path).catch(() => null)
    if (found !== null) {
      const inProject = relative(folder, path).split(sep).join('/')
      yield { path: inProject, bytes: found.size, modified: found.mtimeMs }
    }
  }
}

const FOLDERS: Record<string, StoragePart> = {
  features: 'features',
  models: 'models',
  runs: 'runs',
  thumbnails: 'pictures',
  filmstrips: 'pictures',
  proxies: 'proxies',
  // Videos that came along in an archive.
  media: 'media',
  backups: 'backups',
  // Empty files, which say who has the project open.
  locks: 'database',
}

/** What a file is a part of, by its path. */
export function partOf(path: string): StoragePart {
  const names = path.split('/')
  const [top = ''] = names
  if (names.some((name) => LEFTOVER.test(name))) {
    return 'leftovers'
  }
  if (names.length === 1) {
    return top.startsWith(DATABASE) ? 'database' : 'other'
  }
  return top.startsWith(DAMAGED) ? 'damaged' : (FOLDERS[top] ?? 'other')
}

/** The file or folder of a project that has a temporary name, or null: `models/.3.UUID.tmp` of a file in it. */
export function leftoverOf(path: string): string | null {
  const names = path.split('/')
  const at = names.findIndex((name) => LEFTOVER.test(name))
  return at < 0 ? null : names.slice(0, at + 1).join('/')
}

/** The key of a feature file: the folder that it is in. */
export const featureKeyOf = (path: string): string => path.split('/')[1] ?? ''

/** The model of a file below models/ or runs/; null for another name. */
export function modelOf(path: string): number | null {
  const number = Number(path.split('/')[1])
  return Number.isInteger(number) && number > 0 ? number : null
}

/** Whether a model's folder has all of what the model is. */
export async function hasWholeModel(folder: string): Promise<boolean> {
  const description = await stat(join(folder, 'model.json')).catch(() => null)
  return (
    description !== null &&
    description.size > 0 &&
    (await isWholeSafetensors(join(folder, 'parameters.safetensors')))
  )
}
