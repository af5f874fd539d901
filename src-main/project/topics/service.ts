/** Topics: found by the engine, curated by people, looked at, and kept as named states. */
import type { Service } from '../service.ts'
import type { Workspace } from '../workspace.ts'
import { createCuration } from './curation.ts'
import { createExtraction } from './extraction.ts'
import { createVectorImport } from './import-vectors.ts'
import { createSnapshots } from './snapshots.ts'
import { createTopicViews } from './views.ts'

export const createTopics = (workspace: Workspace): Service<'topics'> => ({
  ...createExtraction(workspace),
  ...createVectorImport(workspace),
  ...createTopicViews(workspace),
  ...createCuration(workspace),
  ...createSnapshots(workspace),
})
