/**
 * Views of a clip: the clip as it is, and as it might just as well have been sampled, without a few of its
 * frames. A caption that was learnt with some slack is said of all of them.
 */
import type { ClipFeatures, FeatureFile } from '../../engine-host/contract/index.ts'
import { featureShape } from '../captioner/feature-files.ts'

/** Of every so many frames one is left out. */
const STRIDE = 7

/** Which frames a view leaves out, by their place among `count`. */
type Omission = (frame: number, count: number) => boolean

/** The views beside the whole clip, by name. */
export const OMISSIONS = {
  first: (frame) => frame === 0,
  last: (frame, count) => frame === count - 1,
  seventh: (frame) => frame % STRIDE === STRIDE - 1,
} as const satisfies Record<string, Omission>

/** A clip, whole first, and its other views: those that leave out some frames and keep some. */
export async function clipViews(clip: ClipFeatures, mostFrames: number): Promise<ClipFeatures[]> {
  const { rows: count } = await featureShape(clip, mostFrames)
  const others = Object.values(OMISSIONS).flatMap((isOmitted) => withoutFrames(clip, count, isOmitted) ?? [])
  return [clip, ...others]
}

/** A clip of `count` frames without some of them; null where that is all of it or nothing. */
export function withoutFrames(clip: ClipFeatures, count: number, isOmitted: Omission): ClipFeatures | null {
  const places = Array.from({ length: count }, (_, frame) => frame)
  const kept = places.filter((frame) => !isOmitted(frame, count))
  if (kept.length === 0 || kept.length === count) {
    return null
  }
  const keep = <File extends FeatureFile>(file: File): File => ({
    ...file,
    rows: kept.map((frame) => file.rows?.[frame] ?? frame),
  })
  const { joined } = clip
  return { ...keep(clip), ...(joined && { joined: joined.map(keep) }) }
}
