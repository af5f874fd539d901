/** Clips' frame features: read from their .npy files, normalised, padded and masked, with a bounded cache. */
import { CancelledError, VitrineError } from '#contract'
import { readNpy } from '../../formats/npy.ts'
import type { NpyArray } from '../../formats/npy.ts'
import type { ClipFeatures } from '../contract.ts'

const CACHE_BYTES = 512 * 2 ** 20
/** A feature that hardly varies over the training clips is not blown up. */
const SMALLEST_DEVIATION = 1e-4

/** x' = (x - mean) * scale, each [F]: zero mean and unit deviation over the training clips' frames. */
export interface Normalisation {
  mean: Float32Array
  scale: Float32Array
}

/** Features of some clips, ready for the graph. */
export interface FeatureBatch {
  /** [n, B, F], time first, normalised, zero where padded. */
  features: Float32Array
  /** [n, B]: 1 where there is a frame. */
  mask: Float32Array
}

/** Reads features from sidecar files; recently used ones stay in memory, at most half a gibibyte of them. */
export class FeatureReader {
  readonly frames: number
  #cache = new Map<string, NpyArray>()
  #bytes = 0

  /** `frames` is n, what clips are padded to; longer files are an error. */
  constructor(frames: number) {
    this.frames = frames
  }

  /** One clip's raw features [rows, F], 1 <= rows <= n. Throws BAD_INPUT, naming the file, for another shape. */
  async read(clip: ClipFeatures): Promise<{ rows: number; size: number; data: Float32Array }> {
    const cached = this.#cache.get(clip.features)
    const array = cached ?? (await readNpy(clip.features))
    const [rows = 0, size = 0] = array.shape
    if (array.shape.length !== 2 || rows < 1 || rows > this.frames) {
      throw new VitrineError('BAD_INPUT', `${clip.features} holds an array of shape (${array.shape.join(', ')}); 1 to ${this.frames} frames by features are needed.`, 'Compute the features again.')
    }
    this.#cache.delete(clip.features)
    this.#cache.set(clip.features, array)
    if (!cached) this.#bytes += array.data.byteLength
    for (const [path, old] of this.#cache) {
      if (this.#bytes <= CACHE_BYTES) break
      this.#cache.delete(path)
      this.#bytes -= old.data.byteLength
    }
    return { rows, size, data: array.data }
  }

  /** The features of `clips` in their order, normalised and padded. Throws BAD_INPUT when one has another number of features. */
  async batch(clips: readonly ClipFeatures[], normalisation: Normalisation): Promise<FeatureBatch> {
    const features = new Float32Array(this.frames * clips.length * normalisation.mean.length)
    const mask = new Float32Array(this.frames * clips.length)
    await this.fill(clips, normalisation, features, mask)
    return { features, mask }
  }

  /** As `batch`, into given arrays of zeros. */
  async fill(clips: readonly ClipFeatures[], { mean, scale }: Normalisation, features: Float32Array, mask: Float32Array): Promise<void> {
    const F = mean.length
    for (const [b, clip] of clips.entries()) {
      const { rows, size, data } = await this.read(clip)
      if (size !== F) {
        throw new VitrineError('BAD_INPUT', `${clip.features} has ${size} features a frame where the model takes ${F}.`, 'Compute the features with the settings that the model was trained with.')
      }
      for (let t = 0; t < rows; t++) {
        const to = (t * clips.length + b) * F
        for (let j = 0, from = t * F; j < F; j++, from++) features[to + j] = ((data[from] ?? 0) - (mean[j] ?? 0)) * (scale[j] ?? 0)
        mask[t * clips.length + b] = 1
      }
    }
  }
}

/** Mean and inverse deviation of every feature over all frames of `clips` (Welford), in one pass over the files. */
export async function measureNormalisation(reader: FeatureReader, clips: readonly ClipFeatures[], signal: AbortSignal): Promise<Normalisation> {
  const [first] = clips
  if (!first) throw new Error('no clips to measure')
  const { size } = await reader.read(first)
  const mean = new Float64Array(size)
  const squares = new Float64Array(size)
  let count = 0
  for (const clip of clips) {
    if (signal.aborted) throw new CancelledError()
    const { rows, size: found, data } = await reader.read(clip)
    if (found !== size) {
      throw new VitrineError('BAD_INPUT', `${clip.features} has ${found} features a frame where ${first.features} has ${size}.`, 'Compute the features of all clips with the same settings.')
    }
    for (let t = 0; t < rows; t++) {
      count++
      for (let j = 0; j < size; j++) {
        const x = data[t * size + j] ?? 0
        const delta = x - (mean[j] ?? 0)
        mean[j] = (mean[j] ?? 0) + delta / count
        squares[j] = (squares[j] ?? 0) + delta * (x - (mean[j] ?? 0))
      }
    }
  }
  return {
    mean: Float32Array.from(mean),
    scale: Float32Array.from(squares, (square) => {
      const deviation = Math.sqrt(square / count)
      return deviation < SMALLEST_DEVIATION ? 0 : 1 / deviation
    }),
  }
}
