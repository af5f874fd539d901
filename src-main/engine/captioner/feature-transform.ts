/** What the network is fed instead of raw frame features, as measured on the training clips. */
import type { ClipFeatures } from '../../engine-host/contract/index.ts'
import type { Random } from '../../common/random.ts'
import { throwIfCancelled } from '../cancellation.ts'
import { failures } from './failures.ts'
import { featureShape, readFeatures } from './feature-files.ts'
import { principalAxes } from './principal-axes.ts'

/** A feature that hardly varies over the training clips is not blown up. */
const SMALLEST_DEVIATION = 1e-4
/**
 * The statistics of a corpus with more clips come from this many of them, evenly spread: 100,000 frames say
 * enough.
 */
const MAX_MEASURED_CLIPS = 4096
/** Frames that the principal axes are taken from: evenly spread, and no more than this. */
const MAX_SAMPLED_FRAMES = 8192
/** Files whose headers are read at a time. */
const CHECKED_TOGETHER = 64

/**
 * What the network is fed instead of a raw frame feature f [F]: x = ((f - mean) * scale) P. mean and scale give
 * every feature mean 0 and deviation 1 over the training frames, or leave it as it is; P [F, d] are the
 * principal axes of what results, or nothing. The few directions in which features vary together say what is
 * seen, the many others are mostly noise, which a network with few clips would learn by heart.
 */
export interface FeatureTransform {
  mean: Float32Array
  scale: Float32Array
  /** [F, d], row-major; null: x has F components. */
  projection: Float32Array | null
}

/** Number of components of x. */
export const inputSizeOf = ({ mean, projection }: FeatureTransform): number =>
  projection ? projection.length / mean.length : mean.length

interface MeasureOptions {
  /** n: the most frames of a clip. */
  frames: number
  /** Principal axes to project on; 0: none. */
  projection: number
  /** Whether features that are not projected get mean 0 and deviation 1. */
  standardise: boolean
  random: Random
  signal: AbortSignal
}

/**
 * The transform for a run, from its training clips: mean and deviation of every feature over their frames,
 * and `projection` principal axes of a sample of them. Of a large corpus an even selection is read; every
 * file's shape is checked. Throws NOT_FOUND or BAD_INPUT, naming the file, when one is missing or does not
 * fit.
 */
export async function measureTransform(
  clips: readonly ClipFeatures[],
  { frames, projection, standardise, random, signal }: MeasureOptions,
): Promise<FeatureTransform> {
  if (clips.length === 0) {
    throw new Error('no clips to measure')
  }
  const { size, longest } = await checkShapes(clips, frames, signal)
  const measured = evenly(clips, MAX_MEASURED_CLIPS)
  const sampleEvery = Math.ceil((measured.length * longest) / MAX_SAMPLED_FRAMES)
  const moments = new RunningMoments(size)
  const sample: Float32Array[] = []
  for (const clip of measured) {
    throwIfCancelled(signal)
    const { rows, data } = await readFeatures(clip, frames)
    for (let t = 0; t < rows; t++) {
      const row = data.subarray(t * size, (t + 1) * size)
      if (projection > 0 && moments.count % sampleEvery === 0) {
        sample.push(row.slice())
      }
      moments.add(row)
    }
  }
  const { mean } = moments
  const unitScale = moments
    .deviations()
    .map((deviation) => (deviation < SMALLEST_DEVIATION ? 0 : 1 / deviation))
  if (projection === 0 || projection >= size) {
    return standardise
      ? { mean: Float32Array.from(mean), scale: Float32Array.from(unitScale), projection: null }
      : { mean: new Float32Array(size), scale: new Float32Array(size).fill(1), projection: null }
  }
  const matrix = { data: standardised(sample, mean, unitScale), rows: sample.length, columns: size }
  const { axes, variance } = await principalAxes(matrix, projection, random)
  // So that the components of x have a mean square of 1 (frames that are all alike have no variance to
  // scale).
  const commonScale = variance > 0 ? 1 / Math.sqrt(variance / projection) : 0
  return {
    mean: Float32Array.from(mean),
    scale: Float32Array.from(unitScale, (scale) => scale * commonScale),
    projection: axes,
  }
}

/**
 * The number of features a frame, the same in all files, and the frames of the longest clip. Of several faults it
 * names the first clip's.
 */
export async function checkShapes(
  clips: readonly ClipFeatures[],
  frames: number,
  signal: AbortSignal,
): Promise<{ size: number; longest: number }> {
  let [expected, longest] = [0, 0]
  for (let start = 0; start < clips.length; start += CHECKED_TOGETHER) {
    throwIfCancelled(signal)
    const checked = clips.slice(start, start + CHECKED_TOGETHER)
    const shapes = await Promise.all(checked.map((clip) => featureShape(clip, frames)))
    checked.forEach(({ features: file }, i) => {
      const { rows, size } = shapes[i]!
      longest = Math.max(longest, rows)
      expected ||= size
      if (size !== expected) {
        throw failures.featureSizesDiffer({ file, size, first: clips[0]?.features ?? '', expected })
      }
    })
  }
  return { size: expected, longest }
}

/** Clips of several lists, each once. */
export const eachOnce = (clips: readonly ClipFeatures[]): ClipFeatures[] => [
  ...new Map(clips.map((clip) => [clip.id, clip])).values(),
]

/** At most `limit` of the elements, evenly spread. */
const evenly = <T>(list: readonly T[], limit: number): T[] =>
  list.filter(
    (_, i) =>
      Math.floor((i * limit) / list.length) !== Math.floor(((i - 1) * limit) / list.length) ||
      list.length <= limit,
  )

/** Mean and deviation of every feature over rows that come one by one (Welford, Technometrics 4(3), 1962). */
class RunningMoments {
  readonly mean: Float64Array
  readonly #squares: Float64Array
  #count = 0

  constructor(size: number) {
    this.mean = new Float64Array(size)
    this.#squares = new Float64Array(size)
  }

  /** Rows so far. */
  get count(): number {
    return this.#count
  }

  add(row: Float32Array): void {
    this.#count++
    const [mean, squares] = [this.mean, this.#squares]
    const share = 1 / this.#count
    for (let j = 0; j < row.length; j++) {
      const x = row[j]!
      const delta = x - mean[j]!
      mean[j]! += delta * share
      squares[j]! += delta * (x - mean[j]!)
    }
  }

  deviations(): Float64Array {
    return this.#squares.map((square) => Math.sqrt(square / this.#count))
  }
}

/** The rows less the mean and times the scale, one after the other. */
function standardised(rows: readonly Float32Array[], mean: Float64Array, scale: Float64Array): Float32Array {
  const size = mean.length
  const out = new Float32Array(rows.length * size)
  rows.forEach((row, i) => {
    row.forEach((x, j) => {
      out[i * size + j] = (x - (mean[j] ?? 0)) * (scale[j] ?? 0)
    })
  })
  return out
}
