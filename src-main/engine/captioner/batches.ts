/**
 * Minibatches: B clips times C of their captions, so that the encoder runs once a clip. Each epoch visits every clip
 * about (its captions)/C times, in a new order; a clip deals its captions from a shuffled pack and shuffles again when
 * the pack runs out, so over the epochs all captions of a clip come equally often (between clips only about, as visits
 * are whole). A clip with fewer than C captions leaves rows empty, with weight 0.
 */
import type { CaptionedClip } from '../contract.ts'
import type { Random } from '../random.ts'
import { END, PAD, START, wordIds } from './vocabulary.ts'
import type { Vocabulary } from './vocabulary.ts'

/** A clip with its captions as word ids. */
export interface EncodedClip extends CaptionedClip {
  words: number[][]
}

export interface BatchShape {
  /** B clips a batch, C captions a clip, T words a caption (the end word included). */
  clips: number
  captions: number
  words: number
}

/** One minibatch but for its features: which clips, and the arrays of BatchLeaves, row-major. */
export interface CaptionBatch {
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

/** Clips with captions as ids; those without any are left out. */
export function encodeClips(clips: readonly CaptionedClip[], vocabulary: Vocabulary, maxWords: number): EncodedClip[] {
  return clips
    .map((clip) => ({ ...clip, words: clip.captions.map((caption) => wordIds(vocabulary, caption, maxWords)).filter((ids) => ids.length > 0) }))
    .filter((clip) => clip.words.length > 0)
}

/** T for these clips: their longest caption and the end word. */
export const longestCaption = (clips: readonly EncodedClip[]): number =>
  clips.reduce((longest, clip) => clip.words.reduce((most, words) => Math.max(most, words.length), longest), 0) + 1

/** Lays out some captions of some clips (at most B clips, at most C captions each) as one batch; the rest is empty rows. */
export function layOut(chosen: readonly { clip: EncodedClip; captions: readonly number[][] }[], shape: BatchShape, topicCount: number): CaptionBatch {
  const { clips: B, captions: C, words: T } = shape
  const R = B * C
  const words = new BigInt64Array(T * R).fill(BigInt(PAD))
  const targets = new BigInt64Array(T * R).fill(BigInt(PAD))
  const wordMask = new Float32Array(T * R)
  const captionWeight = new Float32Array(R)
  const topics = new Float32Array(B * topicCount)
  const total = chosen.reduce((count, { captions }) => count + captions.length, 0)
  chosen.forEach(({ clip, captions }, b) => {
    for (const topic of clip.topics) topics[b * topicCount + topic] = 1
    captions.forEach((ids, c) => {
      const row = b * C + c
      captionWeight[row] = 1 / total
      const fed = [START, ...ids].slice(0, T)
      const predicted = [...ids, END].slice(0, T)
      predicted.forEach((id, t) => {
        words[t * R + row] = BigInt(fed[t] ?? PAD)
        targets[t * R + row] = BigInt(id)
        wordMask[t * R + row] = 1
      })
    })
  })
  // Empty places still need features: any clip will do, its rows weigh nothing.
  const [any] = chosen
  if (!any) throw new Error('a batch needs a clip')
  const clips = Array.from({ length: B }, (_, b) => (chosen[b] ?? any).clip)
  return { clips, words, targets, wordMask, captionWeight, topics }
}

/** Deals minibatches without end. */
export class BatchSampler {
  /** Batches that make an epoch; the last of one may run into the next. */
  readonly batchesPerEpoch: number
  /** Captions dealt so far. */
  dealt = 0
  #visits: EncodedClip[]
  #queue: EncodedClip[] = []
  #packs = new Map<number, number[][]>()
  readonly #shape: BatchShape
  readonly #topicCount: number
  readonly #random: Random

  constructor(clips: readonly EncodedClip[], shape: BatchShape, topicCount: number, random: Random) {
    this.#shape = shape
    this.#topicCount = topicCount
    this.#random = random
    this.#visits = clips.flatMap((clip) => new Array<EncodedClip>(Math.max(1, Math.round(clip.words.length / shape.captions))).fill(clip))
    this.batchesPerEpoch = Math.max(1, Math.ceil(this.#visits.length / shape.clips))
  }

  next(): CaptionBatch {
    const chosen: { clip: EncodedClip; captions: number[][] }[] = []
    while (chosen.length < Math.min(this.#shape.clips, this.#visits.length)) {
      if (this.#queue.length === 0) this.#queue = this.#random.shuffle([...this.#visits])
      const clip = this.#queue.pop()
      if (clip) chosen.push({ clip, captions: this.#deal(clip) })
    }
    return layOut(chosen, this.#shape, this.#topicCount)
  }

  #deal(clip: EncodedClip): number[][] {
    const count = Math.min(this.#shape.captions, clip.words.length)
    let pack = this.#packs.get(clip.id) ?? []
    const dealt: number[][] = []
    while (dealt.length < count) {
      if (pack.length === 0) pack = this.#random.shuffle([...clip.words])
      const caption = pack.pop()
      if (caption) dealt.push(caption)
    }
    this.#packs.set(clip.id, pack)
    this.dealt += count
    return dealt
  }
}
