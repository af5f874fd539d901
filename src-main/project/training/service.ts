/** Models: trained, gone on with, carried over to edited topics, scored and compared, deleted and brought back. */
import type { Service } from '../service.ts'
import type { Workspace } from '../workspace.ts'
import { createCarryOver } from './carry-over.ts'
import { createExportedImport } from './exported/service.ts'
import { createModelImport } from './external/service.ts'
import { createModels } from './models.ts'
import { createRuns } from './runs.ts'
import { createScoring } from './scoring.ts'
import { createTrash } from './trash.ts'

export const createTraining = (workspace: Workspace): Service<'training'> => ({
  ...createRuns(workspace),
  ...createModelImport(workspace),
  ...createExportedImport(workspace),
  ...createCarryOver(workspace),
  ...createModels(workspace),
  ...createScoring(workspace),
  ...createTrash(workspace),
})
