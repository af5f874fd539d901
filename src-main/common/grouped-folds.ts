/**
 * Folds of a cross-validation in which groups stay together: what was cut from one video is never learnt from and asked
 * about at the same time, or a classifier would recognise the video and not the class.
 */
import { grouped } from './grouped.ts'
import type { Random } from './random.ts'

/** A clip as folds see it: its class, from 0, and what it must stay together with. */
export interface GroupedClip {
  class: number
  group: string
}

/**
 * A fold for every clip, 0 to `folds` - 1. Groups go whole, those that tell classes apart most first, each to the fold
 * that has least of its classes (as scikit-learn's StratifiedGroupKFold does). Where each clip is a group of its own, every
 * class is spread as evenly as it goes. The same state of `random` gives the same folds.
 */
export function dealFolds(clips: readonly GroupedClip[], folds: number, random: Random): number[] {
  const sizes = classSizes(clips)
  const groups = random.shuffle([
    ...grouped(
      clips.keys(),
      (place) => clips[place]!.group,
      (place) => place,
    ).values(),
  ])
  const dealt = groups
    .map((places) => ({ places, counts: countsOf(places, clips) }))
    .sort((a, b) => weightOf(b.counts, sizes) - weightOf(a.counts, sizes))
  const held = Array.from({ length: folds }, () => ({ ofClass: new Float64Array(sizes.length), clips: 0 }))
  const foldOf = new Array<number>(clips.length).fill(0)
  for (const { places, counts } of dealt) {
    const crowds = held.map(({ ofClass }) =>
      [...counts].reduce((sum, [k, n]) => sum + (ofClass[k]! * n) / sizes[k]! ** 2, 0),
    )
    const fold = leastOf(held, (a, b) => crowds[a]! - crowds[b]! || held[a]!.clips - held[b]!.clips)
    for (const place of places) {
      foldOf[place] = fold
      held[fold]!.ofClass[clips[place]!.class]! += 1
    }
    held[fold]!.clips += places.length
  }
  return foldOf
}

/** How many clips each class has. */
export function classSizes(clips: readonly GroupedClip[]): number[] {
  const sizes = new Array<number>(1 + clips.reduce((most, clip) => Math.max(most, clip.class), -1)).fill(0)
  for (const clip of clips) {
    sizes[clip.class]! += 1
  }
  return sizes
}

function countsOf(places: readonly number[], clips: readonly GroupedClip[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const place of places) {
    const k = clips[place]!.class
    counts.set(k, (counts.get(k) ?? 0) + 1)
  }
  return counts
}

/** How much of its classes a group holds: the larger, the harder it is to place. */
const weightOf = (counts: ReadonlyMap<number, number>, sizes: readonly number[]): number =>
  [...counts].reduce((sum, [k, n]) => sum + (n / sizes[k]!) ** 2, 0)

/** The first place that no other is less than. */
const leastOf = (places: readonly unknown[], compare: (a: number, b: number) => number): number =>
  [...places.keys()].reduce((least, place) => (compare(place, least) < 0 ? place : least), 0)
