import type { ModelKind, Split } from '#contract'
import { VitrineError } from '../common/failures.ts'
import type { EngineClient, StartEngine } from '../engine-host/client.ts'
import type {
  CaptionedClip,
  ClipFeatures,
  EngineProgress,
  LabelledClip,
} from '../engine-host/contract/index.ts'
import type { JobContext, Jobs } from '../jobs/index.ts'
import type { MediaTools } from '../media/tools.ts'
import { isCaptioner, sidecarPath, storedPath } from '../store/index.ts'
import type {
  Captioner,
  Clip,
  FeaturePart,
  FeatureSet,
  Model,
  OpenProject,
  SingleChange,
  Store,
} from '../store/index.ts'
import { knownDevice } from './devices.ts'
import { failures } from './failures.ts'

/** What every use case works with: the engine, media, the job queue, the open project, and the door for edits. */
export interface Workspace {
  readonly engine: EngineClient
  /** What videos are and show; decoded outside of this process. */
  readonly media: MediaTools
  /** Starts an engine process of its own, for what may crash one. */
  readonly startEngine: StartEngine
  readonly jobs: Jobs
  /** The user's own folder of Vitrine: the list of recent projects, and frame encoders that were built. */
  readonly home: string
  /** The path of what the thread runs that reads large caption files. */
  readonly captionWorker: string
  /** The open project. Throws NO_PROJECT. */
  project(): OpenProject
  /**
   * The one door for edits: runs `plan` in a transaction, in which it reads what the edit rests on and calls
   * `make` with a label and its changes (not at all where nothing would change). Each is logged with its
   * inverse, signed with `who`, and durable when this returns; what `plan` throws undoes everything. The
   * window hears of it by what was written (see router.ts).
   */
  edit<Result>(who: string, plan: (store: Store, make: MakeEdit) => Result): Result
}

/** `label` says an edit to people: `rename "dog" to "pets"`. */
export type MakeEdit = (label: string, changes: SingleChange[]) => void

export function createWorkspace(parts: Omit<Workspace, 'edit'>): Workspace {
  return {
    ...parts,
    engine: resolvingAuto(notingDamage(parts.engine, parts.project), parts.home),
    edit(who, plan) {
      const { store } = parts.project()
      return store.transaction(() =>
        plan(store, (label, changes) => {
          if (changes.length > 0) {
            store.edits.make(label, { kind: 'all', changes }, who)
          }
        }),
      )
    },
  }
}

/** The engine, whose calls on the device `auto` run on the one that was measured to be the fastest here. */
function resolvingAuto(engine: EngineClient, home: string): EngineClient {
  return {
    ...engine,
    call(method, params, options) {
      const isAuto = 'device' in params && params.device === 'auto'
      return engine.call(method, isAuto ? { ...params, device: knownDevice(home) } : params, options)
    },
  }
}

/**
 * The engine, whose calls tell when a feature file is not as it was written: its row goes, so that `features`
 * computes it again. The call fails all the same.
 */
function notingDamage(engine: EngineClient, project: () => OpenProject): EngineClient {
  return {
    ...engine,
    async call(method, params, options) {
      try {
        return await engine.call(method, params, options)
      } catch (error) {
        const file =
          error instanceof VitrineError ? DAMAGED_FEATURES.has(error.key) && error.values['file'] : null
        if (typeof file === 'string') {
          const { folder, mediaFolder, store } = project()
          if (mediaFolder === folder) {
            store.features.forgetFile(storedPath(folder, file))
          }
        }
        throw error
      }
    },
  }
}

/** Keys of the failures of a feature file that is missing, or not as it was written. */
const DAMAGED_FEATURES: ReadonlySet<string> = new Set([
  'engine.captioner.featuresMissing',
  'engine.captioner.featuresAltered',
])

/** Where the shells serve a clip's pictures and video; null for a clip without a media file. */
export const thumbnailUrl = (clip: Pick<Clip, 'id' | 'path'>): string | null =>
  clip.path === null ? null : `/media/thumbnail/${clip.id}`
/**
 * The picture of the frames that the model saw; their number is in the address, for another number is another
 * picture.
 */
export function filmstripUrl(
  clip: Pick<Clip, 'id' | 'path'>,
  { frames, modelId }: { frames: number; modelId: number | null },
): string | null {
  const model = modelId === null ? '' : `&model=${modelId}`
  return clip.path === null || frames === 0 ? null : `/media/filmstrip/${clip.id}?frames=${frames}${model}`
}
export const videoUrl = (clip: Pick<Clip, 'id' | 'path' | 'kind'>): string | null =>
  clip.path === null || clip.kind === 'picture' ? null : `/media/video/${clip.id}`
export const pictureUrl = (clip: Pick<Clip, 'id' | 'path' | 'kind'>): string | null =>
  clip.path === null || clip.kind !== 'picture' ? null : `/media/picture/${clip.id}`

/** What a call of the engine takes from its job: the way to cancel it, and to show its progress. */
export const engineOptions = (context: JobContext) => ({
  signal: context.signal,
  onProgress: ({ phase, done, total, unit }: EngineProgress) => {
    context.progress({ phase, done, total, unit })
  },
})

/** A model that can be used: the one named, else the current one. Throws NOT_FOUND, NOT_READY. */
export function usableModel({ store }: OpenProject, modelId: number | null): Model {
  const id = modelId ?? store.settings.get('currentModel')
  if (id === null) {
    throw failures.noModel()
  }
  const model = presentModel(store, id)
  switch (model.state) {
    case 'ready':
    case 'proposed':
      return model
    case 'training':
      throw failures.modelInTraining({ modelId: id })
    case 'stopped':
      throw failures.modelStopped({ modelId: id })
    case 'failed':
      throw failures.modelFailed({ modelId: id })
  }
}

/** The same, where it is one that was trained here. Throws CONFLICT for another system's. */
export const usableCaptioner = (project: OpenProject, modelId: number | null): Captioner =>
  requireCaptioner(usableModel(project, modelId))

/** A model that was trained here. Throws CONFLICT for another system's. */
export function requireCaptioner(model: Model): Captioner {
  if (isCaptioner(model)) {
    return model
  }
  throw failures.externalModel({ modelId: model.id, name: model.external?.name ?? '' })
}

/** A model whose neurons can be read: it sees features, or its activations came along. */
export type ModelWithNeurons = Model & { featureKey: string }

/** A usable model whose neurons can be read. Throws CONFLICT for another system's that came without activations. */
export function usableNeurons(project: OpenProject, modelId: number | null): ModelWithNeurons {
  const model = usableModel(project, modelId)
  if (hasNeurons(model)) {
    return model
  }
  throw failures.withoutActivations({ modelId: model.id, name: model.external?.name ?? '' })
}

export const hasNeurons = (model: Model): model is ModelWithNeurons => model.featureKey !== null

/** A model that is not in the trash. Throws NOT_FOUND, NOT_READY. */
export function presentModel({ models }: Store, modelId: number): Model {
  const model = models.get(modelId)
  switch (model.trash) {
    case null:
      return model
    case 'held':
      throw failures.modelTrashed({ modelId })
    case 'emptied':
      throw failures.modelEmptied({ modelId })
  }
}

/** The newest usable model of a kind whose features are those of `featureKey`, or null. */
export function newestModel({ store }: OpenProject, kind: ModelKind, featureKey: string): Model | null {
  return (
    store.models
      .list()
      .find((model) => model.kind === kind && model.state === 'ready' && model.featureKey === featureKey) ??
    null
  )
}

/** The absolute path of a model's folder. */
export const modelFolder = ({ folder }: OpenProject, model: Pick<Model, 'folder'>): string =>
  sidecarPath(folder, model.folder)

/** The features that views and new trainings go by. Throws NOT_READY before there are any. */
export function currentFeatures({ store }: OpenProject): FeatureSet {
  const key = store.settings.get('featureSet')
  if (key === null) {
    throw failures.noFeatures()
  }
  return store.featureSets.get(key)
}

/** The key of the features that a model sees; without one, of the current ones; null: there are none yet. */
export function featureKeyFor({ models, settings }: Store, modelId: number | null): string | null {
  const current = settings.get('featureSet')
  return modelId === null ? current : models.get(modelId).featureKey
}

/** A clip's features of a key. Throws NOT_READY when there are none. */
export function clipFeatures(project: OpenProject, featureKey: string, clipId: number): ClipFeatures {
  const feature = project.store.features.forClip(featureKey, clipId)
  if (feature === null) {
    const { name } = project.store.clips.get(clipId)
    throw failures.clipWithoutFeatures({ clip: name })
  }
  return toClipFeatures(project, clipId, feature.parts)
}

/** The clips of a split (null: of all) that have features of a key, by id. */
export function clipsWithFeatures(
  project: OpenProject,
  featureKey: string,
  split: Split | null,
): ClipFeatures[] {
  return project.store.features
    .paths(featureKey, split)
    .map(({ clipId, parts }) => toClipFeatures(project, clipId, parts))
}

/** A clip's features as the engine takes them. */
function toClipFeatures(
  { folder }: OpenProject,
  clipId: number,
  parts: readonly FeaturePart[],
): ClipFeatures {
  const [first, ...joined] = parts.map(({ path, sha256, rows }) => ({
    features: sidecarPath(folder, path),
    sha256,
    ...(rows === null ? {} : { rows }),
  }))
  return { id: clipId, ...first!, ...(joined.length === 0 ? {} : { joined }) }
}

/** The same with their topic vectors; `topicIds` in the order of the model's columns. */
export function labelledClips(
  project: OpenProject,
  featureKey: string,
  topicIds: number[],
  split: Split | null,
): LabelledClip[] {
  const vectors = project.store.topics.vectors(topicIds)
  return clipsWithFeatures(project, featureKey, split).map((clip) => ({
    ...clip,
    topics: vectors.get(clip.id) ?? [],
  }))
}

/** The same with their captions; clips without any are left out. */
export function captionedClips(
  project: OpenProject,
  featureKey: string,
  topicIds: number[],
  split: Split,
): CaptionedClip[] {
  const captions = project.store.captions.textsByClip(split)
  return labelledClips(project, featureKey, topicIds, split).flatMap((clip) => {
    const texts = captions.get(clip.id)
    return texts === undefined ? [] : [{ ...clip, captions: texts }]
  })
}
