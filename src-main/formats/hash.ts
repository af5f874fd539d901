import { createHash } from 'node:crypto'
import { CancelledError } from '../common/failures.ts'
import { fileError } from '../common/files/file-errors.ts'
import { readInPieces } from './files.ts'

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
