/**
 * safetensors files: an 8-byte header length, a JSON header (name -> type, shape, byte range), then the raw
 * tensors. https://github.com/huggingface/safetensors. Only float32 is written and read; that is all the
 * captioner has.
 */
import { readWhole } from './files.ts'
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

/** As `readSafetensors`, on bytes; throws a plain Error. */
export function decodeSafetensors(bytes: Uint8Array): Map<string, FloatTensor> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = 8 + Number(view.getBigUint64(0, true))
  const header: unknown = JSON.parse(Buffer.from(bytes.subarray(8, start)).toString())
  if (typeof header !== 'object' || header === null) {
    throw new Error('the header is not an object')
  }
  const tensors = new Map<string, FloatTensor>()
  for (const [name, entry] of Object.entries(header) as [
    string,
    { dtype?: unknown; shape?: unknown; data_offsets?: unknown },
  ][]) {
    if (name === '__metadata__') {
      continue
    }
    const shape = numbers(entry.shape)
    const [from = NaN, to = NaN] = numbers(entry.data_offsets)
    const count = shape.reduce((product, size) => product * size, 1)
    if (entry.dtype !== 'F32' || to - from !== 4 * count || start + to > bytes.length) {
      throw new Error(`the tensor ${name} does not fit`)
    }
    // A copy: the bytes need not be aligned to four. (A Buffer's own `slice` is a view.)
    const raw = Uint8Array.from(bytes.subarray(start + from, start + to))
    tensors.set(name, { shape, data: new Float32Array(raw.buffer) })
  }
  return tensors
}

function numbers(value: unknown): number[] {
  if (!Array.isArray(value) || !value.every((x): x is number => typeof x === 'number')) {
    throw new Error('a list of numbers is missing')
  }
  return value
}
