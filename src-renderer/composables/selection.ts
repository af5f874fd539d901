import { computed } from 'vue'
import type { WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/** A number in the address of view `view`: the selected clip, topic, model ... null for none. Other numbers of the address stay. */
export function useSelection(view: string, param: string): WritableComputedRef<number | null> {
  const route = useRoute()
  const router = useRouter()
  return computed({
    get: () => {
      const value = route.params[param]
      return route.name === view && typeof value === 'string' && value !== '' ? Number(value) : null
    },
    set: (value) => {
      if (route.name !== view) return
      void router.replace({ name: view, params: { ...route.params, [param]: value === null ? null : String(value) } })
    },
  })
}
