/** Features that other programs computed: found by the headers of their files, and taken as the engine has its own. */
import type { Handlers } from './call.ts'

/** Features of one clip in a file of arrays. */
export interface FoundFeatures {
  /** What its clip may be called, the likeliest first. */
  names: readonly string[]
  /** The file, and the array in it. */
  file: string
  key: string
  /** Its place along the first axis of an array of several clips; null: the array is of one. */
  place: number | null
  type: string
  holds: 'floats' | 'integers' | 'texts' | 'other'
  /** Without what belongs to the other clips of the array. */
  shape: readonly number[]
  /** Where its times are; `isStacked`: in an array of those of all clips. Null: it has none. */
  times: { file: string; key: string; isStacked: boolean } | null
  /** The array that says how many frames of each clip count; null: all. */
  lengths: string | null
}

export interface FeatureMethods {
  /**
   * The features that a file or folder holds, in its order, whether they can be read or not. `array`: of several arrays
   * of a clip, the name of the one that is meant. Throws NOT_FOUND; BAD_INPUT naming the file for one that is no file of
   * arrays, or damaged, and where nothing is found.
   */
  'features.find': {
    params: { path: string; array: string | null }
    result: { features: FoundFeatures[] }
  }
  /**
   * Writes features as .npy files of [frames, dimension] into `folder`, `NAME.npy` each, and returns what was written, in
   * the order of `wanted`. `frames`: at most as many, evenly spread; null: all. `half`: in half precision, where the
   * values fit. Throws BAD_INPUT naming file and array for what is not finite, and for times that don't fit; CONFLICT where
   * the files are others by now; DISK_FULL.
   */
  'features.take': {
    params: {
      wanted: { name: string; features: FoundFeatures }[]
      folder: string
      frames: number | null
      half: boolean
    }
    result: { written: WrittenFeatures[] }
  }
}

export interface WrittenFeatures {
  frames: number
  dimension: number
  /** Seconds from the start of the clip; null: the files have none. */
  times: number[] | null
  /** Of the .npy file. */
  sha256: string
}

export type FeatureHandlers = Handlers<FeatureMethods>
