import { computed } from 'vue'
import type { WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { Router } from 'vue-router'

/**
 * The view that the latest navigation leads to, also while it is still being loaded; none: the welcome page.
 */
let destination: Router['currentRoute']['value']['name']

/** Keeps the destination, so that no view calls back someone who is on the way to another. */
export function followDestination(router: Router): void {
  router.beforeEach((to) => {
    destination = to.name
  })
  router.onError(() => {
    destination = router.currentRoute.value.name
  })
}

/**
 * A part of the address of view `view`: what is selected there, null for nothing. Other parts of the address
 * stay.
 */
export function useAddress(view: string, param: string): WritableComputedRef<string | null> {
  const route = useRoute()
  const router = useRouter()
  return computed({
    get: () => {
      const value = route.params[param]
      return route.name === view && typeof value === 'string' && value !== '' ? value : null
    },
    set: (value) => {
      if (route.name !== view || destination !== view) {
        return
      }
      void router.replace({ name: view, params: { ...route.params, [param]: value } })
    },
  })
}

/** A number in the address of view `view`: the selected clip, topic, model ... null for none. */
export function useSelection(view: string, param: string): WritableComputedRef<number | null> {
  const address = useAddress(view, param)
  return computed({
    get: () => (address.value === null ? null : Number(address.value)),
    set: (value) => {
      address.value = value === null ? null : String(value)
    },
  })
}
