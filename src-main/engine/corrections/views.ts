/**
 * Views of a clip: the clip as it is, and as it might just as well have been sampled, without a few of its
 * frames. A caption that was learnt with some slack is said of all of them.
 */
import type { ClipFeatures, FeatureFile } from '../../engine-host/contract/index.ts'
import { frameOf } from '../../common/cells.ts'
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

/** A clip, whole first, and its other views: those that leave out some frames and keep some. A picture has none. */
export async function clipViews(
  clip: ClipFeatures,
  mostFeatures: number,
  cells: number,
): Promise<ClipFeatures[]> {
  const { rows: features } = await featureShape(clip, mostFeatures)
  const others = Object.values(OMISSIONS).flatMap(
    (isOmitted) => withoutFrames(clip, { features, cells }, isOmitted) ?? [],
  )
  return [clip, ...others]
}

/**
 * A clip of so many features without some of its frames, each with all its cells; null where that is all of it or
 * nothing.
 */
export function withoutFrames(
  clip: ClipFeatures,
  { features, cells }: { features: number; cells: number },
  isOmitted: Omission,
): ClipFeatures | null {
  const count = frameOf(features - 1, cells) + 1
  const places = Array.from({ length: features }, (_, feature) => feature)
  const kept = places.filter((feature) => !isOmitted(frameOf(feature, cells), count))
  if (kept.length === 0 || kept.length === features) {
    return null
  }
  const keep = <File extends FeatureFile>(file: File): File => ({
    ...file,
    rows: kept.map((feature) => file.rows?.[feature] ?? feature),
  })
  const { joined } = clip
  return { ...keep(clip), ...(joined && { joined: joined.map(keep) }) }
}
