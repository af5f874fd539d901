/**
 * An HDF5 file, through libhdf5 compiled to WebAssembly (h5wasm, an optional package): it reads the file where it
 * lies, slice by slice. Links to other files are not followed.
 */
import { resolve } from 'node:path'
import type { Dataset, File, Group } from 'h5wasm'
import { resolvePath } from '../../common/files/paths.ts'
import { VitrineError } from '../../common/failures.ts'
import { decodeFloats, decodeNumbers, elementCount, FLOATS, INTEGERS } from '../elements.ts'
import type { ElementLayout, ElementType } from '../elements.ts'
import { statFile } from '../files.ts'
import { MOST_BYTES, shownKey } from './array-file.ts'
import type { ArrayFile, ArrayHeader } from './array-file.ts'
import { failures } from './failures.ts'

type Library = Awaited<ReturnType<typeof loadLibrary>>

/** What is read of a dataset at a time, in bytes: whole chunks of it are unpacked for that. */
const SLICE_BYTES = 8 * 2 ** 20

export async function openHdf5(path: string): Promise<ArrayFile> {
  await statFile(path)
  const library = await loadLibrary(path)
  const file = inWords(path, () => new library.File(resolve(resolvePath(path)), 'r'))
  try {
    return inWords(path, () => arrayFile(path, file, library))
  } catch (error) {
    file.close()
    throw error
  }
}

function arrayFile(path: string, file: File, library: Library): ArrayFile {
  const datasets = new Map(datasetsOf(file, library))
  const find = (key: string): Dataset => {
    const dataset = datasets.get(key)
    if (dataset === undefined) {
      throw new Error(`${path} holds no dataset ${key}`)
    }
    return dataset
  }
  const read = (key: string, range?: Range): Buffer => inWords(path, () => bytesOf(find(key), library, range))
  return {
    arrays: Array.from(datasets, ([key, dataset]) => headerOf(key, dataset, library)),
    floats: (key) => promised(() => decodeFloats(read(key), floatLayout(path, key, find(key), library))),
    slices: (key) => slicesOf({ path, key, library, dataset: find(key), read }),
    numbers: (key) =>
      promised(() => {
        const layout = layoutOf(find(key), library)
        return layout === null ? Float64Array.of() : decodeNumbers(read(key), layout)
      }),
    texts: (key) =>
      promised(() => {
        const texts: unknown = inWords(path, () => find(key).value)
        return Array.isArray(texts) ? texts.map(String) : []
      }),
    close: () => promised(() => void file.close()),
  }
}

async function loadLibrary(file: string) {
  const library = await import('h5wasm/node').catch((cause: unknown) => {
    throw failures.noHdf5({ file }, { cause })
  })
  const module = await library.ready
  module.activate_throwing_error_handler()
  return { File: library.File, Dataset: library.Dataset, module }
}

/** The datasets of a file by their paths, each once whatever the links are. */
const datasetsOf = (file: Group, library: Library): [string, Dataset][] =>
  file.paths().flatMap((path) => {
    const child = file.get(path)
    return child instanceof library.Dataset ? [[path.replace(/^\//, ''), child]] : []
  })

function headerOf(key: string, dataset: Dataset, library: Library): ArrayHeader {
  const { shape } = dataset.metadata
  return { key, shape: shape ?? [0], type: typeOf(dataset), holds: contentOf(dataset, library) }
}

function typeOf({ dtype }: Dataset): string {
  return typeof dtype === 'string' ? dtype : 'a compound type'
}

function contentOf({ metadata }: Dataset, { module }: Library): ArrayHeader['holds'] {
  switch (metadata.type) {
    case module.H5T_class_t.H5T_FLOAT.value:
      return FLOATS_BY_SIZE[metadata.size] === undefined ? 'other' : 'floats'
    case module.H5T_class_t.H5T_INTEGER.value:
      return 'integers'
    case module.H5T_class_t.H5T_STRING.value:
      return 'texts'
    default:
      return 'other'
  }
}

const FLOATS_BY_SIZE: Readonly<Record<number, ElementType>> = { 2: FLOATS.f2, 4: FLOATS.f4, 8: FLOATS.f8 }
const SIGNED_BY_SIZE: Readonly<Record<number, ElementType>> = {
  1: INTEGERS.i1,
  2: INTEGERS.i2,
  4: INTEGERS.i4,
  8: INTEGERS.i8,
}
const UNSIGNED_BY_SIZE: Readonly<Record<number, ElementType>> = {
  1: INTEGERS.u1,
  2: INTEGERS.u2,
  4: INTEGERS.u4,
  8: INTEGERS.u8,
}

/** How what libhdf5 reads of a dataset lies in memory; null: it holds no numbers. */
function layoutOf(dataset: Dataset, library: Library): ElementLayout | null {
  const { size, signed, shape } = dataset.metadata
  const element = {
    floats: FLOATS_BY_SIZE[size],
    integers: (signed ? SIGNED_BY_SIZE : UNSIGNED_BY_SIZE)[size],
    texts: undefined,
    other: undefined,
  }[contentOf(dataset, library)]
  // Whatever the file's byte order is: the binding asks libhdf5 for little-endian.
  return element === undefined ? null : { shape: shape ?? [0], element, inCOrder: true, littleEndian: true }
}

function floatLayout(path: string, key: string, dataset: Dataset, library: Library): ElementLayout {
  const layout = layoutOf(dataset, library)
  if (layout === null || contentOf(dataset, library) !== 'floats') {
    throw failures.notFloats({ file: path, key: shownKey(key), type: typeOf(dataset) })
  }
  return layout
}

/** A part along the first axis. */
interface Range {
  from: number
  count: number
}

interface Reading {
  path: string
  key: string
  library: Library
  dataset: Dataset
  read: (key: string, range: Range) => Buffer
}

async function* slicesOf({ path, key, library, dataset, read }: Reading): AsyncGenerator<Float32Array> {
  const layout = floatLayout(path, key, dataset, library)
  const [count = 0, ...shape] = layout.shape
  const size = elementCount(shape)
  const together = Math.max(1, Math.floor(SLICE_BYTES / (size * layout.element.bytes)))
  for (let from = 0; from < count; from += together) {
    const range = { from, count: Math.min(together, count - from) }
    const floats = decodeFloats(await promised(() => read(key, range)), {
      ...layout,
      shape: [range.count, ...shape],
    })
    for (let i = 0; i < range.count; i++) {
      yield floats.subarray(i * size, (i + 1) * size)
    }
  }
}

/** The bytes of a dataset, or of a part; the binding's own way to read knows no float16. */
function bytesOf({ file_id: file, path, metadata }: Dataset, { module }: Library, range?: Range): Buffer {
  const shape = metadata.shape ?? [0]
  const [whole = 1, ...rest] = shape
  const count = shape.length === 0 ? [] : [range?.count ?? whole, ...rest]
  const bytes = elementCount(count) * metadata.size
  if (bytes === 0) {
    return Buffer.alloc(0)
  }
  if (bytes > MOST_BYTES) {
    throw failures.tooLarge({ file: path, key: shownKey(path), megabytes: Math.round(bytes / 1e6) })
  }
  const pointer = module._malloc(bytes)
  if (pointer === 0) {
    throw new Error(`there is no memory for ${bytes} bytes`)
  }
  try {
    const offset = count.map((_, axis) => BigInt(axis === 0 ? (range?.from ?? 0) : 0))
    const selection = count.length === 0 ? null : count.map(BigInt)
    const steps = count.map(() => 1n)
    module.get_dataset_data(file, path, selection, offset, steps, BigInt(pointer))
    return Buffer.from(module.HEAPU8.slice(pointer, pointer + bytes).buffer)
  } finally {
    module._free(pointer)
  }
}

const promised = <Result>(work: () => Result): Promise<Result> =>
  new Promise((resolvePromise) => {
    resolvePromise(work())
  })

/** What libhdf5 says fills a page; what went wrong is the text behind the last of its places. */
function inWords<Result>(path: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (error instanceof VitrineError) {
      throw error
    }
    const message = error instanceof Error ? error.message : String(error)
    const reason = message.match(/(?<=in \w+\(\): ).*/g)?.at(-1) ?? message
    throw failures.broken({ file: path, reason }, { cause: error })
  }
}
