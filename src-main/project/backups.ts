/** Backups of the open project: by hand, and by themselves before anything that changes much, and daily. */
import type { JobContext } from '../jobs/index.ts'
import { dailyIsDue } from '../store/index.ts'
import type { BackupReason, OpenProject } from '../store/index.ts'

const isEmpty = ({ store }: OpenProject): boolean =>
  store.clips.count() === 0 && store.edits.history(0, 1).total === 0

/**
 * Backs a project up before something that changes much of it; one that holds nothing yet needs no backup. Throws
 * DISK_FULL, and BAD_INPUT for a damaged database: then nothing should be changed.
 */
export async function backUpBefore(
  project: OpenProject,
  reason: Exclude<BackupReason, 'by-hand' | 'daily'>,
  context?: Pick<JobContext, 'progress'>,
): Promise<void> {
  if (isEmpty(project)) {
    return
  }
  context?.progress({ phase: 'backing up', done: 0, total: null, unit: 'backups' })
  await project.backUp({ reason })
}

/** Backs a project up where the last backup is older than a day; not one that can only be read. Throws as `backUpBefore`. */
export async function backUpDaily(project: OpenProject): Promise<void> {
  const isOnlyRead = project.mediaFolder !== project.folder
  if (!isOnlyRead && dailyIsDue(project.folder) && !isEmpty(project)) {
    await project.backUp({ reason: 'daily' })
  }
}
