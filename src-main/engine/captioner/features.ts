/**
 * Clips' frame features: read from their .npy files, transformed, padded and masked. A corpus may have far
 * more of them than memory: files are read as they are wanted, ahead of time where the caller knows what it
 * will want, and a bounded cache keeps those used last. While a training step has the cores, JavaScript
 * should have little to do: bytes are taken as they are, and the projection is a compiled product.
 */
import type { ClipFeatures } from '../../engine-host/contract/index.ts'
import * as ops from '../graph/ops.ts'
import { compile } from '../graph/runtime.ts'
import type { Session } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { input } from '../graph/value.ts'
import { failures } from './failures.ts'
import { filesOf, readFeatures } from './feature-files.ts'
import type { FrameFeatures } from './feature-files.ts'
import { inputSizeOf } from './feature-transform.ts'
import type { FeatureTransform } from './feature-transform.ts'

/** Transformed features that stay in memory. */
const CACHE_BYTES = 128 * 2 ** 20

/** Features of some clips, ready for the graph. */
export interface FeatureBatch {
  /** [n, B, d], time first, zero where padded. */
  features: Float32Array
  /** [n, B]: 1 where there is a frame. */
  mask: Float32Array
}

/** A clip's transformed features, as many rows as it has frames. */
interface CachedFeatures {
  features: Promise<FrameFeatures>
  /** 0 while it is being read. */
  bytes: number
}

/** Reads clips as the network sees them. */
export class FeatureReader {
  readonly #frames: number
  readonly #transform: FeatureTransform
  /** By the paths of its files, those used last at the end. */
  readonly #cache = new Map<string, CachedFeatures>()
  #cachedBytes = 0
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
    const featuresOfClips = await Promise.all(clips.map((clip) => this.#cached(clip)))
    featuresOfClips.forEach(({ rows, data }, b) => {
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
      this.#cached(clip).catch(() => undefined)
    }
  }

  /** Frees the compiled projection, once nothing is read any more; the reader can't be used after this. */
  async release(): Promise<void> {
    await Promise.allSettled([...this.#cache.values()].map(({ features }) => features))
    await (await this.#projector)?.release()
  }

  #cached(clip: ClipFeatures): Promise<FrameFeatures> {
    const paths = pathsOf(clip)
    const cached = this.#cache.get(paths) ?? this.#beginToRead(clip)
    // Moves it to the end.
    this.#cache.delete(paths)
    this.#cache.set(paths, cached)
    return cached.features
  }

  #beginToRead(clip: ClipFeatures): CachedFeatures {
    const cached: CachedFeatures = { features: this.#read(clip), bytes: 0 }
    cached.features.then(
      ({ data }) => {
        cached.bytes = data.byteLength
        this.#cachedBytes += cached.bytes
        this.#dropOldest()
      },
      () => this.#cache.delete(pathsOf(clip)),
    )
    return cached
  }

  #dropOldest(): void {
    for (const [paths, { bytes }] of this.#cache) {
      if (this.#cachedBytes <= CACHE_BYTES) {
        return
      }
      if (bytes === 0) {
        continue
      }
      this.#cache.delete(paths)
      this.#cachedBytes -= bytes
    }
  }

  async #read(clip: ClipFeatures): Promise<FrameFeatures> {
    const { mean, scale, projection } = this.#transform
    const raw = await readFeatures(clip, this.#frames)
    const { rows, size, data } = raw
    if (size !== mean.length) {
      throw failures.featureSizeOfModel({ file: clip.features, size, expected: mean.length })
    }
    for (let t = 0, i = 0; t < rows; t++) {
      for (let j = 0; j < size; j++, i++) {
        data[i] = (data[i]! - mean[j]!) * scale[j]!
      }
    }
    return projection ? this.#project(raw, projection) : raw
  }

  async #project({ rows, size, data }: FrameFeatures, projection: Float32Array): Promise<FrameFeatures> {
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

/** What tells the features of clips apart. */
const pathsOf = (clip: ClipFeatures): string =>
  filesOf(clip)
    .map(({ features, rows }) => (rows === undefined ? features : `${features} ${rows.join(' ')}`))
    .join('\n')
