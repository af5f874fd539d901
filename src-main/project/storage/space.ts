/** Room on the disk: what long work will need is known before it begins, and it does not begin where that can't fit. */
import { statfs } from 'node:fs/promises'
import type { SpaceNeed } from '#contract'
import { byteCount } from '../../common/text.ts'
import { failures } from './failures.ts'

/** Bytes that stay free whatever is written: for the database, its log and other programs. */
const MARGIN = 100e6

/** Bytes that are free on the disk of a folder. */
export async function freeSpace(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

export async function spaceFor(folder: string, needed: number): Promise<SpaceNeed> {
  const free = await freeSpace(folder)
  return { needed, free, fits: needed + MARGIN <= free }
}

/** Throws DISK_FULL where `work` (such as "Computing features") can't fit. */
export async function requireSpace(folder: string, needed: number, work: string): Promise<void> {
  const { free, fits } = await spaceFor(folder, needed)
  if (!fits) {
    throw failures.noRoom({ work, folder, needed: byteCount(needed), free: byteCount(free) })
  }
}
