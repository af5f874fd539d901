/** How features are computed where a request does not say, and what they take on the disk. */
import type * as z from 'zod'
import type { featureRequest } from '#contract'
import type { OpenProject } from '../../store/index.ts'

export type FeatureSettings = Required<z.output<typeof featureRequest>>

/** What is computed where nothing else is said, and nothing was computed before. */
const DEFAULTS = { encoder: 'objectron-mobilenetv2', frames: 28, grid: 2 } as const
/** Values a frame of the built-in encoder, by its grid. */
const VALUES = { 1: 2080, 2: 2464 } as const
/** Bytes of a value, and of a file's header. */
const VALUE_BYTES = 2
const HEADER_BYTES = 128
/** The largest value that float16 holds. */
const MOST = 65504

/**
 * Features as they are stored: half precision, which rounds them by less than one part in 2,000 and changes no
 * caption (test/project/corpus/float16.test.ts). Those of an encoder whose values it can't hold stay as they are.
 */
export const storedForm = (features: Float32Array): Float32Array | Float16Array =>
  features.every((value) => Math.abs(value) <= MOST) ? new Float16Array(features) : features

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
  return clips * (HEADER_BYTES + VALUE_BYTES * frames * VALUES[grid])
}
