/** The networks of encoders, opened once in a process, their files held against their checksums first. */
import { dirname, join } from 'node:path'
import type { InferenceSession } from 'onnxruntime-node'
import { hashFile } from '../../formats/hash.ts'
import { createOrtSession } from '../graph/session.ts'
import type { DeviceName } from '../graph/session.ts'
import type { EncoderDescriptor } from './descriptor.ts'
import { failures } from './failures.ts'

const sessions = new Map<string, Promise<InferenceSession>>()

/**
 * The session of the encoder that the descriptor at `path` describes. Throws NOT_FOUND or BAD_INPUT for files that are
 * missing or not as they were, TOOL_MISSING for a device that is not to be had here.
 */
export function openSession(
  path: string,
  { file, checksum, externalData }: EncoderDescriptor,
  device: DeviceName,
): Promise<InferenceSession> {
  const folder = dirname(path)
  const files = [{ file, checksum }, ...externalData]
  // Another encoder of the same name may differ in its weights alone, which may lie in a file of their own.
  const key = JSON.stringify([device, folder, files])
  const open = sessions.get(key)
  if (open) {
    return open
  }
  const session = openChecked(folder, files, device)
  sessions.set(key, session)
  // A failure is not kept: the next call tries again.
  session.catch(() => sessions.delete(key))
  return session
}

async function openChecked(
  folder: string,
  files: readonly { file: string; checksum: string }[],
  device: DeviceName,
): Promise<InferenceSession> {
  for (const { file, checksum } of files) {
    await requireUnaltered(join(folder, file), checksum)
  }
  // By its path, so that the runtime finds weights that lie beside it.
  return createOrtSession(join(folder, files[0]?.file ?? ''), device)
}

async function requireUnaltered(path: string, checksum: string): Promise<void> {
  const found = await hashFile(path).catch((error: unknown) => {
    throw failures.networkUnreadable({ path }, { cause: error })
  })
  if (found !== checksum) {
    throw failures.networkDamaged({ path })
  }
}
