import type { RemovableRef } from '@vueuse/core'
import { usePersisted } from '../composables/persisted.ts'
import { useProject } from './project.ts'

/** A setting of the open project's views (filters, selections) that survives a reload. */
export const useProjectState = <T>(key: string, initial: T): RemovableRef<T> =>
  usePersisted(`${useProject().summary?.path ?? ''}/${key}`, initial)
