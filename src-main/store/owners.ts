/**
 * Who has a project open. Each opening is an owner: a random name, and an empty file `locks/NAME.lock` in the
 * project, which it keeps locked until it closes. The lock is one of the operating system's, which frees it
 * with the process, however that ends: no process number is asked for, so none can be mistaken for another's,
 * not in containers that share a folder either. SQLite takes it (an exclusive transaction on the empty file),
 * because it knows each system's locks and is here already. Where the project's own database can be used by
 * several programs, so can this. Nothing else may open these files: on POSIX systems a process loses a lock when
 * it closes any other handle of the file.
 */
import { existsSync, lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { Database } from 'better-sqlite3'
import { fileError } from '../common/files/file-errors.ts'
import { failures } from './failures.ts'

const FOLDER = 'locks'
const EXTENSION = '.lock'
const NAME = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export interface Owner {
  readonly name: string
  /** Whether the owner of that name still has the project open. */
  isAlive(name: string): boolean
  /** Whether nobody else has the project open. */
  isAlone(): boolean
  /**
   * What owners that were killed left behind: null where none was. Files that changed before the time `before`
   * (milliseconds) are nobody's any more. `forget` is for when they are put right.
   */
  killed(): { before: number; forget(): void } | null
  /** Not an owner any more. */
  release(): void
}

/**
 * Makes an owner of the project in `folder`, or of another folder that one at a time may work in. Throws what
 * SQLite does where the folder can't be written.
 */
export function takeOwnership(folder: string): Owner {
  const locks = join(folder, FOLDER)
  const { name, lock } = newLock(locks)
  const isAlive = (other: string): boolean =>
    other === name || (NAME.test(other) && isHeld(lockFile(locks, other)))
  return {
    name,
    isAlive,
    isAlone: () => ownersIn(locks).every((other) => other === name || !isAlive(other)),
    killed() {
      const others = ownersIn(locks).filter((other) => other !== name)
      const gone = others.filter((other) => !isAlive(other))
      if (gone.length === 0) {
        return null
      }
      const living = [name, ...others.filter((other) => !gone.includes(other))]
      return {
        before: Math.min(...living.map((owner) => openedAt(lockFile(locks, owner)))),
        forget() {
          // While others live, what came after the first of them can't be told from what is theirs.
          if (living.length === 1) {
            gone.forEach((owner) => removeIfFree(lockFile(locks, owner)))
          }
        },
      }
    },
    release() {
      remove(lockFile(locks, name))
      lock.close()
      // Where an open file can't be removed.
      remove(lockFile(locks, name))
      removeFolder(locks)
    },
  }
}

/** Whether somebody is an owner of a folder. */
export function isOwned(folder: string): boolean {
  const locks = join(folder, FOLDER)
  return existsSync(locks) && ownersIn(locks).some((owner) => isHeld(lockFile(locks, owner)))
}

/**
 * Runs `work` on the files of the project in `folder` while nobody has it open. Throws CONFLICT where somebody has;
 * who opens it meanwhile finds whatever is there.
 */
export async function whileAlone<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  const owner = takeOwnership(folder)
  try {
    if (!owner.isAlone()) {
      throw failures.openElsewhere({ folder })
    }
    return await work()
  } finally {
    owner.release()
  }
}

const lockFile = (locks: string, owner: string): string => join(locks, `${owner}${EXTENSION}`)

/** A lock of a new name. */
function newLock(locks: string): { name: string; lock: Database } {
  for (;;) {
    mkdirIfMissing(locks)
    const name = randomUUID()
    const lock = taken(lockFile(locks, name), { isNew: true })
    // Another process that looked for killed owners may have met the file before it was locked.
    if (lock !== null && openedAt(lockFile(locks, name)) !== Infinity) {
      return { name, lock }
    }
    lock?.close()
  }
}

function mkdirIfMissing(folder: string): void {
  try {
    mkdirSync(folder)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (['EACCES', 'EPERM', 'EROFS'].includes(code)) {
      throw failures.readOnly({}, { cause: error })
    }
    if (code !== 'EEXIST') {
      throw fileError(error, folder)
    }
  }
}

/** The lock of a file, or null where another has it. The holder must keep the object: it is freed with it. */
function taken(file: string, { isNew }: { isNew: boolean }): Database | null {
  let lock: Database | null = null
  try {
    lock = new Sqlite(file, { fileMustExist: !isNew, timeout: 0 })
    // Without a journal beside it.
    lock.pragma('journal_mode = MEMORY')
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock?.close()
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      return null
    }
    throw error
  }
}

/** Whether somebody holds the lock of a file; nobody holds one that is not there, or is no lock. */
function isHeld(file: string): boolean {
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    return false
  }
  try {
    const lock = taken(file, { isNew: false })
    lock?.close()
    return lock === null
  } catch {
    return false
  }
}

function removeIfFree(file: string): void {
  let lock: Database | null
  try {
    lock = taken(file, { isNew: false })
  } catch {
    // No lock at all: a file of that name that is something else is in nobody's use.
    remove(file)
    return
  }
  if (lock !== null) {
    remove(file)
    lock.close()
    remove(file)
  }
}

/** The owners that a project's folder knows, dead or alive. */
function ownersIn(locks: string): string[] {
  return readdirSync(locks)
    .filter((entry) => entry.endsWith(EXTENSION))
    .map((entry) => entry.slice(0, -EXTENSION.length))
    .filter((owner) => NAME.test(owner))
}

/** When a lock was made, in milliseconds; Infinity for one that is gone by now. */
const openedAt = (file: string): number => statSync(file, { throwIfNoEntry: false })?.ctimeMs ?? Infinity

function remove(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // It stays for the next opening, which removes what nobody holds.
  }
}

function removeFolder(locks: string): void {
  try {
    rmdirSync(locks)
  } catch {
    // Another owner's lock is in it, or the whole project is somewhere else by now.
  }
}
