/**
 * Opening what people name: a file may be a folder, a pipe that nobody writes to, or a device without end.
 * Only a file is opened, without waiting for anybody, and every failure is a sentence with its path. Paths may
 * be written as people write them.
 */
import { constants } from 'node:fs'
import { mkdir, open, readdir, stat } from 'node:fs/promises'
import type { Dirent, Stats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { resolvePath } from '../common/files/paths.ts'
import { fileError, systemCode, throwFileError } from '../common/files/file-errors.ts'
import { failures } from '../common/files/failures.ts'

/** A named pipe without a writer would hold whoever opens it, for ever. */
const READ_AT_ONCE =
  process.platform === 'win32' ? 'r' : constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY

/**
 * Opens a file for reading; the caller closes it. Throws the VitrineError of whatever is wrong with it: it is
 * not there, may not be read, or is not a file.
 */
export async function openFile(path: string): Promise<FileHandle> {
  await statFile(path)
  const file = await open(resolvePath(path), READ_AT_ONCE).catch(throwFileError(path))
  try {
    // Another may stand in its place by now.
    checkKind(await file.stat(), path)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/** The size and times of a file. Throws as `openFile`. */
export async function statFile(path: string): Promise<Stats> {
  const stats = await stat(resolvePath(path)).catch(throwFileError(path))
  checkKind(stats, path)
  return stats
}

/** A whole file. Throws as `openFile`. */
export async function readWhole(path: string): Promise<Buffer> {
  const file = await openFile(path)
  try {
    return await file.readFile().catch(throwFileError(path))
  } finally {
    await file.close()
  }
}

/** A file piece by piece, for what need not be in memory as a whole. Throws as `openFile`. */
export async function readInPieces(path: string, options: { signal?: AbortSignal } = {}): Promise<Readable> {
  const file = await openFile(path)
  return file.createReadStream({ highWaterMark: 1 << 20, ...options })
}

/**
 * Makes a folder and those above it, where they are not there. Throws the VitrineError of whatever is in the way.
 * Node's own recursive mkdir tries for ever below /proc, where nothing can be made and nothing says why.
 */
export async function makeFolder(path: string): Promise<void> {
  const folder = resolvePath(path)
  const parent = dirname(folder)
  try {
    await mkdir(folder)
  } catch (error) {
    if (await isFolder(folder)) {
      return
    }
    if (systemCode(error) !== 'ENOENT' || parent === folder) {
      throw fileError(error, folder)
    }
    // It may have been made meanwhile, by whoever makes a folder beside this one.
    if (!(await isFolder(parent))) {
      await makeFolder(parent)
    }
    await makeLastFolder(folder)
  }
}

/** Makes a folder whose parent is there. Where that is missing all the same, nothing can be made. */
async function makeLastFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder)
  } catch (error) {
    if (!(await isFolder(folder))) {
      throw systemCode(error) === 'ENOENT' ? failures.denied({ path: folder }) : fileError(error, folder)
    }
  }
}

/** Whether something is there, of whatever kind. */
export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** Whether a folder is there, or a link to one. */
export const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )

/** What a folder holds. Throws the VitrineError of whatever is wrong with it. */
export async function readFolder(path: string): Promise<Dirent[]> {
  return readdir(resolvePath(path), { withFileTypes: true }).catch(throwFileError(path))
}

function checkKind(stats: Stats, path: string): void {
  if (stats.isDirectory()) {
    throw failures.isFolder({ path })
  }
  if (!stats.isFile()) {
    throw failures.notAFile({ path })
  }
}
