import { createHash } from 'node:crypto'
import { CancelledError } from '../common/failures.ts'
import { fileError } from '../common/files/file-errors.ts'
import { isFolder, readInPieces } from '../formats/files.ts'
import { frameFiles } from './frame-folder.ts'

/**
 * SHA-256 of a file's content, 64 hexadecimal digits. Throws CancelledError on abort, and the
 * VitrineError of a file that can't be read.
 */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  const pieces = await readInPieces(path)
  try {
    for await (const piece of pieces) {
      if (signal?.aborted) {
        throw new CancelledError()
      }
      hash.update(piece as Buffer)
    }
  } catch (error) {
    throw fileError(error, path)
  }
  return hash.digest('hex')
}

/** The same of what a clip is made of: of a folder, over the hashes of its frames in their order. */
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
