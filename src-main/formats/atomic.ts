/**
 * Writing so that a file or folder is either the old one or the whole new one, never half of it: fill a
 * temporary neighbour (same folder, so the same file system), flush it to the disk, rename it over the
 * target.
 */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { lstat, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileError, systemCode } from '../common/files/file-errors.ts'
import { failures } from '../common/files/failures.ts'

/**
 * Writes `bytes` (text as UTF-8; or pieces one after the other) to `path`, replacing what was there; the
 * folder must exist. When it returns, the file survives a power cut. A failure leaves the old file as it was
 * and removes the temporary one. Throws the VitrineError of what the system says, with the path: DISK_FULL when no
 * space is left, BAD_INPUT where nothing may be written, or something else than a file is there: a rename would put
 * the file in the place of a device.
 */
export async function writeFileAtomic(
  path: string,
  bytes: Uint8Array | string | Iterable<Uint8Array>,
): Promise<void> {
  await replaceFileAtomic(path, (temporary) => writeFile(temporary, bytes, { flag: 'wx' }))
}

/**
 * Replaces the file `path` by one that `fill` (another program, say) writes under a temporary name in the
 * same folder. Same promises and errors as `writeFileAtomic`; throws what `fill` throws, with `path`
 * untouched.
 */
export async function replaceFileAtomic(
  path: string,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = temporaryName(path)
  try {
    await requireFileOrNothing(path)
    await fill(temporary)
    const file = await open(temporary, 'r+')
    try {
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (error) {
    // What went wrong first is the news.
    await rm(temporary, { force: true }).catch(() => undefined)
    throw writeFailure(error, path, temporary)
  }
}

/**
 * Replaces the whole folder `path` by one that `fill` writes into a temporary neighbour. A folder can't be
 * renamed over a full one, so the old one is moved aside first and moved back when the swap fails. `fill`
 * should write its files with `writeFileAtomic`, which flushes them. Throws what `fill` throws, with `path`
 * untouched, and as above.
 */
export async function replaceFolderAtomic(
  path: string,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  const temporary = temporaryName(path)
  try {
    await requireFolderOrNothing(path)
    await mkdir(temporary)
    await fill(temporary)
    const old = temporaryName(path, 'old')
    const hadOld = await renameIfThere(path, old)
    try {
      await rename(temporary, path)
    } catch (error) {
      if (hadOld) {
        await rename(old, path)
      }
      throw error
    }
    await syncFolder(dirname(path))
    await rm(old, { recursive: true, force: true })
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined)
    throw writeFailure(error, path, temporary)
  }
}

/**
 * Makes the folder `path` unless it is there; the one above it must be, so that nothing is written where a whole
 * project has gone away.
 */
export async function makeOneFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') {
      throw fileError(error, path)
    }
  }
}

/**
 * Puts right what writers in `folder` left when they were killed: a folder that was moved aside and not
 * replaced yet comes back, and all else that is temporary goes. `only`: what belongs to the file or folder of
 * that name. Nobody may be writing there.
 */
export async function recoverLeftovers(folder: string, only?: string): Promise<void> {
  const names = await readdir(folder)
  for (const name of names) {
    const [, target, kind] = LEFTOVER.exec(name) ?? []
    if (target === undefined || (only !== undefined && target !== only)) {
      continue
    }
    await putRight(join(folder, name), { target, comesBack: kind === 'old' && !names.includes(target) })
  }
}

/**
 * The same in a folder and all below it, for what last changed before a time (milliseconds): what came later may
 * be somebody's who is still writing. Links are not followed.
 */
export async function removeLeftovers(folder: string, before: number): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = new Set(entries.map(({ name }) => name))
  for (const entry of entries) {
    const path = join(folder, entry.name)
    const [, target, kind] = LEFTOVER.exec(entry.name) ?? []
    if (target !== undefined) {
      if ((await lstat(path)).ctimeMs < before) {
        await putRight(path, { target, comesBack: kind === 'old' && !names.has(target) })
      }
    } else if (entry.isDirectory()) {
      await removeLeftovers(path, before)
    }
  }
}

async function putRight(
  path: string,
  { target, comesBack }: { target: string; comesBack: boolean },
): Promise<void> {
  if (comesBack) {
    await rename(path, join(dirname(path), target))
  } else {
    await rm(path, { recursive: true, force: true })
  }
}

/**
 * Removes the folder `path`, if it is there, with what killed writers of it left beside it. Nobody may be
 * writing it.
 */
export async function removeWithLeftovers(path: string): Promise<void> {
  const folder = dirname(path)
  const leftovers = (await namesIn(folder)).filter((name) => LEFTOVER.exec(name)?.[1] === basename(path))
  await Promise.all(
    [basename(path), ...leftovers].map((name) => rm(join(folder, name), { recursive: true, force: true })),
  )
}

/** Throws BAD_INPUT where `path` is a folder, a device, a pipe or a socket. */
async function requireFileOrNothing(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => null)
  if (stats?.isDirectory() === true) {
    throw failures.isFolder({ path })
  }
  if (stats !== null && !stats.isFile() && !stats.isSymbolicLink()) {
    throw failures.notAFile({ path })
  }
}

/** Throws BAD_INPUT where `path` is anything but a folder. */
async function requireFolderOrNothing(path: string): Promise<void> {
  const stats = await stat(path).catch(() => null)
  if (stats?.isDirectory() === false) {
    throw failures.notAFolder({ path })
  }
}

/** What went wrong while `path` was written, in words that name it and not the temporary file. */
function writeFailure(error: unknown, path: string, temporary: string): unknown {
  const { path: at } = error as NodeJS.ErrnoException
  if (at !== undefined && !at.startsWith(temporary)) {
    return fileError(error, at)
  }
  if (systemCode(error) !== 'ENOENT') {
    return fileError(error, path)
  }
  // What is missing is the folder, not the file that was to be made in it; some folders take no files at all.
  const folder = dirname(path)
  return existsSync(folder) ? failures.denied({ path }, { cause: error }) : fileError(error, folder)
}

/**
 * What `temporaryName` makes: the name it stands beside, and the kind; and what SQLite writes beside a temporary
 * database.
 */
export const LEFTOVER = /^\.(.+)\.[0-9a-f-]{36}\.(tmp|old)(?:-journal|-wal|-shm)?$/

function temporaryName(path: string, kind: 'tmp' | 'old' = 'tmp'): string {
  return join(dirname(path), `.${basename(path)}.${randomUUID()}.${kind}`)
}

/** The names in a folder; none where there is no such folder. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return []
    }
    throw error
  }
}

async function renameIfThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return false
    }
    throw error
  }
}

/** Makes a rename durable. Windows can't open folders, and its rename needs no such flush. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') {
    return
  }
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
