/**
 * Which captions are in which minibatch. An epoch deals every caption once. What an epoch deals is a pure
 * function of the seed and the epoch's number: a run that is resumed at any step goes on exactly as it would
 * have.
 */
import { captionLength } from '../encoded-clips.ts'
import type { EncodedClip } from '../encoded-clips.ts'
import type { BatchEntry, BatchSize } from '../minibatch.ts'
import type { Architecture } from '../parameters.ts'
import { randomStream } from '../random-streams.ts'
import { chooseBuckets } from './buckets.ts'
import { MAX_STEPS_PER_CALL } from './call-pace.ts'
import { stepCost } from './step-cost.ts'

/** Batches of one bucket follow each other in at most this share of an epoch. */
const LONGEST_RUN = 1 / 8

/** A batch of a plan: at most B entries, all of bucket `bucket`. */
export interface PlannedBatch {
  bucket: number
  entries: readonly BatchEntry[]
}

interface BatchSizeAndBuckets {
  size: BatchSize
  /** Numbers of words, rising: see `chooseBuckets`. */
  buckets: readonly number[]
}

interface EpochPlan extends BatchSizeAndBuckets {
  clips: readonly EncodedClip[]
  /** Batches of one bucket follow each other in runs of so many, so that one call can take several steps. */
  runLength: number
  seed: number
  epoch: number
}

/**
 * The batches of an epoch: every caption of `clips` once. The runs come in a new order every epoch. Every
 * epoch has equally many batches.
 */
export function planEpoch({ clips, buckets, size, runLength, seed, epoch }: EpochPlan): PlannedBatch[] {
  const random = randomStream(seed, 'entries', epoch)
  const entriesOf: BatchEntry[][] = buckets.map(() => [])
  for (const clip of clips) {
    const captionsOf: number[][] = buckets.map(() => [])
    clip.ends.forEach((_, c) =>
      captionsOf[buckets.findIndex((words) => captionLength(clip, c) <= words)]?.push(c),
    )
    captionsOf.forEach((captions, bucket) => {
      for (const part of evenParts(random.shuffle(captions), size.captions)) {
        entriesOf[bucket]?.push({ clip, captions: part })
      }
    })
  }
  const runs = entriesOf.flatMap((entries, bucket) => {
    const batches = evenParts(random.shuffle(entries), size.clips).map((part): PlannedBatch => ({
      bucket,
      entries: part,
    }))
    return evenParts(batches, runLength)
  })
  return randomStream(seed, 'order', epoch).shuffle(runs).flat()
}

/** Cuts a list into as few parts of at most `maxLength` elements as possible, as equal as possible. */
function evenParts<T>(list: readonly T[], maxLength: number): T[][] {
  const parts = Math.ceil(list.length / maxLength)
  return Array.from({ length: parts }, (_, i) =>
    list.slice(Math.floor((i * list.length) / parts), Math.floor(((i + 1) * list.length) / parts)),
  )
}

/**
 * The size of a minibatch and the buckets, as settings and captions ask for them. Where the settings give the
 * captions of a minibatch alone, the size is the one with which an epoch costs least: many captions of a clip
 * share its encoder, but few clips have so many captions of one length, and places that stay empty cost as much
 * as others.
 */
export function batchSizeAndBuckets(
  architecture: Architecture,
  clips: readonly EncodedClip[],
): BatchSizeAndBuckets {
  const { batchCaptions, batchClips, captionsPerClip, lengthBuckets } = architecture.settings
  const sizes =
    batchCaptions > 0
      ? sizesOf(batchCaptions, clips)
      : [{ clips: Math.min(batchClips, clips.length), captions: captionsPerClip }]
  const choices = sizes.map((size) => {
    const costOf = (words: number): number => stepCost(architecture, { ...size, words })
    const { cost, ends } = chooseBuckets(clips, size, lengthBuckets, costOf)
    return { cost, size, buckets: ends }
  })
  const { size, buckets } = choices.reduce((best, choice) => (choice.cost < best.cost ? choice : best))
  return { size, buckets }
}

/** Minibatches of about so many captions: from one caption a clip to all that a clip has. */
function sizesOf(batchCaptions: number, clips: readonly EncodedClip[]): BatchSize[] {
  const most = clips.reduce((longest, { ends }) => Math.max(longest, ends.length), 1)
  const perClip = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 32, 64].filter((captions) => captions <= most)
  return perClip.map((captions) => ({
    clips: Math.min(Math.ceil(batchCaptions / captions), clips.length),
    captions,
  }))
}

/** Deals the minibatches of a training run by step. */
export class MinibatchSampler {
  /** B and C of its minibatches, and their numbers of words T, rising. */
  readonly shape: BatchSizeAndBuckets
  readonly batchesPerEpoch: number
  /** Captions of an epoch. */
  readonly captions: number
  readonly #clips: readonly EncodedClip[]
  readonly #seed: number
  readonly #runLength: number
  /** The plan of one epoch is kept. */
  #plan: { epoch: number; batches: PlannedBatch[] } | null = null

  constructor(architecture: Architecture, clips: readonly EncodedClip[], seed: number) {
    this.shape = batchSizeAndBuckets(architecture, clips)
    this.#clips = clips
    this.captions = clips.reduce((sum, { ends }) => sum + ends.length, 0)
    this.#seed = seed
    this.batchesPerEpoch = planEpoch({ ...this.shape, clips, runLength: 1, seed, epoch: 0 }).length
    this.#runLength = Math.max(
      1,
      Math.min(MAX_STEPS_PER_CALL, Math.floor(LONGEST_RUN * this.batchesPerEpoch)),
    )
  }

  /** What the steps of an epoch cost together, in `stepCost`'s units. */
  epochCost(architecture: Architecture): number {
    const { size, buckets } = this.shape
    const costs = buckets.map((words) => stepCost(architecture, { ...size, words }))
    return this.#batchesOf(0).reduce((sum, { bucket }) => sum + costs[bucket]!, 0)
  }

  /** The batches of the steps after `from` up to `to`, as far as they are of one bucket and one epoch. */
  batches(from: number, to: number): { bucket: number; batches: PlannedBatch[] } {
    const epoch = Math.floor(from / this.batchesPerEpoch)
    const start = epoch * this.batchesPerEpoch
    const upcoming = this.#batchesOf(epoch).slice(from - start, to - start)
    const [first] = upcoming
    if (!first) {
      throw new Error(`there is no batch for step ${from}`)
    }
    const change = upcoming.findIndex(({ bucket }) => bucket !== first.bucket)
    return { bucket: first.bucket, batches: change < 0 ? upcoming : upcoming.slice(0, change) }
  }

  #batchesOf(epoch: number): PlannedBatch[] {
    if (this.#plan?.epoch !== epoch) {
      const batches = planEpoch({
        ...this.shape,
        clips: this.#clips,
        runLength: this.#runLength,
        seed: this.#seed,
        epoch,
      })
      this.#plan = { epoch, batches }
    }
    return this.#plan.batches
  }
}
