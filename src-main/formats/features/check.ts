/** What can be wrong with features of clips as their headers tell it. */
import { elementCount } from '../elements.ts'
import { shownKey } from '../arrays/index.ts'
import { failures } from './failures.ts'
import type { FeatureArray } from './layout.ts'

/** As many frames as a model reads of a clip. */
export const MOST_FRAMES = 128

/** Frames and features of an array: [features] is one frame. Throws BAD_INPUT for another rank. */
export function framesAndSize({ file, key, shape }: FeatureArray): { frames: number; size: number } {
  const [first, second, ...more] = shape
  if (first === undefined || more.length > 0) {
    throw failures.wrongRank({ file, key: shownKey(key), shape: shape.join(', ') })
  }
  return second === undefined ? { frames: 1, size: first } : { frames: first, size: second }
}

/**
 * Checks the features that belong to clips: floats of one size, some frames each and not too many, where `frames` does
 * not choose of them. Returns their size. Throws BAD_INPUT naming the file and the array of the first that does not fit.
 */
export function checkHeaders(
  arrays: readonly FeatureArray[],
  { frames: wanted }: { frames: number | null },
): number {
  let first: { file: string; size: number } | null = null
  for (const features of arrays) {
    const { file, type, holds, shape } = features
    const key = shownKey(features.key)
    if (holds !== 'floats') {
      throw failures.notFloats({ file, key, type })
    }
    const { frames, size } = framesAndSize(features)
    if (elementCount(shape) === 0) {
      throw failures.empty({ file, key, shape: shape.join(', ') })
    }
    first ??= { file, size }
    if (size !== first.size) {
      throw failures.sizesDiffer({ file, key, size, otherFile: first.file, other: first.size })
    }
    // The frames of padded arrays are counted as they are read.
    if (wanted === null && frames > MOST_FRAMES && features.lengths === null) {
      throw failures.tooManyFrames({ file, key, frames, most: MOST_FRAMES })
    }
  }
  return first?.size ?? 0
}
