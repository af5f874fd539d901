/** What processes that were killed left in a project is put right when it is opened. */
import { removeLeftovers } from '../../formats/atomic.ts'
import { INTERRUPTED } from '../../store/index.ts'
import type { OpenProject } from '../../store/index.ts'
import { deleteModel } from '../training/version.ts'

/**
 * Marks the jobs of killed owners as interrupted, deletes the versions that they had half made (a training keeps
 * its place), and removes their temporary files. What living owners write is left alone.
 */
export async function tidy(project: OpenProject): Promise<void> {
  const { store, owner, folder } = project
  store.jobs.interruptAbandoned()
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
