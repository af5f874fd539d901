import { useLocalStorage } from '@vueuse/core'
import type { RemovableRef } from '@vueuse/core'
import { useProject } from '../stores/project.ts'

/** A setting of the window that survives a reload, whichever project is open. */
export const usePersisted = <T>(key: string, initial: T): RemovableRef<T> =>
  useLocalStorage(`vitrine/${key}`, initial, { mergeDefaults: true, writeDefaults: false })

/** A setting of the open project's views (filters, selections) that survives a reload. */
export const useProjectState = <T>(key: string, initial: T): RemovableRef<T> =>
  useLocalStorage(`vitrine/${useProject().summary?.path ?? ''}/${key}`, initial, {
    mergeDefaults: true,
    writeDefaults: false,
  })
