/**
 * A file of arrays, opened: what it holds is told by its headers, and read when it is wanted, a whole array or slice
 * by slice along its first axis, so that a file may be larger than memory.
 */
import type { FileHandle } from 'node:fs/promises'
import { decodeFloats, decodeNumbers, elementCount } from '../elements.ts'
import type { ElementLayout } from '../elements.ts'
import { failures } from './failures.ts'

/** An array of a file, by its header. */
export interface ArrayHeader {
  /** Its key in the file; empty in a .npy file, which holds one. */
  key: string
  shape: readonly number[]
  /** Its type as the file has it. */
  type: string
  holds: 'floats' | 'integers' | 'texts' | 'other'
}

export interface ArrayFile {
  readonly arrays: readonly ArrayHeader[]
  /** An array in C order, rounded to float32. Throws BAD_INPUT where it holds no floats, is cut or damaged. */
  floats(key: string): Promise<Float32Array>
  /** Its parts along the first axis, in their order; a part holds until the next one. Throws likewise. */
  slices(key: string): AsyncGenerator<Float32Array>
  /** An array of floats or integers as float64. */
  numbers(key: string): Promise<Float64Array>
  /** A list of texts. */
  texts(key: string): Promise<string[]>
  close(): Promise<void>
}

/** An array that lies in a file as it is in memory. */
export interface RawArray extends ArrayHeader {
  /** Null: of a type that is not read. */
  layout: ElementLayout | null
  /** Bytes of the whole array. */
  bytes: number
}

export interface RawFile {
  /** What failures call the file. */
  name: string
  arrays: readonly RawArray[]
  /** The bytes of an array, from its first, in chunks of any size. */
  stream(array: RawArray): AsyncIterable<Buffer>
  /** The texts in the bytes of a list; null: the format has none. */
  textsOf: ((array: RawArray, bytes: Buffer) => string[]) | null
  close(): Promise<void>
}

/** What has to be in memory as a whole may take as much as this. */
export const MOST_BYTES = 2 ** 30

export function rawArrayFile(file: RawFile): ArrayFile {
  const arrays = new Map(file.arrays.map((array) => [array.key, array]))
  const find = (key: string): RawArray => {
    const array = arrays.get(key)
    if (array === undefined) {
      throw new Error(`${file.name} holds no array ${key}`)
    }
    return array
  }
  return {
    arrays: file.arrays,
    async floats(key) {
      const array = find(key)
      return decodeFloats(await wholeArray(file, array), floatLayout(file, array))
    },
    slices: (key) => slicesOf(file, find(key)),
    async numbers(key) {
      const array = find(key)
      return array.layout === null
        ? Float64Array.of()
        : decodeNumbers(await wholeArray(file, array), array.layout)
    },
    async texts(key) {
      const array = find(key)
      return file.textsOf?.(array, await wholeArray(file, array)) ?? []
    },
    close: () => file.close(),
  }
}

function floatLayout({ name }: RawFile, { key, type, layout, holds }: RawArray): ElementLayout {
  if (layout === null || holds !== 'floats') {
    throw failures.notFloats({ file: name, key: shownKey(key), type })
  }
  return layout
}

/** What people are told of an array's key. */
export const shownKey = (key: string): string => (key === '' ? 'an array' : `"${key}"`)

async function* slicesOf(file: RawFile, array: RawArray): AsyncGenerator<Float32Array> {
  const layout = floatLayout(file, array)
  const [count = 0, ...shape] = layout.shape
  if (!layout.inCOrder) {
    const whole = decodeFloats(await wholeArray(file, array), layout)
    const size = elementCount(shape)
    for (let i = 0; i < count; i++) {
      yield whole.subarray(i * size, (i + 1) * size)
    }
    return
  }
  const sliceBytes = elementCount(shape) * layout.element.bytes
  requireInMemory(file, array, sliceBytes)
  for await (const bytes of pieces(file, array, sliceBytes)) {
    yield decodeFloats(bytes, { ...layout, shape })
  }
}

async function wholeArray(file: RawFile, array: RawArray): Promise<Buffer> {
  requireInMemory(file, array, array.bytes)
  let whole: Buffer = Buffer.alloc(0)
  // To the end, where a checksum is held against what was read.
  for await (const bytes of pieces(file, array, array.bytes)) {
    whole = bytes
  }
  return whole
}

function requireInMemory({ name }: RawFile, { key }: RawArray, bytes: number): void {
  if (bytes > MOST_BYTES) {
    throw failures.tooLarge({ file: name, key: shownKey(key), megabytes: Math.round(bytes / 1e6) })
  }
}

/** The bytes of an array in pieces of a size, each in memory of its own. Throws BAD_INPUT where they end early. */
async function* pieces(file: RawFile, array: RawArray, size: number): AsyncGenerator<Buffer> {
  if (size === 0) {
    return
  }
  let piece = Buffer.alloc(size)
  let filled = 0
  let left = array.bytes
  for await (const chunk of file.stream(array)) {
    for (let at = 0; at < chunk.length && left > 0;) {
      const taken = chunk.copy(piece, filled, at)
      at += taken
      filled += taken
      left -= taken
      if (filled === size) {
        yield piece
        piece = Buffer.alloc(Math.min(size, left))
        filled = 0
      }
    }
  }
  if (left > 0) {
    throw failures.cut({ file: file.name, key: shownKey(array.key) })
  }
}

/** What is read of a file at a time, in bytes. */
const CHUNK_BYTES = 2 ** 20

/** A stretch of a file, in chunks; it ends early where the file does. */
export async function* stretchOf(file: FileHandle, start: number, length: number): AsyncGenerator<Buffer> {
  for (let done = 0; done < length;) {
    const size = Math.min(CHUNK_BYTES, length - done)
    const { bytesRead, buffer } = await file.read(Buffer.alloc(size), 0, size, start + done)
    if (bytesRead === 0) {
      return
    }
    done += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}
