import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { t } from '../language/index.ts'
import { useProject } from './project.ts'

export interface Stage {
  title: string
  view: string
}
const STAGES = ['clips', 'features', 'topics', 'model'] as const
export type StageName = (typeof STAGES)[number]

/** The first step of the work that is still missing among those up to `needed`, or null when all are done. */
export function useMissingStage(needed: StageName): ComputedRef<Stage | null> {
  const project = useProject()
  return computed(() => {
    const summary = project.summary
    if (summary === null) {
      return null
    }
    const missing: Record<StageName, Stage | null> = {
      clips: summary.clips > 0 ? null : { title: t('steps.importClips'), view: 'corpus' },
      features: summary.withFeatures > 0 ? null : { title: t('common.computeFeatures'), view: 'corpus' },
      topics: summary.topics > 0 ? null : { title: t('common.extractTopics'), view: 'topics' },
      model: summary.currentModel !== null ? null : { title: t('common.trainAModel'), view: 'training' },
    }
    return (
      STAGES.slice(0, STAGES.indexOf(needed) + 1)
        .map((name) => missing[name])
        .find((stage) => stage !== null) ?? null
    )
  })
}
