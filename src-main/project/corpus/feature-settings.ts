/** How features are computed where a request does not say, and what they take on the disk. */
import type * as z from 'zod'
import { BUILT_IN_ENCODER } from '#contract'
import type { featureRequest } from '#contract'
import type { FeatureSet, OpenProject } from '../../store/index.ts'
import { encodersFolder } from '../encoders/folder.ts'
import type { Workspace } from '../workspace.ts'

/** What makes features what they are. */
export type FeatureSettings = Required<Omit<z.output<typeof featureRequest>, 'device'>>

/** What is computed where nothing else is said, and nothing was computed before. */
const BUILT_IN = { encoder: BUILT_IN_ENCODER, frames: 28, grid: 2 } as const
/** The same of a clip encoder: each of its features takes as many frames as its stacks have. */
const STACKS = 8
const HEADER_BYTES = 128
/** The largest value that float16 holds. */
const MOST = 65504
/**
 * From this many clips on features are stored in half precision. It rounds them by less than one part in 2,000 and
 * changes no caption (test/project/corpus/float16.test.ts), but a training on them ends in other digits, as one
 * with another seed does. Smaller corpora have no need of it: what they gave before they give again.
 */
const HALF_FROM = 1000

/**
 * Features as a project of so many clips stores them. Those of an encoder whose values half precision can't hold
 * stay as they are.
 */
export const storedForm = (features: Float32Array, clips: number): Float32Array | Float16Array =>
  clips >= HALF_FROM && features.every((value) => Math.abs(value) <= MOST)
    ? new Float16Array(features)
    : features

/** A request with what it does not say: as the encoder was run last. */
export async function featureRequestOf(
  workspace: Workspace,
  project: OpenProject,
  { encoder, frames, grid }: Partial<FeatureSettings>,
): Promise<FeatureSettings> {
  const current = settingsOfCurrent(project)
  const chosen = encoder ?? current.encoder
  const last =
    chosen === current.encoder
      ? current
      : (lastSettings(project, chosen) ?? (await firstSettings(workspace, chosen)))
  return { encoder: chosen, frames: frames ?? last.frames, grid: grid ?? last.grid }
}

/** What the current features were made with, or what the first ones are made with. */
function settingsOfCurrent({ store }: OpenProject): FeatureSettings {
  const key = store.settings.get('featureSet')
  const origin = key === null ? null : store.featureSets.get(key).origin
  return origin?.kind === 'encoder' ? origin : BUILT_IN
}

/** What an encoder was run with last; null: it was not. */
function lastSettings({ store }: OpenProject, encoder: string): FeatureSettings | null {
  const made = store.featureSets
    .list()
    .flatMap(({ origin }) => (origin.kind === 'encoder' && origin.encoder === encoder ? [origin] : []))
  return made[0] ?? null
}

/** What an encoder is run with first: one that a person added may have no grid, and may take stacks. */
async function firstSettings(workspace: Workspace, encoder: string): Promise<FeatureSettings> {
  if (encoder === BUILT_IN.encoder) {
    return BUILT_IN
  }
  const encoders = await workspace.engine.call('encoders.list', { directory: encodersFolder(workspace) })
  const takesStacks = encoders.find(({ id }) => id === encoder)?.input?.stack !== undefined
  return { encoder, frames: takesStacks ? STACKS : BUILT_IN.frames, grid: 1 }
}

/** Bytes that the features of the clips take that have none of these settings yet, at most. */
export async function bytesOfFeatures(
  workspace: Workspace,
  project: OpenProject,
  settings: FeatureSettings,
): Promise<number> {
  const known = project.store.featureSets.list().find(({ origin }) => isMadeWith(origin, settings))
  if (known !== undefined) {
    return bytesOfSet(project, known)
  }
  // Of other settings the key is not known before the encoder is built; no clip has them then, most probably.
  const encoders = await workspace.engine.call('encoders.list', { directory: encodersFolder(workspace) })
  const grids = encoders.find(({ id }) => id === settings.encoder)?.grids ?? []
  const dimension = grids.find(({ grid }) => grid === settings.grid)?.dimension ?? 0
  return bytesOfSet(project, { key: '', frames: settings.frames, dimension })
}

const isMadeWith = (origin: FeatureSet['origin'], { encoder, frames, grid }: FeatureSettings): boolean =>
  origin.kind === 'encoder' && origin.encoder === encoder && origin.frames === frames && origin.grid === grid

/** Bytes that a set takes for the clips that it lacks, at most. */
export function bytesOfSet(
  { store }: OpenProject,
  { key, frames, dimension }: Pick<FeatureSet, 'key' | 'frames' | 'dimension'>,
): number {
  const bytesOfValue = store.clips.count() >= HALF_FROM ? 2 : 4
  return store.features.missing(key).length * (HEADER_BYTES + bytesOfValue * frames * dimension)
}
