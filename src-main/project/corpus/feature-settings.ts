/** How features are computed where a request does not say, and what they take on the disk. */
import type * as z from 'zod'
import { BUILT_IN_ENCODER, PICTURE_ENCODER } from '#contract'
import type { Encoder, FeatureEstimate, featureRequest } from '#contract'
import { halfWhereItFits } from '../../formats/half.ts'
import { featuresOfFrame } from '../../common/cells.ts'
import { cellsOfOrigin } from '../../store/index.ts'
import type { FeatureSet, OpenProject } from '../../store/index.ts'
import { encodersWithSpeeds } from '../encoders/devices.ts'
import type { Workspace } from '../workspace.ts'

/** What makes features what they are. */
export type FeatureSettings = Required<Omit<z.output<typeof featureRequest>, 'device'>>

/** What is computed where nothing else is said, and nothing was computed before. */
const BUILT_IN = { encoder: BUILT_IN_ENCODER, frames: 28, grid: 2, cells: 1 } as const
/** The same of a corpus of pictures alone: where the things are is all that there is to attend to (docs/training.md). */
const PICTURES = { encoder: PICTURE_ENCODER, frames: 28, grid: 2, cells: 2 } as const
/** The same of a clip encoder: each of its features takes as many frames as its stacks have. */
const STACKS = 8
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

/** A request with what it does not say: as the encoder was run last. */
export async function featureRequestOf(
  workspace: Workspace,
  project: OpenProject,
  { encoder, frames, grid, cells }: Partial<FeatureSettings>,
): Promise<FeatureSettings> {
  const current = settingsOfCurrent(project)
  const chosen = encoder ?? current.encoder
  const last =
    chosen === current.encoder
      ? current
      : (lastSettings(project, chosen) ?? (await firstSettings(workspace, project, chosen)))
  return {
    encoder: chosen,
    frames: frames ?? last.frames,
    grid: grid ?? last.grid,
    cells: cells ?? last.cells,
  }
}

/** What the current features were made with, or what the first ones are made with. */
export function settingsOfCurrent({ store }: OpenProject): FeatureSettings {
  const key = store.settings.get('featureSet')
  const origin = key === null ? null : store.featureSets.get(key).origin
  if (origin?.kind === 'encoder') {
    const { encoder, frames, grid, cells } = origin
    return { encoder, frames, grid, cells }
  }
  return store.clips.arePictures() ? PICTURES : BUILT_IN
}

/** What an encoder was run with last; null: it was not. */
function lastSettings({ store }: OpenProject, encoder: string): FeatureSettings | null {
  const made = store.featureSets
    .list()
    .flatMap(({ origin }) => (origin.kind === 'encoder' && origin.encoder === encoder ? [origin] : []))
  return made[0] ?? null
}

/** What an encoder is run with first: one that a person added may have no grid, and may take stacks. */
async function firstSettings(
  workspace: Workspace,
  { store }: OpenProject,
  encoder: string,
): Promise<FeatureSettings> {
  if (encoder === BUILT_IN.encoder) {
    return BUILT_IN
  }
  if (encoder === PICTURES.encoder && store.clips.arePictures()) {
    return PICTURES
  }
  const takesStacks = (await encoderOf(workspace, encoder))?.input?.stack !== undefined
  return { encoder, frames: takesStacks ? STACKS : BUILT_IN.frames, grid: 1, cells: 1 }
}

/** Bytes that the features of the clips take that have none of these settings yet, at most. */
export async function bytesOfFeatures(
  workspace: Workspace,
  project: OpenProject,
  settings: FeatureSettings,
): Promise<number> {
  const encoder = await encoderOf(workspace, settings.encoder)
  const ofFrame = encoder?.grids.find(({ grid }) => grid === settings.grid)?.dimension ?? 0
  const ofCell = settings.cells > 1 ? (encoder?.cellDimension ?? 0) : 0
  return bytesOfSet(project, {
    key: knownKey(project, settings),
    origin: { kind: 'encoder', fingerprint: '', ...settings },
    frames: settings.frames,
    dimension: ofFrame + ofCell,
  })
}

/** What computing features will take, by what was measured of the encoder. */
export async function estimateFeatures(
  workspace: Workspace,
  project: OpenProject,
  settings: FeatureSettings,
): Promise<FeatureEstimate> {
  const speed = (await encoderOf(workspace, settings.encoder))?.speed ?? null
  const clips = project.store.features.missing(knownKey(project, settings)).length
  const seconds = speed === null ? null : (clips * settings.frames * speed.frameMs) / 1000
  return { clips, seconds, device: speed?.device ?? null }
}

const encoderOf = async (workspace: Workspace, encoder: string): Promise<Encoder | null> =>
  (await encodersWithSpeeds(workspace)).find(({ id }) => id === encoder) ?? null

/** The key of the latest set that was made with these settings; of new ones none is known before the encoder is ready. */
const knownKey = ({ store }: OpenProject, settings: FeatureSettings): string =>
  store.featureSets.list().find(({ origin }) => isMadeWith(origin, settings))?.key ?? ''

const isMadeWith = (
  origin: FeatureSet['origin'],
  { encoder, frames, grid, cells }: FeatureSettings,
): boolean =>
  origin.kind === 'encoder' &&
  origin.encoder === encoder &&
  origin.frames === frames &&
  origin.grid === grid &&
  origin.cells === cells

/** Bytes that a set takes for the clips that it lacks, at most. */
export function bytesOfSet(
  { store }: OpenProject,
  { key, origin, frames, dimension }: Pick<FeatureSet, 'key' | 'origin' | 'frames' | 'dimension'>,
): number {
  const bytesOfValue = storesHalf(store.clips.count()) ? 2 : 4
  const values = frames * featuresOfFrame(cellsOfOrigin(origin)) * dimension
  return store.features.missing(key).length * (HEADER_BYTES + bytesOfValue * values)
}
