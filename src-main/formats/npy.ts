/**
 * NumPy's .npy array files: a magic, a version, a Python dictionary literal, then the raw array.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { endianness } from 'node:os'
import { openFile, readWhole } from './files.ts'
import { failures } from './failures.ts'

const MAGIC = '\x93NUMPY'
const ALIGNMENT = 64
/** Bytes of an element, and how it is read; those that `readNpy` takes first. */
const FLOATS = {
  '<f4': { bytes: 4, read: (view: DataView, at: number) => view.getFloat32(at, true) },
  '<f8': { bytes: 8, read: (view: DataView, at: number) => view.getFloat64(at, true) },
} as const
const NUMBERS = {
  ...FLOATS,
  '|b1': { bytes: 1, read: (view: DataView, at: number) => Number(view.getUint8(at) !== 0) },
  '|u1': { bytes: 1, read: (view: DataView, at: number) => view.getUint8(at) },
  '|i1': { bytes: 1, read: (view: DataView, at: number) => view.getInt8(at) },
  '<u2': { bytes: 2, read: (view: DataView, at: number) => view.getUint16(at, true) },
  '<i2': { bytes: 2, read: (view: DataView, at: number) => view.getInt16(at, true) },
  '<u4': { bytes: 4, read: (view: DataView, at: number) => view.getUint32(at, true) },
  '<i4': { bytes: 4, read: (view: DataView, at: number) => view.getInt32(at, true) },
  '<u8': { bytes: 8, read: (view: DataView, at: number) => Number(view.getBigUint64(at, true)) },
  '<i8': { bytes: 8, read: (view: DataView, at: number) => Number(view.getBigInt64(at, true)) },
} as const
type ElementTypes = Record<string, { bytes: number; read(view: DataView, at: number): number }>
/** A typed array's own bytes are those of the file. */
const SAME_ORDER = endianness() === 'LE'
/** Longer headers than this are read with their whole file. */
const HEADER_BYTES = 512

export interface NpyArray {
  shape: number[]
  /** Row-major (C order). */
  data: Float32Array
}

/**
 * The bytes of a version 1.0 .npy file: little-endian float32, or bytes, C order. There are as many `values` as
 * `shape` says.
 */
export function encodeNpy(shape: readonly number[], values: Float32Array | Uint8Array): Uint8Array {
  if (elementCount(shape) !== values.length) {
    throw new Error(`shape [${shape.join(', ')}] does not hold ${values.length} elements`)
  }
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const type = values instanceof Uint8Array ? '|u1' : '<f4'
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': (${tuple}), }`
  const prefix = MAGIC.length + 4
  // Spaces and a newline pad the header so that the array starts on a multiple of 64 bytes.
  const start = Math.ceil((prefix + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT
  const bytes = Buffer.alloc(start + values.byteLength)
  bytes.write(MAGIC, 'latin1')
  bytes.writeUInt8(1, MAGIC.length)
  bytes.writeUInt16LE(start - prefix, MAGIC.length + 2)
  bytes.write(dictionary.padEnd(start - prefix - 1) + '\n', prefix, 'latin1')
  if (SAME_ORDER || values instanceof Uint8Array) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start)
  } else {
    const view = new DataView(bytes.buffer, bytes.byteOffset + start)
    for (let i = 0; i < values.length; i++) {
      view.setFloat32(4 * i, values[i] ?? 0, true)
    }
  }
  return bytes
}

/**
 * Reads a .npy file of little-endian float32 or float64 (rounded to float32) in C order, header version 1 or
 * 2. Throws VitrineError NOT_FOUND when the file is missing and BAD_INPUT, naming the file, for anything
 * else.
 */
export async function readNpy(path: string): Promise<NpyArray> {
  return decodeNpy(await readWhole(path), path)
}

/** As `readNpy`, of any numbers or booleans (1 and 0), as float64. Integers from 2^53 on are rounded. */
export async function readNpyNumbers(path: string): Promise<{ shape: number[]; data: Float64Array }> {
  const bytes = await readWhole(path)
  const { shape, descr, start } = parseHeader(bytes, {
    name: path,
    types: NUMBERS,
    otherType: failures.notNumbers,
  })
  const { bytes: size, read } = NUMBERS[descr]
  const view = new DataView(bytes.buffer, bytes.byteOffset + start)
  return { shape, data: Float64Array.from({ length: elementCount(shape) }, (_, i) => read(view, size * i)) }
}

/** The shape of a .npy file, without reading its data. Throws as `readNpy`. */
export async function readNpyShape(path: string): Promise<number[]> {
  const { bytes, size } = await readHead(path)
  const whole = bytes.length < size && headerEnd(bytes) > bytes.length
  return whole ? (await readNpy(path)).shape : parseHeader(bytes, { size, name: path, types: FLOATS }).shape
}

/** The first bytes of a file, as many as headers have, and its size. */
async function readHead(path: string): Promise<{ bytes: Uint8Array; size: number }> {
  const file = await openFile(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0)
    return { bytes: buffer.subarray(0, bytesRead), size: (await file.stat()).size }
  } finally {
    await file.close()
  }
}

/** As `readNpy`, on bytes, whose memory the array may share; `name` is what errors call the file. */
export function decodeNpy(bytes: Uint8Array, name: string): NpyArray {
  const { shape, descr, start } = parseHeader(bytes, { name, types: FLOATS })
  const count = elementCount(shape)
  // An array that starts where numpy.save puts it is used where it lies.
  if (descr === '<f4' && SAME_ORDER && (bytes.byteOffset + start) % 4 === 0) {
    return { shape, data: new Float32Array(bytes.buffer, bytes.byteOffset + start, count) }
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start)
  const { bytes: size, read } = FLOATS[descr]
  return { shape, data: Float32Array.from({ length: count }, (_, i) => read(view, size * i)) }
}

/** Where the data starts, by the first bytes of a file; for a file of 12 bytes or more. */
function headerEnd(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return view.getUint8(MAGIC.length) === 1 ? 10 + view.getUint16(8, true) : 12 + view.getUint32(8, true)
}

/** What a header is read for. */
interface HeaderRules<Types extends ElementTypes> {
  /** Bytes of the file, where those at hand are not all of it. */
  size?: number
  /** What errors call the file. */
  name: string
  /** Types of elements that can be read, and the error of others. */
  types: Types
  otherType?: typeof failures.notFloats
}

/** What the header of a file says, checked; `bytes` are all of the file, or hold its header at least. */
function parseHeader<Types extends ElementTypes>(
  bytes: Uint8Array,
  { size = bytes.length, name, types, otherType = failures.notFloats }: HeaderRules<Types>,
): { shape: number[]; descr: keyof Types & string; start: number } {
  const text = (from: number, to: number) =>
    Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1')
  if (bytes.length < 12 || text(0, MAGIC.length) !== MAGIC) {
    throw failures.notNpy({ file: name })
  }
  const version = bytes[MAGIC.length]
  if (version !== 1 && version !== 2) {
    throw failures.npyVersion({ file: name, version: String(version) })
  }
  const start = headerEnd(bytes)
  if (start > bytes.length) {
    throw failures.npyHeaderCut({ file: name })
  }

  const header = text(version === 1 ? 10 : 12, start)
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1]
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1]
  const dims = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1]
  if (descr === undefined || order === undefined || dims === undefined) {
    throw failures.npyHeader({ file: name })
  }
  if (!isKnown(descr, types)) {
    throw otherType({ file: name, type: descr })
  }
  if (order === 'True') {
    throw failures.fortranOrder({ file: name })
  }

  const shape = dims
    .split(',')
    .filter((dim) => dim.trim() !== '')
    .map(Number)
  const needed = elementCount(shape) * types[descr]!.bytes
  if (size - start !== needed) {
    throw failures.npySize({ file: name, bytes: size - start, shape: shape.join(', '), needed })
  }
  return { shape, descr, start }
}

const isKnown = <Types extends ElementTypes>(descr: string, types: Types): descr is keyof Types & string =>
  Object.hasOwn(types, descr)

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1)
}
