/** What processes that were killed left in a project is put right when it is opened. */
import { removeLeftovers } from '../../formats/atomic.ts'
import { INTERRUPTED } from '../../store/index.ts'
import type { OpenProject } from '../../store/index.ts'
import { deleteModel } from '../version.ts'

/**
 * Deletes the versions that killed owners had half made (a training keeps its place), and removes their temporary
 * files. What living owners write is left alone, and so is a project that can only be read. Their jobs were marked
 * as interrupted when it was opened.
 */
export async function tidy(project: OpenProject): Promise<void> {
  const { store, owner, folder, mediaFolder } = project
  if (mediaFolder !== folder) {
    return
  }
  // A training that ended early can be gone on with; of any other version nothing of use is there.
  const halves = store.models
    .list()
    .filter(({ state, origin, note }) => state === 'failed' && origin !== 'trained' && note === INTERRUPTED)
  for (const model of halves) {
    await deleteModel(project, model)
  }
  const killed = owner.killed()
  if (killed !== null) {
    await removeLeftovers(folder, killed.before)
    killed.forget()
  }
}
