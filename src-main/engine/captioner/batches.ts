/**
 * Minibatches: B clips times C of their captions, so that the encoder runs once a clip. An epoch deals every
 * caption once. Captions are dealt by length: a bucket is a compiled number of words T, and a batch holds
 * captions of one bucket, so that short captions don't pay for long ones. What an epoch deals is a pure
 * function of the seed and the epoch's number: a run that is resumed at any step goes on exactly as it would
 * have.
 */
import type { CaptionedClip, ClipFeatures } from '../../engine-host/contract/index.ts'
import { createRandom } from '../../common/random.ts'
import type { Random } from '../../common/random.ts'
import { END, PAD, START, wordIds } from './vocabulary.ts'
import type { Vocabulary } from './vocabulary.ts'

/** A clip with its captions as word ids: many, so they lie in one array. */
export interface EncodedClip extends ClipFeatures {
  topics: readonly number[]
  /** The ids of all captions, one caption after the other. */
  words: Int32Array
  /** Where each caption ends in `words`. */
  ends: Int32Array
}

export interface BatchShape {
  /** B clips a batch, C captions a clip, T words a caption (the end word included). */
  clips: number
  captions: number
  words: number
}

/** A clip of a batch and which of its captions (at most C) are dealt. */
export interface Place {
  clip: EncodedClip
  captions: readonly number[]
}

/** A batch of a plan: at most B places, all of bucket `bucket`. */
export interface PlannedBatch {
  bucket: number
  places: readonly Place[]
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
export function encodeClips(
  clips: readonly CaptionedClip[],
  vocabulary: Vocabulary,
  maxWords: number,
): EncodedClip[] {
  return clips.flatMap(({ id, features, topics, captions }) => {
    const encoded = captions
      .map((caption) => wordIds(vocabulary, caption, maxWords))
      .filter((ids) => ids.length > 0)
    if (encoded.length === 0) {
      return []
    }
    let end = 0
    return [
      {
        id,
        features,
        topics,
        words: Int32Array.from(encoded.flat()),
        ends: Int32Array.from(encoded, (ids) => (end += ids.length)),
      },
    ]
  })
}

/** The word ids of a clip's caption `c`. */
export const captionWords = ({ words, ends }: EncodedClip, c: number): Int32Array =>
  words.subarray(c === 0 ? 0 : ends[c - 1], ends[c])

/** T that a clip's caption `c` needs: its words and the end word. */
const lengthOf = ({ ends }: EncodedClip, c: number): number =>
  (ends[c] ?? 0) - (c === 0 ? 0 : (ends[c - 1] ?? 0)) + 1

/** A bucket that saves less than this share of an epoch is not worth its compilation. */
const WORTH = 0.04

/**
 * The numbers of words T, rising, to compile for, at most `most`: those with which an epoch costs least.
 * `costOf(T)` is what one batch costs, full or not; a clip whose captions fall into several buckets takes
 * places in each. Exact, by dynamic programming over the lengths that occur; every bucket fills a batch of
 * `shape.clips`.
 */
export function chooseBuckets(
  clips: readonly EncodedClip[],
  shape: Omit<BatchShape, 'words'>,
  most: number,
  costOf: (words: number) => number,
): number[] {
  const longest = clips.reduce(
    (most, clip) => clip.ends.reduce((own, _, c) => Math.max(own, lengthOf(clip, c)), most),
    0,
  )
  // places[from][to]: places of an epoch in a bucket of the lengths from + 1 to `to`.
  const places = Array.from({ length: longest + 1 }, () => new Float64Array(longest + 1))
  const counts = new Uint32Array(longest + 1)
  for (const clip of clips) {
    counts.fill(0)
    clip.ends.forEach((_, c) => {
      counts[lengthOf(clip, c)] = (counts[lengthOf(clip, c)] ?? 0) + 1
    })
    for (let from = 0; from < longest; from++) {
      const row = places[from]
      let captions = 0
      for (let to = from + 1; row && to <= longest; to++) {
        captions += counts[to] ?? 0
        row[to] = (row[to] ?? 0) + Math.ceil(captions / shape.captions)
      }
    }
  }
  const fewest = Math.min(shape.clips, places[0]?.[longest] ?? 0)
  const costIn = (from: number, to: number): number =>
    Math.ceil((places[from]?.[to] ?? 0) / shape.clips) * costOf(to)
  const single = costIn(0, longest)
  // best[to]: cheapest way to serve the lengths up to `to`, for a growing number of buckets.
  let best: { cost: number; ends: number[] }[] = Array.from({ length: longest + 1 }, (_, to) =>
    to === 0 ? { cost: 0, ends: [] } : { cost: Infinity, ends: [] },
  )
  let chosen = [longest]
  let chosenCost = single
  for (let buckets = 1; buckets <= most; buckets++) {
    const next: typeof best = best.map(() => ({ cost: Infinity, ends: [] }))
    for (let to = 1; to <= longest; to++) {
      for (let from = 0; from < to; from++) {
        const before = best[from]
        const cost = (before?.cost ?? Infinity) + costIn(from, to)
        if (before && (places[from]?.[to] ?? 0) >= fewest && cost < (next[to]?.cost ?? Infinity)) {
          next[to] = { cost, ends: [...before.ends, to] }
        }
      }
    }
    best = next
    const found = best[longest]
    if (found && found.cost < chosenCost - WORTH * single) {
      chosen = found.ends
      chosenCost = found.cost
    }
  }
  return chosen
}

/** What chance decides in a run, and how often anew: once, every epoch, or every step. */
const PURPOSES = { transform: 1, parameters: 2, topics: 3, places: 4, order: 5, dropout: 6 } as const

/**
 * The generator of one purpose, by its number (an epoch, a step): a function of the seed, so no generator has
 * a state to keep.
 */
export const chance = (seed: number, purpose: keyof typeof PURPOSES, number = 0): Random =>
  createRandom(
    Math.imul(seed, 0x9e3779b1) ^
      Math.imul(number + 1, 0x85ebca6b) ^
      Math.imul(PURPOSES[purpose], 0xc2b2ae35),
  )

/**
 * The batches of epoch `epoch`: every caption of `clips` once. Batches of one bucket follow each other in
 * runs of `run`, so that several steps can be taken in one call; the runs come in a new order every epoch.
 * Every epoch has equally many.
 */
export function planEpoch(
  clips: readonly EncodedClip[],
  buckets: readonly number[],
  shape: Omit<BatchShape, 'words'>,
  run: number,
  seed: number,
  epoch: number,
): PlannedBatch[] {
  const dealing = chance(seed, 'places', epoch)
  const placesOf: Place[][] = buckets.map(() => [])
  for (const clip of clips) {
    const ofBucket: number[][] = buckets.map(() => [])
    clip.ends.forEach((_, c) => ofBucket[buckets.findIndex((words) => lengthOf(clip, c) <= words)]?.push(c))
    ofBucket.forEach((captions, bucket) => {
      for (const own of evenly(dealing.shuffle(captions), shape.captions)) {
        placesOf[bucket]?.push({ clip, captions: own })
      }
    })
  }
  const runs = placesOf.flatMap((places, bucket) => {
    const batches = evenly(dealing.shuffle(places), shape.clips).map((own): PlannedBatch => ({
      bucket,
      places: own,
    }))
    return evenly(batches, run)
  })
  return chance(seed, 'order', epoch).shuffle(runs).flat()
}

/** Cuts a list into as few parts of at most `most` items as possible, as equal as possible. */
function evenly<T>(items: readonly T[], most: number): T[][] {
  const parts = Math.ceil(items.length / most)
  return Array.from({ length: parts }, (_, i) =>
    items.slice(Math.floor((i * items.length) / parts), Math.floor(((i + 1) * items.length) / parts)),
  )
}

/** Lays out the places of a batch; what B and C leave over are empty rows, with weight 0. */
export function layOut(places: readonly Place[], shape: BatchShape, topicCount: number): CaptionBatch {
  const { clips: B, captions: C, words: T } = shape
  const R = B * C
  const words = new BigInt64Array(T * R).fill(BigInt(PAD))
  const targets = new BigInt64Array(T * R).fill(BigInt(PAD))
  const wordMask = new Float32Array(T * R)
  const captionWeight = new Float32Array(R)
  const topics = new Float32Array(B * topicCount)
  const total = captionCount(places)
  places.forEach(({ clip, captions }, b) => {
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
  // Empty places still need features: any clip will do, its rows weigh nothing.
  const [any] = places
  if (!any) {
    throw new Error('a batch needs a clip')
  }
  const clips = Array.from({ length: B }, (_, b) => (places[b] ?? any).clip)
  return { clips, words, targets, wordMask, captionWeight, topics }
}

/** Captions of some places together. */
export const captionCount = (places: readonly Place[]): number =>
  places.reduce((count, { captions }) => count + captions.length, 0)
