/** Files of arrays, told by their first bytes. */
import { extname } from 'node:path'
import { openFile } from '../files.ts'
import type { ArrayFile } from './array-file.ts'
import { failures } from './failures.ts'
import { openHdf5 } from './hdf5.ts'
import { openNpy } from './npy-file.ts'
import { openNpz } from './npz.ts'
import { openSafetensors } from './safetensors-file.ts'

export type * from './array-file.ts'
export { shownKey } from './array-file.ts'

/** What files of arrays end in. */
export const ARRAY_EXTENSIONS: ReadonlySet<string> = new Set([
  '.npy',
  '.npz',
  '.safetensors',
  '.h5',
  '.hdf5',
  '.he5',
  '.hdf',
])

/** What files begin with; HDF5 may have a block of the user's before it, of 512 bytes or a doubling of that. */
const SIGNATURES: readonly { magic: string; open: (path: string) => Promise<ArrayFile> }[] = [
  { magic: '\x93NUMPY', open: openNpy },
  { magic: 'PK\x03\x04', open: openNpz },
  { magic: 'PK\x05\x06', open: openNpz },
  { magic: '\x89HDF\r\n\x1a\n', open: openHdf5 },
]
const HDF5_EXTENSIONS = new Set(['.h5', '.hdf5', '.he5', '.hdf'])

/** Opens a file of arrays; the caller closes it. Throws NOT_FOUND, and BAD_INPUT for what is none, or damaged. */
export async function openArrays(path: string): Promise<ArrayFile> {
  const head = await firstBytes(path)
  const found = SIGNATURES.find(({ magic }) => head.startsWith(magic))
  if (found !== undefined) {
    return found.open(path)
  }
  const extension = extname(path).toLowerCase()
  if (HDF5_EXTENSIONS.has(extension)) {
    return openHdf5(path)
  }
  // A safetensors file begins with the length of its header, which is JSON.
  if (extension === '.safetensors' || head.startsWith('{', 8)) {
    return openSafetensors(path)
  }
  throw failures.notArrays({ file: path })
}

async function firstBytes(path: string): Promise<string> {
  const file = await openFile(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(16), 0, 16, 0)
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await file.close()
  }
}
