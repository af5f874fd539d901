import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { Failure } from '#contract'
import { failureOf } from '../client.ts'

/** The newest failure of something a person asked for. Success needs no notice: the view shows it. */
export const useNotices = defineStore('notices', () => {
  const failure = shallowRef<Failure | null>(null)
  const said = ref('')
  return {
    failure,
    /** Text for screen readers only, spoken when it changes. */
    said,
    fail(error: unknown): void {
      failure.value = failureOf(error)
    },
    dismiss(): void {
      failure.value = null
    },
    say(text: string): void {
      said.value = text
    },
  }
})
