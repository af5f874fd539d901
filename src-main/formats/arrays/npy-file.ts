/** A .npy file as a file of one array; and what a member of an .npz archive is. */
import { elementCount, FLOATS, NUMBERS } from '../elements.ts'
import { openFile } from '../files.ts'
import { parseNpyHeader } from '../npy.ts'
import { failures as npyFailures } from '../failures.ts'
import { rawArrayFile, stretchOf } from './array-file.ts'
import type { ArrayFile, ArrayHeader, RawArray } from './array-file.ts'

/** As many bytes as a header may have: NumPy's own are shorter than a hundred. */
export const NPY_HEAD_BYTES = 1 << 16

export async function openNpy(path: string): Promise<ArrayFile> {
  const file = await openFile(path)
  try {
    const { size } = await file.stat()
    const head = await file.read(Buffer.alloc(Math.min(NPY_HEAD_BYTES, size)), 0, null, 0)
    const { array, start } = npyArray(head.buffer.subarray(0, head.bytesRead), { key: '', name: path, size })
    return rawArrayFile({
      name: path,
      arrays: [array],
      stream: ({ bytes }) => stretchOf(file, start, bytes),
      textsOf: npyTexts,
      close: () => file.close(),
    })
  } catch (error) {
    await file.close()
    throw error
  }
}

/**
 * The array of a .npy file by its first bytes. `size` is the bytes of the whole file. Throws BAD_INPUT for what is no
 * header, and for a file that has not the size that its header says.
 */
export function npyArray(
  head: Uint8Array,
  { key, name, size }: { key: string; name: string; size: number },
): { array: RawArray; start: number } {
  const { start, descr, type, shape, inCOrder, littleEndian } = parseNpyHeader(head, name)
  const element = Object.hasOwn(NUMBERS, type) ? NUMBERS[type as keyof typeof NUMBERS] : null
  const width = element?.bytes ?? textBytes(type)
  const bytes = width === null ? size - start : elementCount(shape) * width
  if (size - start !== bytes) {
    throw npyFailures.npySize({ file: name, bytes: size - start, shape: shape.join(', '), needed: bytes })
  }
  return {
    start,
    array: {
      key,
      shape,
      type: descr,
      holds: contentOf(type),
      layout: element === null ? null : { shape, element, inCOrder, littleEndian },
      bytes,
    },
  }
}

function contentOf(type: string): ArrayHeader['holds'] {
  if (Object.hasOwn(FLOATS, type)) {
    return 'floats'
  }
  if (Object.hasOwn(NUMBERS, type)) {
    return 'integers'
  }
  return textBytes(type) === null ? 'other' : 'texts'
}

/** Bytes of a text of a fixed length, `U12` (four bytes a character) or `S12`; null for other types. */
function textBytes(type: string): number | null {
  const [, kind, length] = /^([US])(\d+)$/.exec(type) ?? []
  return kind === undefined ? null : Number(length) * (kind === 'U' ? 4 : 1)
}

/** The texts of an array of such. Zeros fill each up. */
export function npyTexts({ type, shape }: RawArray, bytes: Buffer): string[] {
  const width = textBytes(type.replace(/^[<>|=]/, '')) ?? 0
  const isWide = type.includes('U')
  return Array.from({ length: elementCount(shape) }, (_, i) => {
    const text = bytes.subarray(i * width, (i + 1) * width)
    return (isWide ? wideText(text, type.startsWith('>')) : text.toString('utf8')).replace(/\0+$/, '')
  })
}

function wideText(bytes: Buffer, isBigEndian: boolean): string {
  let text = ''
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const point = isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)
    text += String.fromCodePoint(Math.min(point, 0x10_ff_ff))
  }
  return text
}
