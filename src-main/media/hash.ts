import { createHash } from 'node:crypto'
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
