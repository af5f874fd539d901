import { useLocalStorage } from '@vueuse/core'
import type { Ref } from 'vue'
import { useProject } from './project.ts'

interface Draft {
  typed: string
  /** What stood there when the typing began. */
  before: string
}

/**
 * What was typed on this machine and neither saved nor given up, by what it is for ("caption 12"): it outlives another
 * selection, another view, a reload, and the window.
 */
export const useDrafts = (): Ref<Record<string, Draft>> =>
  useLocalStorage(`vitrine/${useProject().summary?.path ?? ''}/drafts`, {}, { writeDefaults: false })
