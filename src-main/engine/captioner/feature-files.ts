/** Clips' raw frame features: one .npy file each, an array of frames by features. */
import { createHash } from 'node:crypto'
import { VitrineError } from '../../common/failures.ts'
import { readWhole } from '../../formats/files.ts'
import { decodeNpy } from '../../formats/npy.ts'
import type { ClipFeatures } from '../../engine-host/contract/index.ts'
import { failures } from './failures.ts'

/** Features of one clip's frames. */
export interface FrameFeatures {
  rows: number
  size: number
  /** [rows, size]. */
  data: Float32Array
}

/** Files that were held against their checksum in this process. */
const sound = new Set<string>()

/**
 * One clip's raw features, 1 to `frames` rows. Throws BAD_INPUT, naming the file, for another shape, and
 * NOT_READY where it is gone or not as it was written.
 */
export async function readFeatures(clip: ClipFeatures, frames: number): Promise<FrameFeatures> {
  const bytes = clip.sha256 === undefined ? await readWhole(clip.features) : await readSealed(clip)
  const { shape, data } = decodeNpy(bytes, clip.features)
  return { ...rowsAndSize(shape, frames, clip.features), data }
}

/** The bytes of a file whose checksum is known; they are held against it once a process. */
async function readSealed({ features: file, sha256 }: ClipFeatures): Promise<Buffer> {
  const bytes = await readWhole(file).catch((error: unknown) => {
    throw isMissing(error) ? failures.featuresMissing({ file }, { cause: error }) : error
  })
  const seal = `${sha256} ${file}`
  if (!sound.has(seal)) {
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
      throw failures.featuresAltered({ file })
    }
    sound.add(seal)
  }
  return bytes
}

/** Whether a file can't be read because there is none. */
const isMissing = (error: unknown): boolean =>
  error instanceof VitrineError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'

/** What the shape of a file's array says. Throws as `readFeatures`. */
export function rowsAndSize(
  shape: readonly number[],
  frames: number,
  file: string,
): Pick<FrameFeatures, 'rows' | 'size'> {
  const [rows = 0, size = 0] = shape
  if (shape.length !== 2 || rows < 1 || rows > frames) {
    throw failures.featureShape({ file, shape: shape.join(', '), frames })
  }
  return { rows, size }
}
