/**
 * Fetches files of a model at one revision into a folder. What is there in part goes on from where it stopped; what is
 * there as a whole is not fetched again. A file has its name only when its checksum is right.
 */
import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CancelledError } from '../common/failures.ts'
import { fileError } from '../common/files/file-errors.ts'
import { byteCount } from '../common/text.ts'
import { makeFolder, readInPieces, statFile } from '../formats/files.ts'
import { failures } from './failures.ts'
import { refusal } from './listing.ts'
import type { HubFile } from './listing.ts'
import { ask, reasonOf } from './requests.ts'
import type { Hub } from './requests.ts'

/** What the name of a file ends with that is not here as a whole. */
const PART = '.part'

interface Download {
  id: string
  revision: string
  files: readonly HubFile[]
  /** Made where it is not there. */
  folder: string
  signal: AbortSignal
  /** Hears how many bytes of all files are here. */
  onProgress: (bytes: number) => void
}

/** Throws NOT_FOUND, BAD_INPUT, CONFLICT, DISK_FULL; CancelledError. What came so far stays, but for damage. */
export async function download(hub: Hub, { files, folder, onProgress, ...request }: Download): Promise<void> {
  let done = 0
  for (const file of files) {
    const path = join(folder, file.path)
    await makeFolder(dirname(path))
    if (!(await isThere(path, file))) {
      const before = done
      await fetchFile(hub, {
        ...request,
        file,
        path,
        onProgress: (bytes) => {
          onProgress(before + bytes)
        },
      })
    }
    done += file.bytes
    onProgress(done)
  }
}

interface FileDownload extends Pick<Download, 'id' | 'revision' | 'signal' | 'onProgress'> {
  file: HubFile
  /** Where it is to lie. */
  path: string
}

async function isThere(path: string, file: HubFile): Promise<boolean> {
  if ((await bytesOf(path)) !== file.bytes) {
    return false
  }
  const hash = beginHash(file)
  await hashInto(hash, path)
  return hash.digest('hex') === file.checksum.digest
}

const bytesOf = (path: string): Promise<number | null> =>
  statFile(path).then(
    ({ size }) => size,
    () => null,
  )

async function hashInto(hash: Hash, path: string): Promise<void> {
  for await (const piece of await readInPieces(path)) {
    hash.update(piece as Buffer)
  }
}

/** Git's hash of a file begins with what it is and its size. */
function beginHash({ bytes, checksum: { kind } }: HubFile): Hash {
  return kind === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${bytes}\0`)
}

async function fetchFile(hub: Hub, request: FileDownload): Promise<void> {
  const { file, path } = request
  const part = path + PART
  const hash = await resume(hub, request, part)
  if (hash.digest('hex') !== file.checksum.digest) {
    await rm(part)
    throw failures.damaged({ path: file.path, host: hub.host })
  }
  await rename(part, path)
}

/** Fetches what is missing of a part; returns the hash of the whole. */
async function resume(hub: Hub, request: FileDownload, part: string): Promise<Hash> {
  const { file, id, revision, signal } = request
  const here = await bytesOf(part)
  const from = here !== null && here <= file.bytes ? here : 0
  const hash = beginHash(file)
  if (here === file.bytes) {
    await hashInto(hash, part)
    return hash
  }
  const address = `/${id}/resolve/${revision}/${file.path.split('/').map(encodeURIComponent).join('/')}`
  const response = await ask(hub, { path: address, from, signal })
  if (!response.ok || response.body === null) {
    await response.body?.cancel()
    throw refusal(hub.host, { model: id, path: file.path, status: response.status })
  }
  // A store that knows no ranges sends all of it.
  const start = response.status === 206 ? from : 0
  if (start > 0) {
    await hashInto(hash, part)
  }
  await append(hub, { request, part, start, hash, body: response.body })
  return hash
}

interface Appending {
  request: FileDownload
  part: string
  /** Bytes of it that are here. */
  start: number
  hash: Hash
  body: AsyncIterable<Uint8Array>
}

async function append(hub: Hub, { request, part, start, hash, body }: Appending): Promise<void> {
  const { file, onProgress } = request
  const output = await open(part, start === 0 ? 'w' : 'a').catch((error: unknown) => {
    throw fileError(error, part)
  })
  let done = start
  try {
    for await (const piece of pieces(hub, { request, body, done: () => done })) {
      done += piece.length
      if (done > file.bytes) {
        throw failures.tooLong({ host: hub.host, path: file.path, size: byteCount(file.bytes) })
      }
      await write(output, piece, part)
      hash.update(piece)
      onProgress(done)
    }
    await output.sync()
  } finally {
    await output.close()
  }
  if (done < file.bytes) {
    throw broken(hub, { file, done, reason: 'it ended early' })
  }
}

/** The pieces of a body, and what its end by accident means. */
async function* pieces(
  hub: Hub,
  { request: { file, signal }, body, done }: Pick<Appending, 'request' | 'body'> & { done: () => number },
): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of body) {
      yield piece
    }
  } catch (error) {
    if (signal.aborted) {
      throw new CancelledError()
    }
    throw broken(hub, { file, done: done(), reason: reasonOf(error) })
  }
}

const broken = (
  { host }: Hub,
  { file, done, reason }: { file: HubFile; done: number; reason: string },
): Error =>
  failures.broken({ host, path: file.path, done: byteCount(done), size: byteCount(file.bytes), reason })

async function write(output: FileHandle, piece: Uint8Array, part: string): Promise<void> {
  try {
    await output.writeFile(piece)
  } catch (error) {
    throw fileError(error, part)
  }
}
