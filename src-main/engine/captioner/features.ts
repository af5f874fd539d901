/** Clips' frame features: read from their .npy files, transformed, padded and masked, with a bounded cache. */
import { CancelledError, VitrineError } from '#contract'
import { readNpy } from '../../formats/npy.ts'
import type { ClipFeatures } from '../contract.ts'
import type { Random } from '../random.ts'
import { principalAxes } from './principal-axes.ts'

const CACHE_BYTES = 256 * 2 ** 20
/** A feature that hardly varies over the training clips is not blown up. */
const SMALLEST_DEVIATION = 1e-4
/** Frames that the principal axes are taken from: evenly spread, and no more than this. */
const MOST_SAMPLED_FRAMES = 8192

/**
 * What the network is fed instead of a raw frame feature f [F]: x = ((f - mean) * scale) P. mean and scale give every
 * feature mean 0 and deviation 1 over the training frames; P [F, d] are the principal axes of what results, or nothing.
 * The few directions in which features vary together say what is seen, the many others are mostly noise, which a network
 * with few clips would learn by heart.
 */
export interface FeatureTransform {
  mean: Float32Array
  scale: Float32Array
  /** [F, d], row-major; null: x has F components. */
  projection: Float32Array | null
}

/** Number of components of x. */
export const inputSizeOf = ({ mean, projection }: FeatureTransform): number => (projection ? projection.length / mean.length : mean.length)

/** Features of some clips, ready for the graph. */
export interface FeatureBatch {
  /** [n, B, d], time first, zero where padded. */
  features: Float32Array
  /** [n, B]: 1 where there is a frame. */
  mask: Float32Array
}

interface Frames {
  rows: number
  size: number
  /** [rows, size]. */
  data: Float32Array
}

/** One clip's raw features, 1 to `frames` rows. Throws BAD_INPUT, naming the file, for another shape. */
export async function readFeatures({ features }: ClipFeatures, frames: number): Promise<Frames> {
  const { shape, data } = await readNpy(features)
  const [rows = 0, size = 0] = shape
  if (shape.length !== 2 || rows < 1 || rows > frames) {
    throw new VitrineError('BAD_INPUT', `${features} holds an array of shape (${shape.join(', ')}); 1 to ${frames} frames by features are needed.`, 'Compute the features again.')
  }
  return { rows, size, data }
}

/** Reads clips as the network sees them; recently used ones stay in memory, at most a quarter of a gibibyte of them. */
export class FeatureReader {
  readonly #frames: number
  readonly #transform: FeatureTransform
  readonly #cache = new Map<string, Frames>()
  #bytes = 0

  /** `frames` is n, what clips are padded to; longer files are an error. */
  constructor(frames: number, transform: FeatureTransform) {
    this.#frames = frames
    this.#transform = transform
  }

  /** The features of `clips` in their order. Throws BAD_INPUT when one has another number of features than the model takes. */
  async batch(clips: readonly ClipFeatures[]): Promise<FeatureBatch> {
    const size = inputSizeOf(this.#transform)
    const features = new Float32Array(this.#frames * clips.length * size)
    const mask = new Float32Array(this.#frames * clips.length)
    for (const [b, clip] of clips.entries()) {
      const { rows, data } = await this.#read(clip)
      for (let t = 0; t < rows; t++) {
        features.set(data.subarray(t * size, (t + 1) * size), (t * clips.length + b) * size)
        mask[t * clips.length + b] = 1
      }
    }
    return { features, mask }
  }

  async #read(clip: ClipFeatures): Promise<Frames> {
    const cached = this.#cache.get(clip.features)
    const frames = cached ?? transformed(await readFeatures(clip, this.#frames), this.#transform, clip.features)
    this.#cache.delete(clip.features)
    this.#cache.set(clip.features, frames)
    if (!cached) this.#bytes += frames.data.byteLength
    for (const [path, old] of this.#cache) {
      if (this.#bytes <= CACHE_BYTES) break
      this.#cache.delete(path)
      this.#bytes -= old.data.byteLength
    }
    return frames
  }
}

function transformed({ rows, size, data }: Frames, { mean, scale, projection }: FeatureTransform, file: string): Frames {
  if (size !== mean.length) {
    throw new VitrineError('BAD_INPUT', `${file} has ${size} features a frame where the model takes ${mean.length}.`, 'Compute the features with the settings that the model was trained with.')
  }
  const scaled = data.map((x, i) => (x - (mean[i % size] ?? 0)) * (scale[i % size] ?? 0))
  if (!projection) return { rows, size, data: scaled }
  const d = projection.length / size
  const out = new Float32Array(rows * d)
  for (let t = 0; t < rows; t++) {
    for (let j = 0; j < size; j++) {
      const x = scaled[t * size + j] ?? 0
      if (x === 0) continue
      for (let k = 0, from = j * d, to = t * d; k < d; k++, from++, to++) out[to] = (out[to] ?? 0) + x * (projection[from] ?? 0)
    }
  }
  return { rows, size: d, data: out }
}

/**
 * The transform for a run, from its training clips: mean and deviation of every feature over all frames (Welford), in one
 * pass over the files, and `projection` principal axes (0: none) of a sample of the frames.
 */
export async function measureTransform(
  clips: readonly ClipFeatures[],
  frames: number,
  projection: number,
  random: Random,
  signal: AbortSignal,
): Promise<FeatureTransform> {
  const [first] = clips
  if (!first) throw new Error('no clips to measure')
  const { size } = await readFeatures(first, frames)
  const mean = new Float64Array(size)
  const squares = new Float64Array(size)
  let count = 0
  const every = Math.ceil((clips.length * frames) / MOST_SAMPLED_FRAMES)
  const sample: Float32Array[] = []
  for (const clip of clips) {
    if (signal.aborted) throw new CancelledError()
    const { rows, size: found, data } = await readFeatures(clip, frames)
    if (found !== size) {
      throw new VitrineError('BAD_INPUT', `${clip.features} has ${found} features a frame where ${first.features} has ${size}.`, 'Compute the features of all clips with the same settings.')
    }
    for (let t = 0; t < rows; t++, count++) {
      const row = data.subarray(t * size, (t + 1) * size)
      if (projection > 0 && count % every === 0) sample.push(row)
      for (let j = 0; j < size; j++) {
        const x = row[j] ?? 0
        const delta = x - (mean[j] ?? 0)
        mean[j] = (mean[j] ?? 0) + delta / (count + 1)
        squares[j] = (squares[j] ?? 0) + delta * (x - (mean[j] ?? 0))
      }
    }
  }
  const unit = squares.map((square) => {
    const deviation = Math.sqrt(square / count)
    return deviation < SMALLEST_DEVIATION ? 0 : 1 / deviation
  })
  if (projection === 0 || projection >= size) return { mean: Float32Array.from(mean), scale: Float32Array.from(unit), projection: null }
  const scaled = new Float32Array(sample.length * size)
  sample.forEach((row, i) => { row.forEach((x, j) => { scaled[i * size + j] = (x - (mean[j] ?? 0)) * (unit[j] ?? 0) }) })
  const { axes, variance } = await principalAxes(scaled, sample.length, size, projection, random)
  // So that the components of x have a mean square of 1 (frames that are all alike have no variance to scale).
  const shared = variance > 0 ? 1 / Math.sqrt(variance / projection) : 0
  return { mean: Float32Array.from(mean), scale: Float32Array.from(unit, (scale) => scale * shared), projection: axes }
}
