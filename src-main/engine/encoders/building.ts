/** Encoders that come with the program: made out of what npm packages hold, at their first use. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { makeFolder } from '../../formats/files.ts'
import { DESCRIPTOR, readDescriptor, sha256 } from './descriptor.ts'
import type { EncoderDescriptor } from './descriptor.ts'

/** The descriptor of an encoder as it is built, but for the checksum of what was built. */
export type EncoderDesign = Omit<EncoderDescriptor, 'checksum'>

export interface BuiltInEncoder {
  design: EncoderDesign
  /** Makes the ONNX file; the same bytes every time. Throws NOT_FOUND or BAD_INPUT for a package that is not as expected. */
  build(): Promise<Uint8Array>
}

/**
 * Builds an encoder into `folder` unless it is there, whole and of this design. Throws what building throws, DISK_FULL.
 */
export async function prepareBuiltIn(
  { design, build }: BuiltInEncoder,
  folder: string,
): Promise<EncoderDescriptor> {
  const existing = await intactEncoder(design, folder)
  if (existing) {
    return existing
  }
  const onnx = await build()
  const descriptor: EncoderDescriptor = { ...design, checksum: sha256(onnx) }
  await makeFolder(folder)
  // The descriptor comes last: while it is missing or stale, the encoder counts as not built.
  await writeFileAtomic(join(folder, descriptor.file), onnx)
  await writeFileAtomic(join(folder, DESCRIPTOR), JSON.stringify(descriptor, null, 2) + '\n')
  return descriptor
}

/** The encoder that is there, or null when it has to be built. */
async function intactEncoder(design: EncoderDesign, folder: string): Promise<EncoderDescriptor | null> {
  try {
    const descriptor = await readDescriptor(join(folder, DESCRIPTOR))
    const { checksum } = descriptor
    if (!isDeepStrictEqual(descriptor, { ...design, checksum })) {
      return null
    }
    return sha256(await readFile(join(folder, descriptor.file))) === checksum ? descriptor : null
  } catch {
    // Missing or damaged: building it again is the repair.
    return null
  }
}
