import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import type { ModelDetail, TrainingPoint } from '#contract'
import { useQuery } from '../../composables/query.ts'
import type { Query } from '../../composables/query.ts'
import type { Run } from './curves.ts'

/** A model with the curve of its run. */
export interface TrainingRun extends ModelDetail {
  points: readonly TrainingPoint[]
}

/** A run as charts draw it, under a name that tells it from the others. */
export const curvesOf = ({ points, best, settings, evaluations }: TrainingRun, name: string): Run => ({
  name,
  points,
  kept: best?.step ?? null,
  captionsAStep: settings.batchCaptions || settings.batchClips * settings.captionsPerClip,
  validationClips: evaluations.find(({ split }) => split === 'val')?.captions ?? null,
})

/**
 * Models with the curves of their runs, kept up to date while they train; in the order of `ids`, empty until
 * all are there.
 */
export function useRuns(ids: () => readonly number[]): {
  runs: ComputedRef<TrainingRun[]>
  error: Query<unknown>['error']
} {
  const { data: models, error } = useQuery(
    () => ({ ids: ids() }),
    (client, params) => Promise.all(params.ids.map((modelId) => client.training.model({ modelId }))),
  )
  // Asked apart: while a model trains, its curve grows every second and the rest of it stays.
  const { data: curves } = useQuery(
    () => ({ ids: ids() }),
    (client, params) =>
      Promise.all(
        params.ids.map(async (modelId) => ({ modelId, points: await client.training.curve({ modelId }) })),
      ),
  )
  return {
    runs: computed(() =>
      (models.value ?? []).map((model) => ({
        ...model,
        points: curves.value?.find(({ modelId }) => modelId === model.id)?.points ?? [],
      })),
    ),
    error,
  }
}
