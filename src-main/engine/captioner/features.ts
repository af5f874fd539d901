/**
 * Clips' frame features: read from their .npy files, transformed, padded and masked. A corpus may have far
 * more of them than memory: files are read as they are wanted, ahead of time where the caller knows what it
 * will want, and a bounded cache keeps those used last. While a training step has the cores, JavaScript
 * should have little to do: bytes are taken as they are, and the projection is a compiled product.
 */
import { CancelledError, VitrineError } from '#contract'
import { readNpy, readNpyShape } from '../../formats/npy.ts'
import type { ClipFeatures } from '../../engine-host/contract/index.ts'
import * as ops from '../graph/ops.ts'
import { compile } from '../graph/runtime.ts'
import type { Session } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { input } from '../graph/value.ts'
import type { Random } from '../../common/random.ts'
import { principalAxes } from './principal-axes.ts'

/** Transformed features that stay in memory. */
const CACHE_BYTES = 128 * 2 ** 20
/** A feature that hardly varies over the training clips is not blown up. */
const SMALLEST_DEVIATION = 1e-4
/**
 * The statistics of a corpus with more clips come from this many of them, evenly spread: 100,000 frames say
 * enough.
 */
const MOST_MEASURED_CLIPS = 4096
/** Frames that the principal axes are taken from: evenly spread, and no more than this. */
const MOST_SAMPLED_FRAMES = 8192
/** Files whose headers are read at a time. */
const CHECKED_TOGETHER = 64

/**
 * What the network is fed instead of a raw frame feature f [F]: x = ((f - mean) * scale) P. mean and scale
 * give every feature mean 0 and deviation 1 over the training frames; P [F, d] are the principal axes of what
 * results, or nothing. The few directions in which features vary together say what is seen, the many others
 * are mostly noise, which a network with few clips would learn by heart.
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
  return { ...rowsAndSize(shape, frames, features), data }
}

function rowsAndSize(shape: readonly number[], frames: number, file: string): { rows: number; size: number } {
  const [rows = 0, size = 0] = shape
  if (shape.length !== 2 || rows < 1 || rows > frames) {
    throw new VitrineError(
      'BAD_INPUT',
      `${file} holds an array of shape (${shape.join(', ')}); 1 to ${frames} frames by features are needed.`,
      'Compute the features again.',
    )
  }
  return { rows, size }
}

interface Held {
  frames: Promise<Frames>
  /** 0 while it is being read. */
  bytes: number
}

/** Reads clips as the network sees them. */
export class FeatureReader {
  readonly #frames: number
  readonly #transform: FeatureTransform
  /** By path, those used last at the end. */
  readonly #held = new Map<string, Held>()
  #bytes = 0
  #projector: Promise<Session> | null = null

  /** `frames` is n, what clips are padded to; longer files are an error. */
  constructor(frames: number, transform: FeatureTransform) {
    this.#frames = frames
    this.#transform = transform
  }

  /**
   * The features of `clips` in their order. Throws BAD_INPUT when one has another number of features than the
   * model takes.
   */
  async batch(clips: readonly ClipFeatures[]): Promise<FeatureBatch> {
    const size = inputSizeOf(this.#transform)
    const features = new Float32Array(this.#frames * clips.length * size)
    const mask = new Float32Array(this.#frames * clips.length)
    const read = await Promise.all(clips.map((clip) => this.#hold(clip)))
    read.forEach(({ rows, data }, b) => {
      for (let t = 0; t < rows; t++) {
        features.set(data.subarray(t * size, (t + 1) * size), (t * clips.length + b) * size)
        mask[t * clips.length + b] = 1
      }
    })
    return { features, mask }
  }

  /** Begins to read what `batch` will soon be asked for; what goes wrong comes up there. */
  prefetch(clips: readonly ClipFeatures[]): void {
    for (const clip of clips) {
      this.#hold(clip).catch(() => undefined)
    }
  }

  /** Frees the compiled projection, once nothing is read any more; the reader can't be used after this. */
  async release(): Promise<void> {
    await Promise.allSettled([...this.#held.values()].map(({ frames }) => frames))
    await (await this.#projector)?.release()
  }

  #hold(clip: ClipFeatures): Promise<Frames> {
    const path = clip.features
    const held = this.#held.get(path) ?? { frames: this.#read(clip), bytes: 0 }
    if (!this.#held.delete(path)) {
      held.frames.then(
        ({ data }) => {
          held.bytes = data.byteLength
          this.#bytes += held.bytes
          this.#dropOldest()
        },
        () => this.#held.delete(path),
      )
    }
    this.#held.set(path, held)
    return held.frames
  }

  #dropOldest(): void {
    for (const [path, { bytes }] of this.#held) {
      if (this.#bytes <= CACHE_BYTES) {
        return
      }
      if (bytes === 0) {
        continue
      }
      this.#held.delete(path)
      this.#bytes -= bytes
    }
  }

  async #read(clip: ClipFeatures): Promise<Frames> {
    const { mean, scale, projection } = this.#transform
    const { rows, size, data } = await readFeatures(clip, this.#frames)
    if (size !== mean.length) {
      throw new VitrineError(
        'BAD_INPUT',
        `${clip.features} has ${size} features a frame where the model takes ${mean.length}.`,
        'Compute the features with the settings that the model was trained with.',
      )
    }
    for (let t = 0, i = 0; t < rows; t++) {
      for (let j = 0; j < size; j++, i++) {
        data[i] = (data[i]! - mean[j]!) * scale[j]!
      }
    }
    if (!projection) {
      return { rows, size, data }
    }
    const d = projection.length / size
    const raw = input('raw', [this.#frames, size])
    const axes = input('axes', [size, d])
    this.#projector ??= compile(
      { projected: ops.matmul(raw, axes) },
      { weights: new Map([['axes', { shape: axes.shape, data: projection }]]) },
    )
    const padded = new Float32Array(this.#frames * size)
    padded.set(data)
    const projected = floats(await (await this.#projector).run({ raw: tensorFor(raw, padded) }), 'projected')
    // The product's rows of padding are left behind.
    return { rows, size: d, data: projected.slice(0, rows * d) }
  }
}

/**
 * The transform for a run, from its training clips: mean and deviation of every feature over their frames
 * (Welford) and `projection` principal axes (0: none) of a sample of them. Of a large corpus an even
 * selection is read; every file's shape is checked. Throws NOT_FOUND or BAD_INPUT, naming the file, when one
 * is missing or does not fit.
 */
export async function measureTransform(
  clips: readonly ClipFeatures[],
  frames: number,
  projection: number,
  random: Random,
  signal: AbortSignal,
): Promise<FeatureTransform> {
  if (clips.length === 0) {
    throw new Error('no clips to measure')
  }
  const size = await checkShapes(clips, frames, signal)
  const measured = evenly(clips, MOST_MEASURED_CLIPS)
  const mean = new Float64Array(size)
  const squares = new Float64Array(size)
  let count = 0
  const every = Math.ceil((measured.length * frames) / MOST_SAMPLED_FRAMES)
  const sample: Float32Array[] = []
  for (const clip of measured) {
    if (signal.aborted) {
      throw new CancelledError()
    }
    const { rows, data } = await readFeatures(clip, frames)
    for (let t = 0; t < rows; t++, count++) {
      const row = data.subarray(t * size, (t + 1) * size)
      if (projection > 0 && count % every === 0) {
        sample.push(row.slice())
      }
      const share = 1 / (count + 1)
      for (let j = 0; j < size; j++) {
        const x = row[j]!
        const delta = x - mean[j]!
        mean[j] = mean[j]! + delta * share
        squares[j] = squares[j]! + delta * (x - mean[j]!)
      }
    }
  }
  const unit = squares.map((square) => {
    const deviation = Math.sqrt(square / count)
    return deviation < SMALLEST_DEVIATION ? 0 : 1 / deviation
  })
  if (projection === 0 || projection >= size) {
    return { mean: Float32Array.from(mean), scale: Float32Array.from(unit), projection: null }
  }
  const scaled = new Float32Array(sample.length * size)
  sample.forEach((row, i) => {
    row.forEach((x, j) => {
      scaled[i * size + j] = (x - (mean[j] ?? 0)) * (unit[j] ?? 0)
    })
  })
  const { axes, variance } = await principalAxes(scaled, sample.length, size, projection, random)
  // So that the components of x have a mean square of 1 (frames that are all alike have no variance to
  // scale).
  const shared = variance > 0 ? 1 / Math.sqrt(variance / projection) : 0
  return {
    mean: Float32Array.from(mean),
    scale: Float32Array.from(unit, (scale) => scale * shared),
    projection: axes,
  }
}

/** At most `most` of the items, evenly spread. */
const evenly = <T>(items: readonly T[], most: number): T[] =>
  items.filter(
    (_, i) =>
      Math.floor((i * most) / items.length) !== Math.floor(((i - 1) * most) / items.length) ||
      items.length <= most,
  )

/** The number of features a frame, the same in all files. Of several faults it names the first clip's. */
async function checkShapes(
  clips: readonly ClipFeatures[],
  frames: number,
  signal: AbortSignal,
): Promise<number> {
  let expected = 0
  for (let start = 0; start < clips.length; start += CHECKED_TOGETHER) {
    if (signal.aborted) {
      throw new CancelledError()
    }
    const chosen = clips.slice(start, start + CHECKED_TOGETHER)
    const shapes = await Promise.all(chosen.map(({ features }) => readNpyShape(features)))
    shapes.forEach((shape, i) => {
      const file = chosen[i]?.features ?? ''
      const { size } = rowsAndSize(shape, frames, file)
      expected ||= size
      if (size !== expected) {
        throw new VitrineError(
          'BAD_INPUT',
          `${file} has ${size} features a frame where ${clips[0]?.features} has ${expected}.`,
          'Compute the features of all clips with the same settings.',
        )
      }
    })
  }
  return expected
}
