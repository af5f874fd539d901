/** Room on the disk: what long work will need is known before it begins, and it does not begin where that can't fit. */
import { statfs } from 'node:fs/promises'
import type { SpaceNeed } from '#contract'
import { throwFileError } from '../common/files/file-errors.ts'
import { byteCount } from '../common/text.ts'
import { failures } from './failures.ts'

/** Bytes that stay free whatever is written: for the database, its log and other programs. */
const MARGIN = 100e6

/** Bytes that are free on the disk of a folder. Throws BAD_INPUT or NOT_FOUND, as the file system says, for none. */
export async function freeSpace(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder).catch(throwFileError(folder))
  return bavail * bsize
}

export async function spaceFor(folder: string, needed: number): Promise<SpaceNeed> {
  const free = await freeSpace(folder)
  return { needed, free, fits: needed + MARGIN <= free }
}

const NO_ROOM = {
  features: failures.noRoomForFeatures,
  training: failures.noRoomForTraining,
  model: failures.noRoomForModel,
  export: failures.noRoomForExport,
  copy: failures.noRoomForCopy,
  backup: failures.noRoomForBackup,
  archive: failures.noRoomForArchive,
  unarchive: failures.noRoomForUnarchive,
  restore: failures.noRoomForRestore,
  salvage: failures.noRoomForSalvage,
} as const

/** Throws DISK_FULL where something that writes `needed` bytes into a folder can't fit. */
export async function requireSpace(
  folder: string,
  needed: number,
  stage: keyof typeof NO_ROOM,
): Promise<void> {
  const { free, fits } = await spaceFor(folder, needed)
  if (!fits) {
    throw NO_ROOM[stage]({ folder, needed: byteCount(needed), free: byteCount(free) })
  }
}
