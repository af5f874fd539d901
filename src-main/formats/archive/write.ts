/**
 * Writes an archive: a zip (with the 64-bit fields where sizes want them) of files from anywhere, one after the other as
 * streams, and at its end the list of what was packed.
 */
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import { CancelledError } from '../../common/failures.ts'
import { fileError } from '../../common/files/file-errors.ts'
import { openFile } from '../files.ts'
import { LIST, VERSION } from './list.ts'
import type { ArchiveList, ListedFile } from './list.ts'

/** A file that is packed. */
export interface Member {
  /** Its path in the archive: see `isPortablePath`. */
  name: string
  /** Where it lies, or what is in it. */
  content: { path: string } | { text: string }
  /** Whether it is deflated: videos, pictures and arrays of floats hardly get smaller. */
  deflate: boolean
}

interface Writing {
  signal: AbortSignal
  /** Told how many bytes were packed since it was told last. */
  onBytes?: (bytes: number) => void
}

const CHUNK = 1 << 20

/**
 * Packs files into the new file `path`. A file that grows meanwhile is packed as long as it was when its turn came. Throws
 * CancelledError, DISK_FULL, and the VitrineError of a file that can't be read.
 */
export async function writeArchive(
  path: string,
  members: Iterable<Member>,
  { signal, onBytes }: Writing,
): Promise<ListedFile[]> {
  const zip = new ZipFile()
  const stop = new AbortController()
  const either = { signal: AbortSignal.any([signal, stop.signal]) }
  const files: ListedFile[] = []
  const pack = async (member: Member): Promise<void> => {
    const source = Readable.from(contentOf(member, files, onBytes), {
      signal: either.signal,
      highWaterMark: 2,
    })
    zip.addReadStream(source, member.name, { compress: member.deflate })
    await finished(source, either)
  }
  const fill = async (): Promise<void> => {
    for (const member of members) {
      await pack(member)
    }
    const list: ArchiveList = { format: 'vitrine-archive', version: VERSION, files: [...files] }
    await pack({ name: LIST, content: { text: JSON.stringify(list) }, deflate: true })
    zip.end()
  }
  const failures: unknown[] = []
  const noteFailure = (error: unknown): void => {
    failures.push(error)
    stop.abort()
  }
  zip.on('error', noteFailure)
  await Promise.all([
    pipeline(zip.outputStream, createWriteStream(path, { flags: 'wx' }), either).catch(noteFailure),
    fill().catch(noteFailure),
  ])
  if (signal.aborted) {
    throw new CancelledError()
  }
  if (failures.length > 0) {
    throw failures[0]
  }
  return files
}

/** A member's bytes; what they came to is noted when all were read. */
async function* contentOf(
  { name, content }: Member,
  files: ListedFile[],
  onBytes: Writing['onBytes'],
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let bytes = 0
  const { pieces, modified } =
    'text' in content
      ? { pieces: [Buffer.from(content.text)], modified: Date.now() }
      : await piecesOf(content.path)
  for await (const piece of pieces) {
    hash.update(piece)
    bytes += piece.length
    yield piece
    onBytes?.(piece.length)
  }
  files.push({ name, bytes, sha256: hash.digest('hex'), modified: Math.max(0, Math.floor(modified)) })
}

async function piecesOf(path: string): Promise<{ pieces: AsyncIterable<Buffer>; modified: number }> {
  const file = await openFile(path)
  const { size, mtimeMs } = await file.stat()
  async function* pieces(): AsyncGenerator<Buffer> {
    try {
      for (let at = 0; at < size;) {
        const { bytesRead, buffer } = await file.read(
          Buffer.allocUnsafe(Math.min(CHUNK, size - at)),
          0,
          undefined,
          at,
        )
        if (bytesRead === 0) {
          return
        }
        at += bytesRead
        yield buffer.subarray(0, bytesRead)
      }
    } catch (error) {
      throw fileError(error, path)
    } finally {
      await file.close()
    }
  }
  return { pieces: pieces(), modified: mtimeMs }
}
