/**
 * One life for every version of a model: begun in state `training`, computed into its folder by the engine,
 * then saved; or, whatever ends it early, rolled back. Training, remapping, refining and learning corrections
 * all go this way.
 */
import { dirname } from 'node:path'
import { toFailure } from '../common/to-failure.ts'
import { removeWithLeftovers } from '../formats/atomic.ts'
import type { JobContext } from '../jobs/index.ts'
import { ownPath, sidecarPath } from '../store/index.ts'
import type {
  Captioner,
  FinishedModel,
  Model,
  NewModel,
  OpenProject,
  SingleChange,
  Store,
} from '../store/index.ts'
import { modelFolder, requireCaptioner } from './workspace.ts'

interface VersionStages<Result> {
  /**
   * Writes the model's folder and measures what belongs to it. What it stores before the version's end (a
   * curve, a neuron map) is stored of the version, and goes with it.
   */
  compute(folder: string): Promise<Result>
  /** Stores the version's end and all that was computed with it; runs in one transaction. */
  save(result: Result): void
  /**
   * What is known of a run that ended early and can be gone on with: it stays, as stopped or failed. Without
   * it nothing stays of the version but the job that says why.
   */
  endedEarly?(): Partial<FinishedModel>
}

/** Begins a version of `parent`: what `changes` doesn't name is the parent's. */
export function beginVersion(
  { store }: OpenProject,
  parent: Captioner,
  { jobId }: JobContext,
  changes: Pick<NewModel, 'origin'> & Partial<NewModel>,
): Captioner {
  const { kind, settings, seed, topics, fingerprints, featureKey, frames, corpusState } = parent
  const version = store.models.add({
    parent: parent.id,
    jobId,
    kind,
    settings,
    seed,
    topics,
    fingerprints,
    featureKey,
    frames,
    corpusState,
    ...changes,
  })
  return requireCaptioner(version)
}

/** Makes a version that was begun. Throws what ended it early. */
export async function makeVersion<Result>(
  project: OpenProject,
  model: Model,
  { signal }: JobContext,
  { compute, save, endedEarly }: VersionStages<Result>,
): Promise<Result> {
  const { store } = project
  try {
    const folder = modelFolder(project, model)
    await checkFolders(project, model)
    await project.presence.makeFolder(dirname(folder))
    const result = await compute(folder)
    store.transaction(() => {
      save(result)
    })
    return result
  } catch (error) {
    if (endedEarly === undefined) {
      await deleteModel(project, model)
    } else {
      // An aborted signal is a cancel, whatever it made the engine say.
      store.transaction(() => {
        store.models.setNote(model.id, signal.aborted ? 'Cancelled.' : toFailure(error).message)
        store.models.finish(model.id, { ...endedEarly(), state: signal.aborted ? 'stopped' : 'failed' })
      })
    }
    throw error
  }
}

/** Deletes a model that never came to be: what is stored of it, its files, and those of its run. */
export async function deleteModel(project: OpenProject, model: Model): Promise<void> {
  const { store } = project
  await checkFolders(project, model)
  store.transaction(() => {
    store.corrections.removeOfModel(model.id)
    store.corrections.forget(model.id)
    store.models.remove(model.id)
  })
  await Promise.all([modelFolder(project, model), runFolder(project, model)].map(removeWithLeftovers))
}

/** Throws BAD_INPUT where a model's folders are not the project's own. */
async function checkFolders({ folder }: OpenProject, model: Model): Promise<void> {
  await ownPath(folder, model.folder)
  await ownPath(folder, model.runFolder)
}

/** The absolute path of the folder with the checkpoints and logs of a model's training. */
export const runFolder = ({ folder }: OpenProject, model: Pick<Model, 'runFolder'>): string =>
  sidecarPath(folder, model.runFolder)

/** Whether a model comes from another one, or is it. */
export function descendsFrom({ store }: OpenProject, model: Model, ancestorId: number): boolean {
  let version: Model | null = model
  while (version !== null && version.id !== ancestorId) {
    version = version.parent === null ? null : store.models.get(version.parent)
  }
  return version !== null
}

/** The changes that put a model in the trash; corrections that it proposed go along. */
export const intoTrash = (store: Store, modelId: number): SingleChange[] => [
  ...correctionsGo(store, modelId, 'proposed', 'discarded'),
  { kind: 'model.trashed', modelId, trashed: true, current: false },
]

/** The changes that take it out again. */
export const outOfTrash = (store: Store, modelId: number): SingleChange[] => [
  { kind: 'model.trashed', modelId, trashed: false, current: false },
  ...correctionsGo(store, modelId, 'discarded', 'proposed'),
]

const correctionsGo = (
  store: Store,
  modelId: number,
  from: 'proposed' | 'discarded',
  to: 'proposed' | 'discarded',
): SingleChange[] =>
  store.corrections
    .ofModel(modelId)
    .filter(({ state }) => state === from)
    .map(({ id: correctionId }) => ({ kind: 'correction.state', correctionId, state: to }))
