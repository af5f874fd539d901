/**
 * safetensors files: an 8-byte header length, a JSON header (name -> type, shape, byte range), then the raw
 * tensors. https://github.com/huggingface/safetensors. Only float32 is written and read here; that is all the
 * captioner has. What other programs wrote is read by arrays/safetensors-file.ts.
 */
import type { FileHandle } from 'node:fs/promises'
import { elementCount } from './elements.ts'
import { openFile, readWhole } from './files.ts'
import { failures } from './failures.ts'

export interface FloatTensor {
  shape: readonly number[]
  /** Row-major. */
  data: Float32Array
}

/**
 * The bytes of a file that holds `tensors` in their order, in pieces: the header, then the tensors' own
 * memory, which isn't copied.
 */
export function encodeSafetensors(tensors: ReadonlyMap<string, FloatTensor>): Uint8Array[] {
  let offset = 0
  const header: Record<string, { dtype: string; shape: readonly number[]; data_offsets: [number, number] }> =
    {}
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] }
    offset += data.byteLength
  }
  const json = JSON.stringify(header)
  // Spaces align the tensors to eight bytes.
  const headerBytes = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(headerBytes.length))
  return [
    length,
    headerBytes,
    ...Array.from(
      tensors.values(),
      ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    ),
  ]
}

/**
 * The tensors of a file. Throws VitrineError, naming the file: NOT_FOUND when it is missing, BAD_INPUT when it
 * is cut short or holds other types.
 */
export async function readSafetensors(path: string): Promise<Map<string, FloatTensor>> {
  const bytes = await readWhole(path)
  try {
    return decodeSafetensors(bytes)
  } catch (cause) {
    throw failures.notSafetensors({ path }, { cause })
  }
}

/** Whether a file is there and as long as its header says, by its first bytes. */
export async function isWholeSafetensors(path: string): Promise<boolean> {
  const file = await openFile(path).catch(() => null)
  if (file === null) {
    return false
  }
  try {
    const { size } = await file.stat()
    const { tensors, start } = await readTensorPlaces(file, size)
    return size === Math.max(start, ...tensors.map(({ to }) => to))
  } catch {
    return false
  } finally {
    await file.close()
  }
}

/** As `readSafetensors`, on bytes; throws a plain Error. */
export function decodeSafetensors(bytes: Uint8Array): Map<string, FloatTensor> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = 8 + Number(view.getBigUint64(0, true))
  const places = tensorPlaces(bytes.subarray(8, start), { start, size: bytes.length })
  return new Map(
    places.map(({ key, dtype, shape, from, to }) => {
      if (dtype !== 'F32' || to - from !== 4 * elementCount(shape)) {
        throw new Error(`the tensor ${key} does not fit`)
      }
      // A copy: the bytes need not be aligned to four. (A Buffer's own `slice` is a view.)
      const raw = Uint8Array.from(bytes.subarray(from, to))
      return [key, { shape, data: new Float32Array(raw.buffer) }]
    }),
  )
}

/** Where a tensor lies in its file. */
export interface TensorPlace {
  key: string
  dtype: string
  shape: number[]
  /** Its bytes, from the start of the file. */
  from: number
  to: number
}

/** As much as the format allows a header, in bytes. */
const LONGEST_HEADER = 100_000_000

/** The tensors of a file of `size` bytes, and where their data begins. Throws a plain Error for what is none. */
export async function readTensorPlaces(
  file: FileHandle,
  size: number,
): Promise<{ tensors: TensorPlace[]; start: number }> {
  const head = Buffer.alloc(8)
  await file.read(head, 0, 8, 0)
  const headerBytes = Number(head.readBigUInt64LE())
  const start = 8 + headerBytes
  if (start > size || headerBytes > LONGEST_HEADER) {
    throw new Error('its header is cut short')
  }
  const header = Buffer.alloc(headerBytes)
  await file.read(header, 0, headerBytes, 8)
  return { tensors: tensorPlaces(header, { start, size }), start }
}

/** What the header of a file says. Throws a plain Error for what is no header, or names bytes outside of the file. */
function tensorPlaces(header: Uint8Array, { start, size }: { start: number; size: number }): TensorPlace[] {
  const entries: unknown = JSON.parse(Buffer.from(header).toString())
  if (typeof entries !== 'object' || entries === null) {
    throw new Error('the header is not an object')
  }
  return Object.entries(entries as Record<string, Record<string, unknown> | null>).flatMap(([key, entry]) => {
    if (key === '__metadata__') {
      return []
    }
    const shape = numbers(entry?.['shape'])
    const [from = NaN, to = NaN] = numbers(entry?.['data_offsets']).map((offset) => start + offset)
    if (!(from >= start && from <= to && to <= size)) {
      throw new Error(`the tensor ${key} does not fit`)
    }
    return [{ key, dtype: String(entry?.['dtype']), shape, from, to }]
  })
}

function numbers(value: unknown): number[] {
  if (!Array.isArray(value) || !value.every((x): x is number => Number.isSafeInteger(x) && x >= 0)) {
    throw new Error('a list of whole numbers is missing')
  }
  return value
}
