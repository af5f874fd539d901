/**
 * One life for every model: begun in state `training`, made into its folder by the engine, then kept; or,
 * whatever ends it early, rolled back. Training, remapping, refining and learning corrections all go this way.
 */
import { mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { toFailure } from '#contract'
import type { JobContext } from '../../jobs/index.ts'
import type { FinishedModel, Model, OpenProject } from '../../store/index.ts'
import { modelFolder } from '../workspace.ts'

export interface VersionLife<Made> {
  /** Writes the model's folder and computes whatever belongs to it; nothing of it is stored yet. */
  make(folder: string): Promise<Made>
  /** Stores the model's end and all that was made with it; runs in one transaction. */
  keep(made: Made): void
  /**
   * What is known of a run that ended early and can be gone on with: it stays, as stopped or failed. Without
   * it nothing stays of the version but the job that says why.
   */
  endedEarly?(): Partial<FinishedModel>
}

/** Makes a model that was begun (see `store.models.add`). Throws what ended it early. */
export async function makeVersion<Made>(
  project: OpenProject,
  model: Model,
  { signal }: JobContext,
  { make, keep, endedEarly }: VersionLife<Made>,
): Promise<Made> {
  const { store } = project
  const folder = modelFolder(project, model)
  try {
    await mkdir(dirname(folder), { recursive: true })
    const made = await make(folder)
    store.transaction(() => {
      keep(made)
    })
    return made
  } catch (error) {
    if (endedEarly === undefined) {
      store.models.remove(model.id)
      await rm(folder, { recursive: true, force: true })
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
