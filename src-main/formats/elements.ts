/** The numbers of raw arrays: types of elements, byte orders, and which index runs fastest. */
import { endianness } from 'node:os'

type Read = (view: DataView, at: number, littleEndian: boolean) => number
/** Bytes of an element, and how it is read. */
export interface ElementType {
  bytes: number
  read: Read
}
export type ElementTypes = Readonly<Record<string, ElementType>>

/** By NumPy's names; `bf2` is the upper half of a float32, which NumPy has not. */
export const FLOATS = {
  f2: { bytes: 2, read: (view, at, little) => view.getFloat16(at, little) },
  f4: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
} as const satisfies ElementTypes
export const BRAIN_FLOAT: ElementType = { bytes: 2, read: readBrainFloat }
export const INTEGERS = {
  b1: { bytes: 1, read: (view, at) => Number(view.getUint8(at) !== 0) },
  u1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  i1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  u2: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  i2: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  u4: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  i4: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  u8: { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  i8: { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
} as const satisfies ElementTypes
export const NUMBERS = { ...FLOATS, ...INTEGERS } as const

/** Whether typed arrays are little-endian here. */
export const LITTLE_ENDIAN_HERE = endianness() === 'LE'

/** How an array lies in its bytes. */
export interface ElementLayout {
  shape: readonly number[]
  element: ElementType
  /** The last index runs fastest; else the first does (Fortran order). */
  inCOrder: boolean
  littleEndian: boolean
}

/** How many elements an array of a shape has. */
export const elementCount = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1)

/** An array in C order as float32; its memory is that of `bytes` where they are float32 already. */
export function decodeFloats(bytes: Uint8Array, layout: ElementLayout): Float32Array {
  const { shape, element, inCOrder, littleEndian } = layout
  const count = elementCount(shape)
  if (inCOrder && littleEndian === LITTLE_ENDIAN_HERE) {
    if (element === FLOATS.f4 && bytes.byteOffset % 4 === 0) {
      return new Float32Array(bytes.buffer, bytes.byteOffset, count)
    }
    if (element === FLOATS.f2 && bytes.byteOffset % 2 === 0) {
      return new Float32Array(new Float16Array(bytes.buffer, bytes.byteOffset, count))
    }
  }
  const elements = elementReader(bytes, layout)
  return Float32Array.from({ length: count }, (_, i) => elements(i))
}

/** The same of any numbers, as float64. Integers from 2^53 on are rounded. */
export function decodeNumbers(bytes: Uint8Array, layout: ElementLayout): Float64Array {
  const elements = elementReader(bytes, layout)
  return Float64Array.from({ length: elementCount(layout.shape) }, (_, i) => elements(i))
}

/** The elements of an array by their places in C order, however the bytes have them. */
function elementReader(
  bytes: Uint8Array,
  { shape, element, inCOrder, littleEndian }: ElementLayout,
): (place: number) => number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const at = inCOrder ? (place: number) => place : fortranPlace(shape)
  return (place) => element.read(view, element.bytes * at(place), littleEndian)
}

/** From the place of an element in C order (the last index runs fastest) to that in Fortran order (the first does). */
function fortranPlace(shape: readonly number[]): (place: number) => number {
  return (place) => {
    let rest = place
    let stride = elementCount(shape)
    let found = 0
    for (const size of shape.toReversed()) {
      stride /= size
      found += (rest % size) * stride
      rest = Math.floor(rest / size)
    }
    return found
  }
}

const scratch = new DataView(new ArrayBuffer(4))

function readBrainFloat(view: DataView, at: number, littleEndian: boolean): number {
  scratch.setUint16(0, view.getUint16(at, littleEndian))
  return scratch.getFloat32(0)
}
