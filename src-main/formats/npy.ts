/**
 * NumPy's .npy array files: a magic, a version, a Python dictionary literal, then the raw array.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { openFile, readWhole } from './files.ts'
import { decodeFloats, decodeNumbers, elementCount, FLOATS, LITTLE_ENDIAN_HERE, NUMBERS } from './elements.ts'
import type { ElementLayout, ElementTypes } from './elements.ts'
import { failures } from './failures.ts'

const MAGIC = '\x93NUMPY'
const ALIGNMENT = 64
/** Longer headers than this are read with their whole file. */
const HEADER_BYTES = 512

export interface NpyArray {
  shape: number[]
  /** Row-major (C order). */
  data: Float32Array
}

/**
 * The bytes of a version 1.0 .npy file: little-endian float32, float16, or bytes, C order. There are as many
 * `values` as `shape` says.
 */
export function encodeNpy(
  shape: readonly number[],
  values: Float32Array | Float16Array | Uint8Array,
): Uint8Array {
  if (elementCount(shape) !== values.length) {
    throw new Error(`shape [${shape.join(', ')}] does not hold ${values.length} elements`)
  }
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const type = elementType(values)
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': (${tuple}), }`
  const prefix = MAGIC.length + 4
  // Spaces and a newline pad the header so that the array starts on a multiple of 64 bytes.
  const start = Math.ceil((prefix + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT
  const bytes = Buffer.alloc(start + values.byteLength)
  bytes.write(MAGIC, 'latin1')
  bytes.writeUInt8(1, MAGIC.length)
  bytes.writeUInt16LE(start - prefix, MAGIC.length + 2)
  bytes.write(dictionary.padEnd(start - prefix - 1) + '\n', prefix, 'latin1')
  if (LITTLE_ENDIAN_HERE || values instanceof Uint8Array) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start)
  } else {
    const view = new DataView(bytes.buffer, bytes.byteOffset + start)
    values.forEach((value, i) => {
      if (type === '<f2') {
        view.setFloat16(2 * i, value, true)
      } else {
        view.setFloat32(4 * i, value, true)
      }
    })
  }
  return bytes
}

function elementType(values: Float32Array | Float16Array | Uint8Array): '<f2' | '<f4' | '|u1' {
  if (values instanceof Uint8Array) {
    return '|u1'
  }
  return values instanceof Float16Array ? '<f2' : '<f4'
}

/**
 * Reads a .npy file of float16, float32 or float64 (rounded to float32), in either byte order, in C or Fortran
 * order, header version 1 or 2. Throws VitrineError NOT_FOUND when the file is missing and BAD_INPUT, naming the file,
 * for anything else.
 */
export async function readNpy(path: string): Promise<NpyArray> {
  return decodeNpy(await readWhole(path), path)
}

/** As `readNpy`, of any numbers or booleans (1 and 0), as float64. Integers from 2^53 on are rounded. */
export async function readNpyNumbers(path: string): Promise<{ shape: number[]; data: Float64Array }> {
  const bytes = await readWhole(path)
  const layout = parseHeader(bytes, { name: path, types: NUMBERS, otherType: failures.notNumbers })
  return { shape: [...layout.shape], data: decodeNumbers(bytes.subarray(layout.start), layout) }
}

/** The shape of a .npy file, without reading its data. Throws as `readNpy`. */
export async function readNpyShape(path: string): Promise<number[]> {
  const { bytes, size } = await readHead(path)
  const whole = bytes.length < size && headerEnd(bytes) > bytes.length
  return whole
    ? (await readNpy(path)).shape
    : [...parseHeader(bytes, { size, name: path, types: FLOATS }).shape]
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
  const layout = parseHeader(bytes, { name, types: FLOATS })
  return { shape: [...layout.shape], data: decodeFloats(bytes.subarray(layout.start), layout) }
}

/** Where the data starts, by the first bytes of a file; for a file of 12 bytes or more. */
function headerEnd(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return view.getUint8(MAGIC.length) === 1 ? 10 + view.getUint16(8, true) : 12 + view.getUint32(8, true)
}

/** What a header is read for. */
interface HeaderRules {
  /** Bytes of the file, where those at hand are not all of it. */
  size?: number
  /** What errors call the file. */
  name: string
  /** Types of elements that can be read, and the error of others. */
  types: ElementTypes
  otherType?: typeof failures.notFloats
}

/** Where and how a file holds its elements. */
interface Layout extends ElementLayout {
  start: number
}

/** What the header of a file says, checked; `bytes` are all of the file, or hold its header at least. */
function parseHeader(
  bytes: Uint8Array,
  { size = bytes.length, name, types, otherType = failures.notFloats }: HeaderRules,
): Layout {
  const { type, littleEndian, descr, ...header } = parseNpyHeader(bytes, name)
  const element = Object.hasOwn(types, type) ? types[type] : undefined
  if (element === undefined) {
    throw otherType({ file: name, type: descr })
  }
  const { shape, start } = header
  const needed = elementCount(shape) * element.bytes
  if (size - start !== needed) {
    throw failures.npySize({ file: name, bytes: size - start, shape: shape.join(', '), needed })
  }
  return { ...header, element, littleEndian }
}

/** A header as it stands there. */
export interface NpyHeader {
  shape: number[]
  /** Where the data begins, in bytes. */
  start: number
  /** The type as it is written, such as `<f4`, and without its byte order. */
  descr: string
  type: string
  inCOrder: boolean
  littleEndian: boolean
}

/** What the first bytes of a file say. Throws BAD_INPUT, naming it, where they are no header, or not all of one. */
export function parseNpyHeader(bytes: Uint8Array, name: string): NpyHeader {
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
  const [, byteOrder = '', type = ''] = /^([<>|=]?)(.*)$/.exec(descr) ?? []
  const shape = dims
    .split(',')
    .filter((dim) => dim.trim() !== '')
    .map(Number)
  return { shape, start, descr, type, inCOrder: order === 'False', littleEndian: byteOrder !== '>' }
}
