/**
 * Which array of a file belongs to which clip. Programs write features in three ways, and each is told by what the
 * file holds:
 *
 * - one array a clip in a file of its own, called as the clip: `video0.npy`, `video0.npz` with `features`;
 * - one array a clip in one file, each under the name of its clip: `video0`, or `video0/features`;
 * - one array for all clips, [clips, frames, features] or [clips, features], with a list of their names in the file or
 *   beside it.
 *
 * The times of the frames stand beside them, as `times` or `timestamps`; how many frames of a padded array count, as
 * `lengths`.
 */
import { elementCount } from '../elements.ts'
import type { ArrayHeader } from '../arrays/index.ts'

/** Features of a clip, as a file has them. */
export interface FeatureArray {
  /** What its clip may be called, the likeliest first. */
  names: readonly string[]
  /** The file, and the array in it. */
  file: string
  key: string
  /** Its place along the first axis of the array; null: it is the whole array. */
  place: number | null
  type: string
  holds: ArrayHeader['holds']
  /** Without what belongs to the other clips of the array. */
  shape: readonly number[]
  /** The array of its times, and of the lengths of all clips of the array; null: there is none. */
  times: TimesPlace | null
  lengths: string | null
}

/** An array of times: in the same file, or in a file of its own. */
export interface TimesPlace {
  file: string
  key: string
  /** It holds the times of all clips of a stacked array, a row each. */
  isStacked: boolean
}

/** Names of a file's clips, from the file or beside it. */
export interface NameList {
  names: readonly string[]
  /** What failures call it. */
  source: string
}

const TIMES = /(?:^|[/._-])(?:times|timestamps|frame_times)$/i
const LENGTHS = /(?:^|[/._-])(?:lengths|num_frames|n_frames|frame_counts)$/i

/** Whether a file, without its extension, or a key names times. */
export const isTimes = (name: string): boolean => TIMES.test(name)

/** What times stand beside: `video0` for `video0.times`, `video0/times`. */
export const besideTimes = (name: string): string => name.replace(TIMES, '')

/** The last part of a path or key. */
export const lastOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1)

/** What is before it. */
const parentOf = (key: string): string => key.slice(0, Math.max(key.lastIndexOf('/'), 0))

/** The arrays of a file that may be features: of the name that was chosen, else all but times, lengths and scalars. */
export function candidates(arrays: readonly ArrayHeader[], chosen: string | null): ArrayHeader[] {
  if (chosen !== null) {
    return arrays.filter(({ key }) => key === chosen || lastOf(key) === chosen)
  }
  const found = arrays.filter(
    ({ key, shape, holds }) =>
      shape.length > 0 && holds !== 'texts' && !TIMES.test(key) && !LENGTHS.test(key),
  )
  // Beside floats, whole numbers are labels or counts; where there are no floats they are to be refused by their type.
  const floats = found.filter(({ holds }) => holds === 'floats')
  return floats.length > 0 ? floats : found
}

/** A file whose arrays are to be given to clips. */
export interface NamedFile {
  file: string
  /** What its clip is called where it holds one: its path inside the folder, without extension. */
  stem: string
  /** It was named by itself: then the key of its one array may be the clip's name, too. */
  isAlone: boolean
  arrays: readonly ArrayHeader[]
}

/** One array a clip. `found` are the arrays that may be features. */
export function arraysByName(
  { file, stem, isAlone, arrays }: NamedFile,
  found: readonly ArrayHeader[],
): FeatureArray[] {
  const nameOf = commonNames(found.map(({ key }) => key))
  return found.map((array) => ({
    names: found.length === 1 ? namesOfOne(array.key, stem, isAlone) : [nameOf(array.key)],
    file,
    key: array.key,
    place: null,
    type: array.type,
    holds: array.holds,
    shape: squeezed(array.shape),
    times: timesBeside(array.key, { file, arrays, isOnly: found.length === 1 }),
    lengths: null,
  }))
}

/** Where several paths or keys all end alike, `video0/features`, what is before that is the name. */
export function commonNames(paths: readonly string[]): (path: string) => string {
  const [first = ''] = paths
  const endsAlike = paths.every((path) => parentOf(path) !== '' && lastOf(path) === lastOf(first))
  return endsAlike && paths.length > 1 ? parentOf : (path) => path
}

function namesOfOne(key: string, stem: string, isAlone: boolean): string[] {
  const parent = parentOf(key)
  return isAlone && key !== '' ? [key, ...(parent === '' ? [] : [parent]), stem] : [stem]
}

function timesBeside(
  key: string,
  { file, arrays, isOnly }: { file: string; arrays: readonly ArrayHeader[]; isOnly: boolean },
): TimesPlace | null {
  const parent = parentOf(key)
  const found = arrays.find(
    (array) =>
      TIMES.test(array.key) &&
      (isOnly || besideTimes(array.key) === key || (parent !== '' && besideTimes(array.key) === parent)),
  )
  return found === undefined ? null : { file, key: found.key, isStacked: false }
}

/** One array for all clips: as many features as it has rows. */
export function arraysOfStack(
  { file, arrays }: NamedFile,
  stack: ArrayHeader,
  { names }: NameList,
): FeatureArray[] {
  const [count = 0, ...shape] = stack.shape
  const times = arrays.find(({ key, holds }) => TIMES.test(key) && holds !== 'texts')
  const lengths = arrays.find(
    (array) => LENGTHS.test(array.key) && array.holds === 'integers' && elementCount(array.shape) === count,
  )
  return names.map((name, place) => ({
    names: [name],
    file,
    key: stack.key,
    place,
    type: stack.type,
    holds: stack.holds,
    shape: squeezed(shape),
    times: times === undefined ? null : { file, key: times.key, isStacked: times.shape.length > 1 },
    lengths: lengths?.key ?? null,
  }))
}

/**
 * The names of the clips that an array holds, a row each; null: it is of one clip. They come from the lists that are in
 * its file or beside it.
 */
export function namesOfRows(array: ArrayHeader, lists: readonly NameList[]): NameList | null {
  const [count] = array.shape
  return array.shape.length < 2 ? null : (lists.find(({ names }) => names.length === count) ?? null)
}

/** Whether an array must be of several clips: it has an axis more than frames and features. */
export const isStack = ({ shape }: ArrayHeader): boolean => squeezed(shape).length === 3

/**
 * A shape without axes of one that say nothing: a batch of one clip in front, pooled width and height behind. Frames
 * and features stay, also where there is one.
 */
function squeezed(shape: readonly number[]): readonly number[] {
  if (shape.length <= 2) {
    return shape
  }
  if (shape[0] === 1) {
    return squeezed(shape.slice(1))
  }
  return shape.at(-1) === 1 ? squeezed(shape.slice(0, -1)) : shape
}
