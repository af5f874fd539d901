/** How features are computed where a request does not say, and what they take on the disk. */
import type * as z from 'zod'
import type { featureRequest } from '#contract'
import { halfWhereItFits } from '../../formats/half.ts'
import type { OpenProject } from '../../store/index.ts'

export type FeatureSettings = Required<z.output<typeof featureRequest>>

/** What is computed where nothing else is said, and nothing was computed before. */
const DEFAULTS = { encoder: 'objectron-mobilenetv2', frames: 28, grid: 2 } as const
/** Values a frame of the built-in encoder, by its grid. */
const VALUES = { 1: 2080, 2: 2464 } as const
/** Bytes of a feature file's header. */
export const HEADER_BYTES = 128
/**
 * From this many clips on features are stored in half precision. It rounds them by less than one part in 2,000 and
 * changes no caption (test/project/corpus/float16.test.ts), but a training on them ends in other digits, as one
 * with another seed does. Smaller corpora have no need of it: what they gave before they give again.
 */
const HALF_FROM = 1000

/** Whether a project of so many clips stores features in half precision, where that holds their values. */
export const storesHalf = (clips: number): boolean => clips >= HALF_FROM

/** Features as a project of so many clips stores them. */
export const storedForm = (features: Float32Array, clips: number): Float32Array | Float16Array =>
  storesHalf(clips) ? halfWhereItFits(features) : features

/** A request with what it does not say: as it was last. */
export function featureRequestOf(
  { store }: OpenProject,
  { encoder, frames, grid }: Partial<FeatureSettings>,
): FeatureSettings {
  const last = store.settings.get('features') ?? DEFAULTS
  return {
    encoder: encoder ?? last.encoder,
    frames: frames ?? last.frames,
    grid: grid ?? last.grid,
  }
}

/** Bytes that the features of the clips take that have none of these settings yet, at most. */
export function bytesOfFeatures({ store }: OpenProject, { frames, grid }: FeatureSettings): number {
  const last = store.settings.get('features')
  const isSame = last !== null && last.frames === frames && last.grid === grid
  // Of other settings the key is not known before the encoder is built; then no clip has them, most probably.
  const clips = store.features.missing(isSame ? last.key : '').length
  return clips * (HEADER_BYTES + (storesHalf(store.clips.count()) ? 2 : 4) * frames * VALUES[grid])
}
