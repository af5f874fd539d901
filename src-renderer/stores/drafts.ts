import { useSessionStorage } from '@vueuse/core'
import type { Ref } from 'vue'
import { useProject } from './project.ts'

interface Draft {
  typed: string
  /** What stood there when the typing began. */
  before: string
}

/**
 * What was typed in this window and neither saved nor given up, by what it is for ("caption 12"): it outlives
 * another selection, another view and a reload.
 */
export const useDrafts = (): Ref<Record<string, Draft>> =>
  useSessionStorage(`vitrine/${useProject().summary?.path ?? ''}/drafts`, {}, { writeDefaults: false })
