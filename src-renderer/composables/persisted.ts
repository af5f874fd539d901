import { useLocalStorage } from '@vueuse/core'
import type { RemovableRef } from '@vueuse/core'

/** A setting of the window that survives a reload, whichever project is open. */
export const usePersisted = <T>(key: string, initial: T): RemovableRef<T> =>
  useLocalStorage(`vitrine/${key}`, initial, { mergeDefaults: true, writeDefaults: false })
