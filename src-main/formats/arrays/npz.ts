/**
 * An .npz archive: a zip of .npy files, stored or deflated (numpy.savez, numpy.savez_compressed). Members are read as
 * streams, so that one may be larger than memory, and held against their checksums.
 */
import { crc32 } from 'node:zlib'
import { openPromise } from 'yauzl'
import type { Entry, ZipFile } from 'yauzl'
import { resolvePath } from '../../common/files/paths.ts'
import { statFile } from '../files.ts'
import { brokenFile, inWords } from '../in-words.ts'
import { rawArrayFile, shownKey } from './array-file.ts'
import type { ArrayFile, RawArray } from './array-file.ts'
import { failures } from './failures.ts'
import { NPY_HEAD_BYTES, npyArray, npyTexts } from './npy-file.ts'

interface Member {
  entry: Entry
  /** Where the data of its array begins. */
  start: number
}

export async function openNpz(path: string): Promise<ArrayFile> {
  await statFile(path)
  const zip = await inWords(failures.broken, path, () => openPromise(resolvePath(path), { autoClose: false }))
  try {
    const members = new Map<RawArray, Member>()
    await inWords(failures.broken, path, async () => {
      for await (const entry of zip.eachEntry()) {
        if (entry.fileName.endsWith('.npy')) {
          const { array, start } = npyArray(await firstBytes(zip, entry), {
            key: entry.fileName.slice(0, -'.npy'.length),
            name: `${path}/${entry.fileName}`,
            size: entry.uncompressedSize,
          })
          members.set(array, { entry, start })
        }
      }
    })
    return rawArrayFile({
      name: path,
      arrays: [...members.keys()],
      stream: (array) => dataOf(zip, members.get(array)!, { path, array }),
      textsOf: npyTexts,
      close: () => closeZip(zip),
    })
  } catch (error) {
    await closeZip(zip)
    throw error
  }
}

/** The first bytes of a member, as many as a header may have. */
async function firstBytes(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= NPY_HEAD_BYTES) {
      break
    }
  }
  return Buffer.concat(chunks)
}

/** A member's bytes behind its header; what was read to the end is held against its checksum. */
async function* dataOf(
  zip: ZipFile,
  { entry, start }: Member,
  { path, array }: { path: string; array: RawArray },
): AsyncGenerator<Buffer> {
  let checksum = 0
  let left = start
  const stream = await inWords(failures.broken, path, () => zip.openReadStreamPromise(entry))
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      checksum = crc32(chunk, checksum)
      const header = Math.min(left, chunk.length)
      left -= header
      if (chunk.length > header) {
        yield chunk.subarray(header)
      }
    }
  } catch (error) {
    throw brokenFile(failures.broken, path, error)
  }
  if (checksum !== entry.crc32) {
    throw failures.altered({ file: path, key: shownKey(array.key) })
  }
}

async function closeZip(zip: ZipFile): Promise<void> {
  if (zip.isOpen) {
    zip.close()
  }
  await Promise.resolve()
}
