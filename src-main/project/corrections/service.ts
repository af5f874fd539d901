/** Repairing false captions: neurons moved, corrections queued, learnt, kept or taken back, and rerun. */
import type { Service } from '../service.ts'
import type { Workspace } from '../workspace.ts'
import { createCarrying } from './carrying.ts'
import { createInterventions } from './interventions.ts'
import { createQueue } from './queue.ts'
import { createRegressions } from './regressions.ts'
import { createVersions } from './versions.ts'

export const createCorrections = (workspace: Workspace): Service<'corrections'> => ({
  ...createInterventions(workspace),
  ...createCarrying(workspace),
  ...createQueue(workspace),
  ...createVersions(workspace),
  ...createRegressions(workspace),
})
