/**
 * Backups of a project's database: whole database files in `backups/`, each made under a temporary name,
 * checked, flushed and renamed, so that what has a backup's name is one. Its name says when and why it was made:
 * `20260131T120000000Z--by-hand--before-cleaning.sqlite`. Automatic ones make way for later ones; those that
 * people named stay. They are not in WAL mode: a backup is one file, whatever reads it.
 */
import { randomUUID } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { throwFileError } from '../../common/files/file-errors.ts'
import { resolvePath } from '../../common/files/paths.ts'
import { makeOneFolder, replaceFileAtomic } from '../../formats/atomic.ts'
import { failures } from '../failures.ts'
import { userVersion } from '../migrate.ts'
import { ownFolderNow } from '../paths.ts'
import { connect } from './connection.ts'
import { flushFolderNow, flushNow } from './flush.ts'
import { quickCheck } from './integrity.ts'

export type BackupReason =
  'by-hand' | 'daily' | 'before-migration' | 'before-import' | 'before-restore' | 'before-repair'

export interface BackupFile {
  /** Its file name in `backups/`; unique. */
  name: string
  /** Absolute. */
  path: string
  /** When it was made, ISO 8601 in UTC. */
  at: string
  reason: BackupReason
  /** What a person called it, or the version of the database before a migration; null without one. */
  label: string | null
  bytes: number
}

export interface BackupRequest {
  reason: BackupReason
  /** What a person calls it. */
  label?: string | null
  /** A file of its own, that is not there yet; null: one in `backups/`. */
  to?: string | null
  /** The path of a backup that does not make way for this one: what is to be restored next, say. */
  keep?: string | null
}

/** Automatic backups that are kept. */
const KEPT = 7
const NAME =
  /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z--(by-hand|daily|before-(?:migration|import|restore|repair))(?:--(.+))?\.sqlite$/
/** How versions before this one named the copy before a migration. */
const OLD_NAME = /^(version-\d+)\.sqlite$/

/** Where the backups of a project are. Throws BAD_INPUT where a link there leads out of the project. */
const backupFolder = (folder: string): string => ownFolderNow(folder, 'backups')

/** The backups of the project in `folder`, newest first. Throws BAD_INPUT where they lie elsewhere. */
export function listBackups(folder: string): BackupFile[] {
  const backups = backupFolder(folder)
  if (!existsSync(backups)) {
    return []
  }
  return readdirSync(backups)
    .flatMap((name) => describe(backups, name) ?? [])
    .sort((a, b) => b.at.localeCompare(a.at) || b.name.localeCompare(a.name))
}

/** What a file of the folder is as a backup; null for one that is none. */
function describe(backups: string, name: string): BackupFile | null {
  const path = join(backups, name)
  const old = OLD_NAME.exec(name)
  const parts = NAME.exec(name)
  if (old === null && parts === null) {
    return null
  }
  const stats = lstatSync(path, { throwIfNoEntry: false })
  // A link may lead anywhere; a file may be gone by now.
  if (stats?.isFile() !== true) {
    return null
  }
  const { size, mtime } = stats
  if (parts === null) {
    return {
      name,
      path,
      at: mtime.toISOString(),
      reason: 'before-migration',
      label: old?.[1] ?? null,
      bytes: size,
    }
  }
  const [, year, month, day, hour, minute, second, millisecond, reason, label] = parts
  return {
    name,
    path,
    at: `${year}-${month}-${day}T${hour}:${minute}:${second}.${millisecond}Z`,
    reason: reason as BackupReason,
    label: label?.replaceAll('-', ' ') ?? null,
    bytes: size,
  }
}

/** The backup that a person names: by its file name in `backups/`, or the path of a file. Throws NOT_FOUND. */
export function findBackup(folder: string, named: string): BackupFile {
  const path = resolvePath(named)
  const listed = listBackups(folder).find((backup) => backup.name === named || backup.path === path)
  if (listed !== undefined) {
    return listed
  }
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw failures.backupUnknown({ backup: named })
  }
  return describeFile(path)
}

/** A backup that lies somewhere else. */
function describeFile(path: string): BackupFile {
  const { mtime, size } = statSync(path)
  return { name: basename(path), path, at: mtime.toISOString(), reason: 'by-hand', label: null, bytes: size }
}

/**
 * Backs up the database of the project in `folder` while it is in use: what other connections write meanwhile
 * is in it or not, whole edits each. Where nothing changed since the last one, an automatic backup is that
 * one. Afterwards only the last automatic ones are kept. Throws DISK_FULL, and BAD_INPUT for a database that
 * is damaged: a damaged copy takes no good one's place.
 */
export async function makeBackup(
  db: Database,
  folder: string,
  { reason, label = null, to = null, keep = null }: BackupRequest,
): Promise<BackupFile> {
  if (to !== null) {
    return backUpTo(db, to)
  }
  const backups = backupFolder(folder)
  await makeOneFolder(backups)
  const path = join(backups, freeName(backups, reason, label))
  await copyDatabase(db, path)
  const last = backupBefore(folder, path)
  if (reason !== 'by-hand' && last !== undefined && (await sameContent(path, last.path))) {
    utimesSync(last.path, new Date(), new Date())
    rmSync(path)
    return last
  }
  removeOldest(folder, keep)
  return findBackup(folder, path)
}

/**
 * The backup that was begun before that at `path`. Of two that are made at a time only the later may give way to
 * the other, or each would go for the other's sake.
 */
function backupBefore(folder: string, path: string): BackupFile | undefined {
  const backups = listBackups(folder)
  return backups[backups.findIndex((backup) => backup.path === path) + 1]
}

async function backUpTo(db: Database, path: string): Promise<BackupFile> {
  if (existsSync(path)) {
    throw failures.fileThere({ file: path })
  }
  await stat(dirname(path)).catch(throwFileError(dirname(path)))
  await copyDatabase(db, path)
  return describeFile(path)
}

/**
 * Copies a database that may be in use to the file `path`, replacing what was there; checked, and flushed to the
 * disk when this returns. Throws as `makeBackup`.
 */
async function copyDatabase(db: Database, path: string): Promise<void> {
  await replaceFileAtomic(path, async (temporary) => {
    await db.backup(temporary)
    await checkCopy(temporary)
  })
}

/** Makes a copy one file, and throws BAD_INPUT where it is damaged. */
async function checkCopy(path: string): Promise<void> {
  const copy = connect(path)
  try {
    copy.pragma('journal_mode = DELETE')
    const problems = await quickCheck(copy)
    if (problems.length > 0) {
      throw failures.damaged()
    }
  } finally {
    copy.close()
  }
}

/**
 * Backs up before a migration, at once: a project is opened without waiting. Flushed to the disk when this
 * returns.
 */
export function backUpBeforeMigration(db: Database, folder: string): void {
  const backups = backupFolder(folder)
  mkdirSync(backups, { recursive: true })
  const target = join(backups, freeName(backups, 'before-migration', `version-${userVersion(db)}`))
  const temporary = join(backups, `.${basename(target)}.${randomUUID()}.tmp`)
  try {
    db.prepare('VACUUM INTO ?').run(temporary)
    flushNow(temporary)
    renameSync(temporary, target)
  } finally {
    rmSync(temporary, { force: true })
  }
  flushFolderNow(backups)
  removeOldest(folder, null)
}

/** A name for a backup that is made now; no two have the same time. */
function freeName(backups: string, reason: BackupReason, label: string | null): string {
  const words = label?.replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-|-$/g, '') ?? ''
  const taken = new Set(readdirSync(backups).map((name) => name.split('--')[0]))
  for (let now = Date.now(); ; now++) {
    const time = new Date(now).toISOString().replaceAll(/[-:.]/g, '')
    if (!taken.has(time)) {
      return `${time}--${reason}${words === '' ? '' : `--${words}`}.sqlite`
    }
  }
}

/** Bytes that are compared at a time. */
const CHUNK = 1 << 20

/** Whether two files hold the same; false where one went meanwhile, as backups do that make way for others. */
async function sameContent(a: string, b: string): Promise<boolean> {
  try {
    return statSync(a).size === statSync(b).size && (await sameBytes(a, b))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return false
    }
    throw error
  }
}

/** Of files of one size. */
async function sameBytes(a: string, b: string): Promise<boolean> {
  await using first = await open(a)
  await using second = await open(b)
  for (;;) {
    const [left, right] = await Promise.all([
      first.read(Buffer.alloc(CHUNK), 0, CHUNK, null),
      second.read(Buffer.alloc(CHUNK), 0, CHUNK, null),
    ])
    if (!left.buffer.subarray(0, left.bytesRead).equals(right.buffer.subarray(0, right.bytesRead))) {
      return false
    }
    if (left.bytesRead === 0) {
      return true
    }
  }
}

/** Removes the automatic backups that are too many, but for that at `keep`. */
function removeOldest(folder: string, keep: string | null): void {
  const automatic = listBackups(folder).filter(({ reason }) => reason !== 'by-hand')
  for (const { path } of automatic.slice(KEPT).filter((backup) => backup.path !== keep)) {
    rmSync(path, { force: true })
  }
}

/** Removes a backup that the project has; another file is left alone. Throws NOT_FOUND. */
export function removeBackup(folder: string, name: string): void {
  const { path } = findBackup(folder, name)
  if (dirname(path) !== backupFolder(folder)) {
    throw failures.backupUnknown({ backup: name })
  }
  rmSync(path)
}

/**
 * Whether a daily backup is due: the last backup is older than a day, and there is something that could be
 * lost.
 */
export function dailyIsDue(folder: string): boolean {
  const [last] = listBackups(folder)
  return last === undefined || Date.now() - statSync(last.path).mtimeMs > 24 * 3600 * 1000
}
