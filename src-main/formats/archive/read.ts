/**
 * Reads an archive, which may come from anybody. What is in it is looked at before anything is written: names, kinds, sizes
 * and the list of files must agree. Every file is held against its size and SHA-256 while it is unpacked.
 */
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { openPromise } from 'yauzl'
import type { Entry, ZipFile } from 'yauzl'
import { CancelledError } from '../../common/failures.ts'
import { resolvePath } from '../../common/files/paths.ts'
import { byteCount } from '../../common/text.ts'
import { statFile } from '../files.ts'
import { brokenFile, inWords } from '../in-words.ts'
import { failures } from './failures.ts'
import { archiveHead, archiveList, LIST, VERSION } from './list.ts'
import type { ListedFile } from './list.ts'
import { isPortablePath, spelling } from './names.ts'

/** The most bytes of the list, and of any other member that is read as a text: some millions of files. */
const LONGEST_TEXT = 1 << 28
/** An archive that unpacks to more than so many times its size, and to more than so many bytes, is a trap. */
const BOMB = { ratio: 100, bytes: 100e6 }

/** The kind of file that a zip of Unix says in the upper half of an entry's attributes. */
const KIND_MASK = 0o170000
const FILE_KINDS = [0, 0o100000]

export interface Archive {
  /** As the list has them, without the list. */
  files: readonly ListedFile[]
  /** A small file that the list names; null: it names none such. Throws BAD_INPUT where it is not what was packed. */
  text(name: string): Promise<string | null>
  /**
   * Unpacks files into a folder, each to the path that `placeOf` gives (relative, with the system's separators or not);
   * null leaves one out. Flushed to the disk when this returns. Throws CancelledError, DISK_FULL, and BAD_INPUT for a
   * file that is not what was packed.
   */
  unpack(folder: string, options: Unpacking): Promise<void>
  close(): void
}

interface Unpacking {
  placeOf: (file: ListedFile) => string | null
  signal: AbortSignal
  /** Told how many bytes were unpacked since it was told last. */
  onBytes?: (bytes: number) => void
}

/** Opens an archive and looks at all that its directory says. Throws BAD_INPUT, NOT_FOUND. */
export async function openArchive(path: string): Promise<Archive> {
  const file = resolvePath(path)
  const { size } = await statFile(file)
  const zip = await inWords(failures.broken, file, () =>
    openPromise(file, { autoClose: false, strictFileNames: true }),
  )
  try {
    const entries = await inWords(failures.broken, file, () => entriesOf(zip, file))
    const files = await listOf(zip, entries, file)
    requireAgreement(files, entries, file)
    requireNoBomb(files, size, file)
    return archiveOf({ zip, file, entries, files })
  } catch (error) {
    zip.close()
    throw error
  }
}

type Entries = ReadonlyMap<string, Entry>

/** The archive's entries by name; folders, which other programs may have added, are passed over. */
async function entriesOf(zip: ZipFile, file: string): Promise<Entries> {
  const entries = new Map<string, Entry>()
  const spellings = new Set<string>()
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName
    const path = name.replace(/\/$/, '')
    if (!isPortablePath(path)) {
      throw failures.nameUnfit({ file, name })
    }
    if (path !== name) {
      continue
    }
    if (!FILE_KINDS.includes((entry.externalFileAttributes >>> 16) & KIND_MASK)) {
      throw failures.link({ file, name })
    }
    if (spellings.has(spelling(name))) {
      throw failures.twice({ file, name })
    }
    spellings.add(spelling(name))
    entries.set(name, entry)
  }
  return entries
}

async function listOf(zip: ZipFile, entries: Entries, file: string): Promise<ListedFile[]> {
  const entry = entries.get(LIST)
  if (entry === undefined) {
    throw failures.notAnArchive({ file })
  }
  const value = parseJson(await textOf(zip, entry, file))
  const head = archiveHead.safeParse(value)
  if (!head.success) {
    throw failures.notAnArchive({ file })
  }
  if (head.data.version > VERSION) {
    throw failures.newer({ file })
  }
  const { success, data, error } = archiveList.safeParse(value)
  if (!success) {
    const [issue] = error.issues
    throw failures.listUnfit({ file, reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` })
  }
  return data.files
}

/** Null for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

async function textOf(zip: ZipFile, entry: Entry, file: string): Promise<string> {
  if (entry.uncompressedSize > LONGEST_TEXT) {
    throw failures.listUnfit({ file, reason: `${entry.fileName} is larger than any` })
  }
  return inWords(failures.broken, file, async () => {
    const chunks: Buffer[] = []
    for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  })
}

/** Throws BAD_INPUT unless the list and the archive name the same files, of the same sizes. */
function requireAgreement(files: readonly ListedFile[], entries: Entries, file: string): void {
  const listed = new Set<string>()
  for (const { name, bytes } of files) {
    const entry = entries.get(name)
    if (entry === undefined) {
      throw failures.missing({ file, name })
    }
    if (listed.has(name)) {
      throw failures.twice({ file, name })
    }
    if (entry.uncompressedSize !== bytes) {
      throw failures.altered({ file, name })
    }
    listed.add(name)
  }
  for (const name of entries.keys()) {
    if (name !== LIST && !listed.has(name)) {
      throw failures.notListed({ file, name })
    }
  }
}

function requireNoBomb(files: readonly ListedFile[], packed: number, file: string): void {
  const unpacked = bytesOf(files)
  if (unpacked > BOMB.bytes && unpacked > BOMB.ratio * packed) {
    throw failures.bomb({ file, unpacked: byteCount(unpacked), packed: byteCount(packed) })
  }
}

/** Bytes of files when they are unpacked. */
export const bytesOf = (files: readonly ListedFile[]): number =>
  files.reduce((sum, { bytes }) => sum + bytes, 0)

interface Opened {
  zip: ZipFile
  file: string
  entries: Entries
  files: readonly ListedFile[]
}

function archiveOf(opened: Opened): Archive {
  const { zip, file, entries, files } = opened
  return {
    files,
    async text(name) {
      const listed = files.find((candidate) => candidate.name === name)
      if (listed === undefined) {
        return null
      }
      const text = await textOf(zip, entries.get(name)!, file)
      if (createHash('sha256').update(text).digest('hex') !== listed.sha256) {
        throw failures.altered({ file, name })
      }
      return text
    },
    async unpack(folder, { placeOf, ...options }) {
      const made = new Set<string>()
      for (const listed of files) {
        const place = placeOf(listed)
        if (place !== null) {
          const path = join(folder, place)
          await makeFolderOnce(dirname(path), made)
          await unpackFile(opened, listed, path, options)
        }
      }
    },
    close() {
      zip.close()
    },
  }
}

async function makeFolderOnce(folder: string, made: Set<string>): Promise<void> {
  if (!made.has(folder)) {
    await mkdir(folder, { recursive: true })
    made.add(folder)
  }
}

/** Unpacks a file to a path where nothing is. */
async function unpackFile(
  { zip, file, entries }: Opened,
  { name, bytes, sha256, modified }: ListedFile,
  path: string,
  { signal, onBytes }: Omit<Unpacking, 'placeOf'>,
): Promise<void> {
  const hash = createHash('sha256')
  let size = 0
  async function* watched(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      hash.update(piece)
      size += piece.length
      yield piece
      onBytes?.(piece.length)
    }
  }
  const source = await inWords(failures.broken, file, () => zip.openReadStreamPromise(entries.get(name)!))
  try {
    await pipeline(source, watched, createWriteStream(path, { flags: 'wx', flush: true }), { signal })
  } catch (error) {
    if (signal.aborted) {
      throw new CancelledError()
    }
    // What the system says is about the file that is written; the rest is about the archive.
    throw (error as NodeJS.ErrnoException).syscall === undefined
      ? brokenFile(failures.broken, file, error)
      : error
  }
  if (size !== bytes || hash.digest('hex') !== sha256) {
    throw failures.altered({ file, name })
  }
  const time = new Date(modified)
  await utimes(path, time, time)
}
