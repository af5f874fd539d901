import { ref, shallowRef } from 'vue'
import type { Failure } from '#contract'
import { failureOf } from '../client.ts'

/** The newest failure of something a person asked for. Success needs no notice: the view shows it. */
const failure = shallowRef<Failure | null>(null)
/** Text for screen readers only, spoken when it changes. */
const spoken = ref('')

export const notices = {
  failure,
  spoken,
  fail(error: unknown): void {
    failure.value = failureOf(error)
  },
  dismiss(): void {
    failure.value = null
  },
  say(text: string): void {
    spoken.value = text
  },
}
