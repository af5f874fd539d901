import { ref, shallowRef } from 'vue'
import type { Failure } from '#contract'
import { client, failureOf } from '../client.ts'

/** The newest failure of something a person asked for. Success needs no notice where the view shows it. */
const failure = shallowRef<Failure | null>(null)
/** The edit that took something out of sight, in the words of the history: its notice offers undo. */
const edit = shallowRef<string | null>(null)
/** The step of undo or redo that was just taken, in words. */
const step = ref<string | null>(null)
/** Text for screen readers only, spoken when it changes. */
const spoken = ref('')

export const notices = {
  failure,
  edit,
  step,
  spoken,
  fail(error: unknown): void {
    failure.value = failureOf(error)
  },
  /** Says what the latest edit did, and offers to take it back. */
  async offerUndo(): Promise<void> {
    edit.value = (await client.project.edits()).undo
  },
  /** Says what undo or redo did; the notice of the edit before is over. */
  tellStep(text: string): void {
    edit.value = null
    step.value = text
  },
  dismiss(): void {
    failure.value = null
    edit.value = null
    step.value = null
  },
  say(text: string): void {
    spoken.value = text
  },
}
