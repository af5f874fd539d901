/**
 * The pages of a SQLite database file, read without SQLite: what is left of one that SQLite refuses. The idea is
 * that of sqlite3's `.recover`: b-tree pages say by themselves what they are, so rows are read page by page, and
 * damage costs the page that it is on. Committed pages of the `-wal` file beside the database take the place of
 * those in it. https://sqlite.org/fileformat2.html
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'

export type Value = number | bigint | string | Buffer | null

/** What a b-tree page is. */
const KINDS = { 2: 'index interior', 5: 'table interior', 10: 'index leaf', 13: 'table leaf' } as const
type PageKind = (typeof KINDS)[keyof typeof KINDS]

/** A cell as it was read; of an index, or a table without rowids, `rowid` is null. */
export interface Cell {
  rowid: number | bigint | null
  values: Value[]
}

export interface TreePage {
  kind: PageKind
  /** Pages below it. */
  children: number[]
  cells: Cell[]
  /** Pages that its long rows go on on. */
  overflow: number[]
  /** Cells that can't be read. */
  broken: number
}

export interface DatabaseFile {
  pageCount: number
  /** `user_version` of the header; null where the header is damaged. */
  version: number | null
  /** A b-tree page; null for one that is none, or not whole. */
  page(number: number): TreePage | null
  /** Pages that hold nothing any more. */
  freePages(): Set<number>
  close(): void
}

const MAGIC = 'SQLite format 3\0'
const DEFAULT_PAGE_SIZE = 4096
const HEADER_BYTES = 100

/** Opens a database file, damaged or not, with the committed part of its `-wal` file. */
export function openDatabaseFile(path: string): DatabaseFile {
  const file = openSync(path, 'r')
  const header = Buffer.alloc(HEADER_BYTES)
  readSync(file, header, 0, HEADER_BYTES, 0)
  const log = readLog(`${path}-wal`)
  const first = log.pages.get(1)
  const sound = [first, header].find((bytes) => bytes !== undefined && isHeader(bytes)) ?? null
  const pageSize = log.pageSize ?? pageSizeOf(sound)
  const usable = pageSize - (sound?.readUInt8(20) ?? 0)
  const inFile = Math.ceil(fstatSync(file).size / pageSize)
  const pageCount = Math.max(inFile, ...log.pages.keys())

  const bytesOf = (number: number): Buffer | null => {
    const logged = log.pages.get(number)
    if (logged !== undefined || number < 1 || number > pageCount) {
      return logged ?? null
    }
    const bytes = Buffer.alloc(pageSize)
    return readSync(file, bytes, 0, pageSize, (number - 1) * pageSize) === pageSize ? bytes : null
  }
  return {
    pageCount,
    version: sound?.readUInt32BE(60) ?? null,
    page: (number) => readTreePage(number, { usable, bytesOf, pageCount }),
    freePages: () => (sound === null ? new Set() : readFreeList(sound.readUInt32BE(32), bytesOf)),
    close: () => {
      closeSync(file)
    },
  }
}

function isHeader(bytes: Buffer): boolean {
  const size = pageSizeOf(bytes)
  const isPower = size >= 512 && size <= 65536 && (size & (size - 1)) === 0
  return bytes.toString('latin1', 0, MAGIC.length) === MAGIC && isPower && bytes.readUInt8(20) === 0
}

function pageSizeOf(header: Buffer | null): number {
  const stored = header?.readUInt16BE(16) ?? DEFAULT_PAGE_SIZE
  return stored === 1 ? 65536 : stored
}

/** The committed pages of a `-wal` file, the newest of each; none where there is no such file. */
function readLog(path: string): { pages: Map<number, Buffer>; pageSize: number | null } {
  const pages = new Map<number, Buffer>()
  const log = readIfThere(path)
  if (log === null || log.length < 32 || log.readUInt32BE(0) >>> 1 !== 0x377f0682 >>> 1) {
    return { pages, pageSize: null }
  }
  const bigEndian = (log.readUInt32BE(0) & 1) === 1
  const pageSize = log.readUInt32BE(8)
  let sum = checksum(log.subarray(0, 24), [0, 0], bigEndian)
  let uncommitted = new Map<number, Buffer>()
  for (let at = 32; at + 24 + pageSize <= log.length; at += 24 + pageSize) {
    const frame = log.subarray(at, at + 24)
    const page = log.subarray(at + 24, at + 24 + pageSize)
    sum = checksum(page, checksum(frame.subarray(0, 8), sum, bigEndian), bigEndian)
    const isOfThisLog = frame.compare(log, 16, 24, 8, 16) === 0
    if (!isOfThisLog || frame.readUInt32BE(16) !== sum[0] || frame.readUInt32BE(20) !== sum[1]) {
      break
    }
    uncommitted.set(frame.readUInt32BE(0), page)
    if (frame.readUInt32BE(4) > 0) {
      uncommitted.forEach((bytes, number) => pages.set(number, bytes))
      uncommitted = new Map()
    }
  }
  return { pages, pageSize: pages.size > 0 ? pageSize : null }
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch {
    return null
  }
}

function checksum(bytes: Buffer, [a, b]: [number, number], bigEndian: boolean): [number, number] {
  let s0 = a
  let s1 = b
  for (let at = 0; at < bytes.length; at += 8) {
    const [x, y] = bigEndian
      ? [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)]
      : [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)]
    s0 = (s0 + x + s1) >>> 0
    s1 = (s1 + y + s0) >>> 0
  }
  return [s0, s1]
}

/** The pages of the free list: trunks, and the leaves that they name. */
function readFreeList(firstTrunk: number, bytesOf: (number: number) => Buffer | null): Set<number> {
  const free = new Set<number>()
  for (let trunk = firstTrunk; trunk !== 0 && !free.has(trunk);) {
    const bytes = bytesOf(trunk)
    if (bytes === null) {
      break
    }
    free.add(trunk)
    const leaves = Math.min(bytes.readUInt32BE(4), bytes.length / 4 - 2)
    for (let i = 0; i < leaves; i++) {
      free.add(bytes.readUInt32BE(8 + 4 * i))
    }
    trunk = bytes.readUInt32BE(0)
  }
  return free
}

interface PageSource {
  /** Bytes of a page that hold content. */
  usable: number
  pageCount: number
  bytesOf(number: number): Buffer | null
}

function readTreePage(number: number, source: PageSource): TreePage | null {
  const bytes = source.bytesOf(number)
  const start = number === 1 ? HEADER_BYTES : 0
  const kind = bytes === null ? undefined : KINDS[bytes.readUInt8(start) as keyof typeof KINDS]
  if (bytes === null || kind === undefined) {
    return null
  }
  const isInterior = kind.endsWith('interior')
  const count = bytes.readUInt16BE(start + 3)
  const pointers = start + (isInterior ? 12 : 8)
  if (pointers + 2 * count > source.usable) {
    return null
  }
  const page: TreePage = { kind, children: [], cells: [], overflow: [], broken: 0 }
  for (let i = 0; i < count; i++) {
    try {
      readCell(page, new Cursor(bytes, bytes.readUInt16BE(pointers + 2 * i)), source)
    } catch (error) {
      if (!(error instanceof Unreadable)) {
        throw error
      }
      page.broken++
    }
  }
  if (isInterior) {
    page.children.push(bytes.readUInt32BE(start + 8))
  }
  const isReal = page.children.every((child) => child >= 1 && child <= source.pageCount)
  const allBroken = count > 0 && page.broken === count
  return isReal && !allBroken ? page : null
}

/** Bytes that are not what they should be. */
class Unreadable extends Error {}

/** Reads a cell into its page. Throws Unreadable. */
function readCell(page: TreePage, cursor: Cursor, source: PageSource): void {
  if (page.kind.endsWith('interior')) {
    page.children.push(cursor.uint(4))
  }
  if (page.kind === 'table interior') {
    cursor.varint()
    return
  }
  const length = Number(cursor.varint())
  const rowid = page.kind === 'table leaf' ? small(BigInt.asIntN(64, cursor.varint())) : null
  const { payload, overflow } = readPayload(cursor, length, page.kind === 'table leaf', source)
  const values = readRecord(payload)
  page.cells.push({ rowid, values })
  page.overflow.push(...overflow)
}

/** What a row or an index entry consists of: what is on its page, and what goes on on others. */
function readPayload(cursor: Cursor, length: number, isTable: boolean, source: PageSource) {
  const { usable, pageCount, bytesOf } = source
  if (length > pageCount * usable) {
    throw new Unreadable()
  }
  const most = isTable ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23
  if (length <= most) {
    return { payload: cursor.take(length), overflow: [] }
  }
  const least = Math.floor(((usable - 12) * 32) / 255) - 23
  const fitting = least + ((length - least) % (usable - 4))
  const pieces = [cursor.take(fitting <= most ? fitting : least)]
  const overflow: number[] = []
  let missing = length - pieces[0]!.length
  for (let next = cursor.uint(4); missing > 0;) {
    const bytes = overflow.includes(next) ? null : bytesOf(next)
    if (bytes === null) {
      throw new Unreadable()
    }
    overflow.push(next)
    next = bytes.readUInt32BE(0)
    pieces.push(bytes.subarray(4, 4 + Math.min(missing, usable - 4)))
    missing -= usable - 4
  }
  return { payload: Buffer.concat(pieces), overflow }
}

/** The values of a record. Throws Unreadable for one whose parts don't fit. */
function readRecord(payload: Buffer): Value[] {
  const head = new Cursor(payload, 0)
  const headLength = Number(head.varint())
  const types: number[] = []
  while (head.at < headLength) {
    types.push(Number(head.varint()))
  }
  const body = new Cursor(payload, headLength)
  const values = types.map((type) => readValue(body, type))
  if (head.at !== headLength || body.at !== payload.length) {
    throw new Unreadable()
  }
  return values
}

/** Bytes of an integer, by its type in the record. */
const INTEGER_BYTES: Record<number, number> = { 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8 }
const TEXT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function readValue(body: Cursor, type: number): Value {
  const integerBytes = INTEGER_BYTES[type]
  if (integerBytes !== undefined) {
    return body.integer(integerBytes)
  }
  switch (type) {
    case 0:
      return null
    case 7:
      return body.take(8).readDoubleBE()
    case 8:
      return 0
    case 9:
      return 1
    case 10:
    case 11:
      throw new Unreadable()
    default:
      return type % 2 === 0 ? Buffer.from(body.take((type - 12) / 2)) : textOf(body.take((type - 13) / 2))
  }
}

function textOf(bytes: Buffer): string {
  try {
    return TEXT.decode(bytes)
  } catch {
    throw new Unreadable()
  }
}

const small = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value

/** Reads forward in bytes; throws Unreadable at their end. */
class Cursor {
  readonly #bytes: Buffer
  at: number

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  take(length: number): Buffer {
    if (!(length >= 0) || this.at + length > this.#bytes.length) {
      throw new Unreadable()
    }
    this.at += length
    return this.#bytes.subarray(this.at - length, this.at)
  }

  uint(bytes: 1 | 4): number {
    return this.take(bytes).readUIntBE(0, bytes)
  }

  integer(bytes: number): number | bigint {
    const raw = this.take(bytes)
    return bytes === 8 ? small(raw.readBigInt64BE()) : raw.readIntBE(0, bytes)
  }

  varint(): bigint {
    let value = 0n
    for (let i = 0; i < 9; i++) {
      const byte = this.uint(1)
      if (i === 8) {
        return (value << 8n) | BigInt(byte)
      }
      value = (value << 7n) | BigInt(byte & 0x7f)
      if (byte < 0x80) {
        break
      }
    }
    return value
  }
}
