/** Clips' raw frame features: one .npy file each, an array of frames by features. */
import { readNpy } from '../../formats/npy.ts'
import type { ClipFeatures } from '../../engine-host/contract/index.ts'
import { failures } from './failures.ts'

/** Features of one clip's frames. */
export interface FrameFeatures {
  rows: number
  size: number
  /** [rows, size]. */
  data: Float32Array
}

/** One clip's raw features, 1 to `frames` rows. Throws BAD_INPUT, naming the file, for another shape. */
export async function readFeatures({ features }: ClipFeatures, frames: number): Promise<FrameFeatures> {
  const { shape, data } = await readNpy(features)
  return { ...rowsAndSize(shape, frames, features), data }
}

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
