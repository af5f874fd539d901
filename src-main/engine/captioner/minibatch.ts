/**
 * One minibatch: B clips times C of their captions, so that the encoder runs once a clip, not once a caption.
 * Its shape, the leaves through which a graph is fed it, and its arrays.
 */
import { input } from '../graph/value.ts'
import type { Input } from '../graph/value.ts'
import type { Tensor } from '../graph/runtime.ts'
import { tensorFor } from '../graph/session.ts'
import { captionWords } from './encoded-clips.ts'
import type { EncodedClip } from './encoded-clips.ts'
import type { FeatureReader } from './features.ts'
import type { Architecture } from './parameters.ts'
import { END, PAD, START } from './vocabulary.ts'

export interface BatchSize {
  /** B clips a batch, C captions a clip. */
  clips: number
  captions: number
}

export interface BatchShape extends BatchSize {
  /** T words a caption (the end word included). */
  words: number
}

/** A clip of a batch and which of its captions (at most C) are in it. */
export interface BatchEntry {
  clip: EncodedClip
  captions: readonly number[]
}

/** Captions of some entries together. */
export const captionCount = (entries: readonly BatchEntry[]): number =>
  entries.reduce((count, { captions }) => count + captions.length, 0)

/** A minibatch: leaves fed for every step. */
export interface BatchLeaves {
  /** float [n, B, F] and [n, B]. */
  features: Input
  frameMask: Input
  /** float [B, K]. */
  topics: Input
  /** int64 [T, R]: the words fed (from the start word on), and those to predict (to the end word). */
  words: Input
  targets: Input
  /** float [T, R]: 1 where there is a word to predict. */
  wordMask: Input
  /** float [R]: each caption's share of the batch; sums to 1 (0 where a clip has fewer captions than C). */
  captionWeight: Input
}

/** The leaves of one minibatch. */
export function batchLeaves(
  { frames, inputSize, topics }: Architecture,
  { clips, captions, words }: BatchShape,
): BatchLeaves {
  const rows = clips * captions
  return {
    features: input('batch.features', [frames, clips, inputSize]),
    frameMask: input('batch.frame_mask', [frames, clips]),
    topics: input('batch.topics', [clips, topics]),
    words: input('batch.words', [words, rows], 'int64'),
    targets: input('batch.targets', [words, rows], 'int64'),
    wordMask: input('batch.word_mask', [words, rows]),
    captionWeight: input('batch.caption_weight', [rows]),
  }
}

/** One minibatch but for its features: which clips, and the arrays of BatchLeaves, row-major. */
export interface BatchArrays {
  clips: EncodedClip[]
  /** int64 [T, R]. */
  words: BigInt64Array
  targets: BigInt64Array
  /** float [T, R] and [R]. */
  wordMask: Float32Array
  captionWeight: Float32Array
  /** float [B, K]. */
  topics: Float32Array
}

/** Lays out the entries of a batch; what B and C leave over are empty rows, with weight 0. */
export function layOut(entries: readonly BatchEntry[], shape: BatchShape, topicCount: number): BatchArrays {
  const { clips: B, captions: C, words: T } = shape
  const R = B * C
  const words = new BigInt64Array(T * R).fill(BigInt(PAD))
  const targets = new BigInt64Array(T * R).fill(BigInt(PAD))
  const wordMask = new Float32Array(T * R)
  const captionWeight = new Float32Array(R)
  const topics = new Float32Array(B * topicCount)
  const total = captionCount(entries)
  entries.forEach(({ clip, captions }, b) => {
    for (const topic of clip.topics) {
      topics[b * topicCount + topic] = 1
    }
    captions.forEach((caption, c) => {
      const row = b * C + c
      captionWeight[row] = 1 / total
      const ids = captionWords(clip, caption)
      for (let t = 0; t < Math.min(ids.length + 1, T); t++) {
        words[t * R + row] = BigInt(t === 0 ? START : (ids[t - 1] ?? PAD))
        targets[t * R + row] = BigInt(ids[t] ?? END)
        wordMask[t * R + row] = 1
      }
    })
  })
  // Empty entries still need features: any clip will do, its rows weigh nothing.
  const [first] = entries
  if (!first) {
    throw new Error('a batch needs a clip')
  }
  const clips = Array.from({ length: B }, (_, b) => (entries[b] ?? first).clip)
  return { clips, words, targets, wordMask, captionWeight, topics }
}

/** The arrays of one minibatch, by leaf name. */
export async function batchFeeds(
  leaves: BatchLeaves,
  batch: BatchArrays,
  reader: FeatureReader,
): Promise<Map<string, Tensor['data']>> {
  const { features, mask } = await reader.batch(batch.clips)
  const name = (leaf: Input) => leaf.name
  return new Map<string, Tensor['data']>([
    [name(leaves.features), features],
    [name(leaves.frameMask), mask],
    [name(leaves.topics), batch.topics],
    [name(leaves.words), batch.words],
    [name(leaves.targets), batch.targets],
    [name(leaves.wordMask), batch.wordMask],
    [name(leaves.captionWeight), batch.captionWeight],
  ])
}

/** The same as tensors, for a graph that takes one minibatch. */
export function batchTensors(
  leaves: BatchLeaves,
  arrays: ReadonlyMap<string, Tensor['data']>,
): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {}
  for (const leaf of Object.values<Input>({ ...leaves })) {
    const name = leaf.name
    const array = arrays.get(name)
    if (!array) {
      throw new Error(`a batch lacks ${name}`)
    }
    tensors[name] = tensorFor(leaf, array)
  }
  return tensors
}
