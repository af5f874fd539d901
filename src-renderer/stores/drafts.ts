import { useLocalStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, toRef } from 'vue'
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

/** A text as somebody types it under a name, and as it stands where nobody does. */
export function useDraft(name: () => string, text: () => string) {
  const drafts = useDrafts()
  const draft = computed(() => drafts.value[name()])
  const typed = computed({
    get: () => draft.value?.typed ?? text(),
    set: (value) => {
      drafts.value = { ...drafts.value, [name()]: { typed: value, before: draft.value?.before ?? text() } }
    },
  })
  /** Another text stands there now than when the typing began. */
  const changedMeanwhile = computed(() => draft.value !== undefined && draft.value.before !== text())
  function forget(ofName = name()): void {
    drafts.value = Object.fromEntries(Object.entries(drafts.value).filter(([other]) => other !== ofName))
  }
  return { draft, typed, changedMeanwhile, forget }
}
