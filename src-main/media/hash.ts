import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { CancelledError } from '../common/failures.ts'

/**
 * SHA-256 of a file's content, 64 hexadecimal digits. Throws CancelledError on abort, system errors as they
 * are.
 */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    if (signal?.aborted) {
      throw new CancelledError()
    }
    hash.update(chunk as Buffer)
  }
  return hash.digest('hex')
}
