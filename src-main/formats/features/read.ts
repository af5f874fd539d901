/** Reads features, a clip at a time: of one array for all clips a slice at a time, whatever its size. */
import { openArrays, shownKey } from '../arrays/index.ts'
import type { ArrayFile } from '../arrays/index.ts'
import { framesAndSize, MOST_FRAMES } from './check.ts'
import { failures } from './failures.ts'
import type { FeatureArray, TimesPlace } from './layout.ts'

export interface ReadFeatures {
  /** The place among those that were asked for. */
  index: number
  frames: number
  /** [frames, size]. */
  data: Float32Array
  /** Seconds from the start of the clip; null: the files have none. */
  times: number[] | null
}

/**
 * The features of some arrays, in the order of their files. `frames`: as many are taken of a clip that has more, the
 * first of each of as many equal parts. Throws BAD_INPUT naming file and array for what is not finite, and for times or
 * lengths that don't fit; CONFLICT where the files are others by now.
 */
export async function* readFeatureArrays(
  arrays: readonly FeatureArray[],
  { frames }: { frames: number | null },
): AsyncGenerator<ReadFeatures> {
  const places = arrays.map((features, index) => ({ features, index }))
  const byFile = Map.groupBy(places, ({ features }) => features.file)
  for (const [path, wanted] of byFile) {
    const file = withCache(await openArrays(path))
    try {
      for await (const raw of rawFeatures(file, wanted)) {
        const limited = await withoutPadding(file, raw)
        const times = await timesOf(file, limited)
        yield chosenFrames({ ...limited, times }, frames)
      }
    } finally {
      await file.close()
    }
  }
}

/** Times and lengths of a stack are those of all its clips: they are read once. */
function withCache(file: ArrayFile): ArrayFile {
  const read = new Map<string, Promise<Float64Array>>()
  return {
    ...file,
    numbers(key) {
      const known = read.get(key) ?? file.numbers(key)
      read.set(key, known)
      return known
    },
  }
}

interface WantedArray {
  features: FeatureArray
  index: number
}
interface RawFeatures extends WantedArray {
  frames: number
  size: number
  data: Float32Array
}

/** What a file holds of the arrays that are wanted, in its order. */
async function* rawFeatures(file: ArrayFile, wanted: readonly WantedArray[]): AsyncGenerator<RawFeatures> {
  for (const [key, ofArray] of Map.groupBy(wanted, ({ features }) => features.key)) {
    const [first] = ofArray as [WantedArray]
    const { features } = first
    if (!file.arrays.some((array) => array.key === key)) {
      throw failures.gone({ file: features.file, key: shownKey(key) })
    }
    if (features.place === null) {
      yield checked({ ...first, ...framesAndSize(features), data: await file.floats(key) })
    } else {
      yield* rowsOfStack(file, key, ofArray)
    }
  }
}

async function* rowsOfStack(
  file: ArrayFile,
  key: string,
  wanted: readonly WantedArray[],
): AsyncGenerator<RawFeatures> {
  const byPlace = new Map(wanted.map((one) => [one.features.place, one]))
  let place = 0
  for await (const slice of file.slices(key)) {
    const one = byPlace.get(place++)
    if (one !== undefined) {
      yield checked({ ...one, ...framesAndSize(one.features), data: slice })
    }
  }
}

/** Throws CONFLICT where the array has another size than it had when it was found. */
function checked(raw: RawFeatures): RawFeatures {
  if (raw.data.length !== raw.frames * raw.size) {
    throw failures.gone({ file: raw.features.file, key: shownKey(raw.features.key) })
  }
  return raw
}

/** Without the frames that fill up the clip's row of an array, where the file says how many those are. */
async function withoutPadding(file: ArrayFile, raw: RawFeatures): Promise<RawFeatures> {
  const { lengths, place, file: path } = raw.features
  if (lengths === null || place === null) {
    return raw
  }
  const length = (await file.numbers(lengths))[place] ?? 0
  if (length < 1 || length > raw.frames) {
    const key = shownKey(lengths)
    throw failures.lengthsOther({ file: path, key, place: place + 1, length, frames: raw.frames })
  }
  return { ...raw, frames: length, data: raw.data.subarray(0, length * raw.size) }
}

async function timesOf(file: ArrayFile, { features, frames }: RawFeatures): Promise<number[] | null> {
  if (features.times === null) {
    return null
  }
  const times = await readTimes(file, features.times, features)
  const key = shownKey(features.key)
  // Of a padded array the times may be padded, too.
  const counted = features.lengths === null ? times : times.slice(0, frames)
  if (counted.length !== frames) {
    throw failures.timesDiffer({ file: features.times.file, times: counted.length, frames, key })
  }
  const rise = counted.every((time, i) => Number.isFinite(time) && time >= (counted[i - 1] ?? 0))
  if (!rise) {
    throw failures.notTimes({ file: features.times.file, key })
  }
  return counted
}

async function readTimes(
  file: ArrayFile,
  { file: path, key, isStacked }: TimesPlace,
  features: FeatureArray,
): Promise<number[]> {
  if (path !== features.file) {
    return timesOfFile(path, key)
  }
  const times = await file.numbers(key)
  const { frames } = framesAndSize(features)
  const start = isStacked ? frames * (features.place ?? 0) : 0
  return [...times.subarray(start, isStacked ? start + frames : undefined)]
}

async function timesOfFile(path: string, key: string): Promise<number[]> {
  const file = await openArrays(path)
  try {
    return [...(await file.numbers(key))]
  } finally {
    await file.close()
  }
}

/** The frames that are taken, all finite. */
function chosenFrames(
  { features, index, frames, size, data, times }: RawFeatures & { times: number[] | null },
  wanted: number | null,
): ReadFeatures {
  const { file } = features
  const key = shownKey(features.key)
  const taken = Math.min(wanted ?? frames, frames)
  if (taken > MOST_FRAMES) {
    throw failures.tooManyFrames({ file, key, frames, most: MOST_FRAMES })
  }
  const places = Array.from({ length: taken }, (_, i) => Math.floor((i * frames) / taken))
  const chosen = new Float32Array(taken * size)
  places.forEach((place, i) => {
    const row = data.subarray(place * size, (place + 1) * size)
    const bad = row.findIndex((value) => !Number.isFinite(value))
    if (bad >= 0) {
      throw failures.notFinite({ file, key, value: String(row[bad]), frame: place + 1 })
    }
    chosen.set(row, i * size)
  })
  return { index, frames: taken, data: chosen, times: times && places.map((place) => times[place] ?? 0) }
}
