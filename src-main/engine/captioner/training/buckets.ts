/**
 * Captions are dealt by length: a bucket is a compiled number of words T, and a batch holds captions of one
 * bucket, so that short captions don't pay for long ones.
 */
import { captionLength, longestCaption } from '../encoded-clips.ts'
import type { EncodedClip } from '../encoded-clips.ts'
import type { BatchSize } from '../minibatch.ts'

/** A bucket that saves less than this share of an epoch is not worth its compilation. */
const WORTHWHILE_SAVING = 0.04

/** A way to part lengths into buckets: where each bucket ends, and what an epoch costs then. */
interface Partition {
  cost: number
  ends: readonly number[]
}

/**
 * The numbers of words T, rising, to compile for, at most `maxBuckets`: those with which an epoch costs
 * least. `costOf(T)` is what one batch costs, full or not; a clip whose captions fall into several buckets
 * has an entry in each. Exact, by dynamic programming over the lengths that occur; every bucket fills a batch
 * of `size.clips`.
 */
export function chooseBuckets(
  clips: readonly EncodedClip[],
  size: BatchSize,
  maxBuckets: number,
  costOf: (words: number) => number,
): Partition {
  const longest = longestCaption(clips)
  const entries = countEntries(clips, size.captions, longest)
  const fewestEntries = Math.min(size.clips, entries[0]?.[longest] ?? 0)
  /** Of a bucket of the lengths from + 1 to `to`; a bucket must not be too small. */
  const bucketCost = (from: number, to: number): number => {
    const inBucket = entries[from]?.[to] ?? 0
    return inBucket < fewestEntries ? Infinity : Math.ceil(inBucket / size.clips) * costOf(to)
  }
  const single: Partition = { cost: bucketCost(0, longest), ends: [longest] }
  let chosen = single
  // cheapest[to]: of the lengths up to `to`, for a growing number of buckets.
  let cheapest = Array.from({ length: longest + 1 }, (_, to): Partition => {
    return { cost: to === 0 ? 0 : Infinity, ends: [] }
  })
  for (let buckets = 1; buckets <= maxBuckets; buckets++) {
    cheapest = withOneMoreBucket(cheapest, bucketCost)
    const partition = cheapest[longest]
    if (partition && partition.cost < chosen.cost - WORTHWHILE_SAVING * single.cost) {
      chosen = partition
    }
  }
  return chosen
}

/** entries[from][to]: entries of an epoch in a bucket of the lengths from + 1 to `to`. */
function countEntries(
  clips: readonly EncodedClip[],
  captionsPerEntry: number,
  longest: number,
): Float64Array[] {
  const entries = Array.from({ length: longest + 1 }, () => new Float64Array(longest + 1))
  const captionsOfLength = new Uint32Array(longest + 1)
  for (const clip of clips) {
    captionsOfLength.fill(0)
    clip.ends.forEach((_, c) => {
      captionsOfLength[captionLength(clip, c)]! += 1
    })
    for (let from = 0; from < longest; from++) {
      let captions = 0
      for (let to = from + 1; to <= longest; to++) {
        captions += captionsOfLength[to]!
        entries[from]![to]! += Math.ceil(captions / captionsPerEntry)
      }
    }
  }
  return entries
}

/** The cheapest partitions of the lengths up to each, with one bucket more. */
function withOneMoreBucket(
  cheapest: readonly Partition[],
  bucketCost: (from: number, to: number) => number,
): Partition[] {
  return cheapest.map((_, to) => {
    let best: Partition = { cost: Infinity, ends: [] }
    cheapest.slice(0, to).forEach(({ cost: costBefore, ends }, from) => {
      const cost = costBefore + bucketCost(from, to)
      if (cost < best.cost) {
        best = { cost, ends: [...ends, to] }
      }
    })
    return best
  })
}
