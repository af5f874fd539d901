/** A safetensors file (see safetensors.ts) of any types, told by its header and read tensor by tensor. */
import { BRAIN_FLOAT, elementCount, FLOATS, INTEGERS } from '../elements.ts'
import type { ElementType } from '../elements.ts'
import { openFile } from '../files.ts'
import { rawArrayFile, stretchOf } from './array-file.ts'
import type { ArrayFile, RawArray } from './array-file.ts'
import { readTensorPlaces } from '../safetensors.ts'
import { failures } from './failures.ts'

const FLOAT_TYPES: Readonly<Record<string, ElementType>> = {
  F16: FLOATS.f2,
  BF16: BRAIN_FLOAT,
  F32: FLOATS.f4,
  F64: FLOATS.f8,
}
const INTEGER_TYPES: Readonly<Record<string, ElementType>> = {
  BOOL: INTEGERS.b1,
  U8: INTEGERS.u1,
  I8: INTEGERS.i1,
  U16: INTEGERS.u2,
  I16: INTEGERS.i2,
  U32: INTEGERS.u4,
  I32: INTEGERS.i4,
  U64: INTEGERS.u8,
  I64: INTEGERS.i8,
}

export async function openSafetensors(path: string): Promise<ArrayFile> {
  const file = await openFile(path)
  try {
    const { size } = await file.stat()
    const starts = new Map<RawArray, number>()
    const { tensors } = await readTensorPlaces(file, size)
    for (const { key, dtype, shape, from, to } of tensors) {
      const element = FLOAT_TYPES[dtype] ?? INTEGER_TYPES[dtype] ?? null
      if (element !== null && to - from !== element.bytes * elementCount(shape)) {
        throw new Error(`${key} does not fit its bytes`)
      }
      const array: RawArray = {
        key,
        shape,
        type: dtype,
        holds: holdsOf(dtype),
        layout: element && { shape, element, inCOrder: true, littleEndian: true },
        bytes: to - from,
      }
      starts.set(array, from)
    }
    return rawArrayFile({
      name: path,
      arrays: [...starts.keys()],
      stream: (array) => stretchOf(file, starts.get(array)!, array.bytes),
      textsOf: null,
      close: () => file.close(),
    })
  } catch (error) {
    await file.close()
    throw failures.broken(
      { file: path, reason: error instanceof Error ? error.message : String(error) },
      { cause: error },
    )
  }
}

function holdsOf(dtype: string): RawArray['holds'] {
  if (Object.hasOwn(FLOAT_TYPES, dtype)) {
    return 'floats'
  }
  return Object.hasOwn(INTEGER_TYPES, dtype) ? 'integers' : 'other'
}
