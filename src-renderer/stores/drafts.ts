import { useLocalStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { toRef } from 'vue'
import type { Ref } from 'vue'
import { useProject } from './project.ts'

interface Draft {
  typed: string
  /** What stood there when the typing began. */
  before: string
}

/** One for the window: what a form writes as it goes is written, too. */
const useDraftStore = defineStore('drafts', () => {
  const project = useProject()
  const drafts = useLocalStorage<Record<string, Draft>>(
    () => `vitrine/${project.summary?.path ?? ''}/drafts`,
    {},
    { writeDefaults: false },
  )
  return { drafts }
})

/**
 * What was typed on this machine and neither saved nor given up, by what it is for ("caption 12"): it outlives another
 * selection, another view, a reload, and the window.
 */
export const useDrafts = (): Ref<Record<string, Draft>> => toRef(useDraftStore(), 'drafts')
