import { CancelledError } from '../../common/failures.ts'
import { writeFileAtomic } from '../../formats/atomic.ts'

/** A file of an export: its name, and its content in pieces, so that no file need be in memory as a whole. */
export interface OutFile {
  name: string
  pieces: Iterable<string | Uint8Array>
}

/** Text is handed on in pieces of about this length. */
const PIECE = 1 << 16

/** Writes a file; returns its bytes. Throws CancelledError, DISK_FULL. */
export async function writeOut(path: string, { pieces }: OutFile, signal: AbortSignal): Promise<number> {
  let bytes = 0
  function* chunks(): Generator<Uint8Array> {
    let text = ''
    const flush = (): Uint8Array => {
      if (signal.aborted) {
        throw new CancelledError()
      }
      const chunk = Buffer.from(text)
      bytes += chunk.length
      text = ''
      return chunk
    }
    for (const piece of pieces) {
      if (typeof piece === 'string') {
        text += piece
        if (text.length >= PIECE) {
          yield flush()
        }
        continue
      }
      yield flush()
      bytes += piece.length
      yield piece
    }
    yield flush()
  }
  await writeFileAtomic(path, chunks())
  return bytes
}

export const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`
