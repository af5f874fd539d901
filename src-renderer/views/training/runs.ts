import { computed, shallowRef } from 'vue'
import type { ComputedRef } from 'vue'
import type { ModelDetail, TrainingPoint } from '#contract'
import { client } from '../../client.ts'
import { onEvent } from '../../composables/bus.ts'
import { useQuery } from '../../composables/query.ts'
import type { Query } from '../../composables/query.ts'
import { withLive } from './curves.ts'

/**
 * Models with the curves of their runs, kept up to date while they train; in the order of `ids`, empty until
 * all are there.
 */
export function useRuns(ids: () => readonly number[]): {
  runs: ComputedRef<ModelDetail[]>
  error: Query<unknown>['error']
} {
  const live = shallowRef<ReadonlyMap<number, readonly TrainingPoint[]>>(new Map())
  onEvent((event) => {
    if (event.type === 'curve' && ids().includes(event.modelId)) {
      live.value = new Map(live.value).set(event.modelId, [
        ...(live.value.get(event.modelId) ?? []),
        event.point,
      ])
    }
  })
  const { data, error } = useQuery(
    () => ({ ids: ids() }),
    (params, signal) =>
      Promise.all(params.ids.map((modelId) => client.training.model({ modelId }, { signal }))),
    ['models'],
  )
  return {
    runs: computed(() =>
      (data.value ?? []).map((detail) => withLive(detail, live.value.get(detail.id) ?? [])),
    ),
    error,
  }
}
