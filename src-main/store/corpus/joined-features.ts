/**
 * Features of a clip that are joined of several sets: frame by frame the values of one, then those of the next. Where the
 * sets saw other frames, the one that saw most of the clip gives the frames, and each other gives for every one of them
 * the nearest that it has.
 */

import { featuresOfFrame } from '../../common/cells.ts'

/** A file of features, and what is known of its frames. */
export interface StoredFeatures {
  path: string
  sha256: string
  frames: number
  /** Rows and columns that each frame is cut into. */
  cells: number
  dimension: number
  /** Times of its frames in seconds; empty where nobody knows them. */
  frameTimes: number[]
  /** They came with features that were computed elsewhere: the frames may be any. */
  areTimesGiven: boolean
}

/** A file whose values are a part of a clip's features. */
export interface FeaturePart {
  path: string
  sha256: string
  /** Which of its rows each cell of a frame takes; null: each its own. */
  rows: readonly number[] | null
}

/** A clip's features, of one set or joined of several. */
export interface ClipFeature {
  frames: number
  /** Rows and columns that each frame is cut into. */
  cells: number
  dimension: number
  /** In seconds; empty where nobody knows them. */
  frameTimes: number[]
  areTimesGiven: boolean
  parts: FeaturePart[]
}

/** Joins features of a clip in their order. Those of a set whose frames are not cut stand beside each cell. */
export function joinFeatures(parts: readonly StoredFeatures[]): ClipFeature {
  const most = Math.max(...parts.map(({ frames }) => frames))
  const lead = parts.find(({ frames }) => frames === most)!
  const cells = Math.max(...parts.map((part) => part.cells))
  return {
    frames: lead.frames,
    cells,
    dimension: parts.reduce((sum, { dimension }) => sum + dimension, 0),
    frameTimes: lead.frameTimes,
    areTimesGiven: lead.areTimesGiven,
    parts: parts.map((part) => ({
      path: part.path,
      sha256: part.sha256,
      rows: rowsFor(part, part === lead ? null : nearestFrames(lead, part), cells),
    })),
  }
}

/** For each cell of each frame the row of a part; null where each has its own. `nearest`: by frame, the part's. */
function rowsFor(
  { frames, cells: ownCells }: StoredFeatures,
  nearest: readonly number[] | null,
  cells: number,
): number[] | null {
  if (nearest === null && ownCells === cells) {
    return null
  }
  const count = featuresOfFrame(cells)
  return (nearest ?? Array.from({ length: frames }, (_, frame) => frame)).flatMap((frame) =>
    Array.from({ length: count }, (_, cell) => (ownCells === cells ? frame * count + cell : frame)),
  )
}

/** For each frame the nearest that a part has; null where each has its own. */
function nearestFrames(lead: StoredFeatures, part: StoredFeatures): number[] | null {
  const areTimed = lead.frameTimes.length > 0 && part.frameTimes.length > 0
  // Where nobody knows the times, both are spread evenly over the clip.
  const placesOf = ({ frames, frameTimes }: StoredFeatures): readonly number[] =>
    areTimed ? frameTimes : Array.from({ length: frames }, (_, i) => (i + 0.5) / frames)
  const nearest = nearestRows(placesOf(lead), placesOf(part))
  return part.frames === lead.frames && nearest.every((frame, i) => frame === i) ? null : nearest
}

/** The place of the value nearest to each wanted one, the later of two; both rise. */
export function nearestRows(wanted: readonly number[], there: readonly number[]): number[] {
  let place = 0
  return wanted.map((value) => {
    while (
      place + 1 < there.length &&
      Math.abs(there[place + 1]! - value) <= Math.abs(there[place]! - value)
    ) {
      place++
    }
    return place
  })
}

/** Times of frames that are spread evenly over a clip, as of the first frame of each part; none without its duration. */
export const evenTimes = (frames: number, duration: number | null): number[] =>
  duration === null ? [] : Array.from({ length: frames }, (_, i) => (i * duration) / frames)
