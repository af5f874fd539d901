/** Clips and what people say of them: brought in, looked at, edited, described by features, and checked. */
import type { Service } from '../service.ts'
import type { Workspace } from '../workspace.ts'
import { createAnnotations } from './annotations/service.ts'
import { createCaptionChecks } from './checks.ts'
import { createClips } from './clips.ts'
import { createConcatenation } from './concatenation.ts'
import { createCorpusEdits } from './edits.ts'
import { createImports } from './import/service.ts'
import { createFeatureImport } from './feature-import/service.ts'
import { createFeatureSets } from './feature-sets.ts'
import { createLanguages } from './languages.ts'
import { createFeatures } from './features.ts'
import { createTags } from './tags.ts'

export const createCorpus = (workspace: Workspace): Service<'corpus'> => ({
  ...createClips(workspace),
  ...createImports(workspace),
  ...createCorpusEdits(workspace),
  ...createLanguages(workspace),
  ...createFeatures(workspace),
  ...createFeatureSets(workspace),
  ...createFeatureImport(workspace),
  ...createConcatenation(workspace),
  ...createCaptionChecks(workspace),
  ...createTags(workspace),
  ...createAnnotations(workspace),
})
