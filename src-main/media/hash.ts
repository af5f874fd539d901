import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { isFolder } from '../formats/files.ts'
import { hashFile } from '../formats/hash.ts'
import { frameFiles } from './frame-folder.ts'

/** SHA-256 of what a clip is made of: of a folder, over the hashes of its frames in their order. */
export async function hashMedia(path: string, signal?: AbortSignal): Promise<string> {
  if (!(await isFolder(path))) {
    return hashFile(path, signal)
  }
  const hash = createHash('sha256')
  for (const frame of await frameFiles(path)) {
    hash.update(await hashFile(frame, signal))
  }
  return hash.digest('hex')
}

/** Another text when another file lies at a path, or it was written to; null where there is none. */
export async function stampOfFile(path: string): Promise<string | null> {
  const stats = await stat(path, { bigint: true }).catch(() => null)
  return stats && [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ')
}

/** The same as `hashMedia` for files alone, but that each is read once as long as it stays as it is. */
export function createFileHashes(): (path: string, signal?: AbortSignal) => Promise<string> {
  const hashes = new Map<string, { stamp: string; hash: Promise<string> }>()
  return async (path, signal) => {
    const stamp = await stampOfFile(path)
    if (stamp === null) {
      return hashFile(path, signal)
    }
    const known = hashes.get(path)
    if (known?.stamp === stamp) {
      return known.hash
    }
    const hash = hashFile(path, signal)
    hashes.set(path, { stamp, hash })
    // What failed, or was cancelled, is tried again.
    hash.catch(() => hashes.delete(path))
    return hash
  }
}
