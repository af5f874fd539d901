/** What of the comparisons is looked at: it is there again when a person comes back from a neuron, a topic or a clip. */
import { computed } from 'vue'
import type { WritableComputedRef } from 'vue'
import type { RemovableRef } from '@vueuse/core'
import { useProjectState } from '../../stores/project-state.ts'

interface Shown {
  /** The comparison; null: the newest. */
  id: number | null
  /** The place of its kind of features. */
  source: number
  /** The cell of its confusion matrix. */
  cell: { truth: number; predicted: number } | null
  /** The clip whose reasons are open. */
  clip: string | null
}

const START: Shown = { id: null, source: 0, cell: null, clip: null }
const useShown = (): RemovableRef<Shown> => useProjectState('actions/shown', { ...START })

/** The comparison that is shown; another one is shown from its top. */
export function useShownId(): WritableComputedRef<number | null> {
  const shown = useShown()
  return computed({
    get: () => shown.value.id,
    set: (id) => {
      shown.value = { ...START, id }
    },
  })
}

/** What of a comparison is looked at; with a closer look it stays shown, though newer ones come. */
export function useShownComparison(id: () => number) {
  const shown = useShown()
  return {
    shown,
    look: (closer: Partial<Omit<Shown, 'id'>>): void => {
      shown.value = { ...shown.value, ...closer, id: id() }
    },
  }
}
