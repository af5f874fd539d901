import { useSessionStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, markRaw, shallowRef, watch } from 'vue'
import type { Verdict } from '#contract'
import { client, failureOf, onConnectionChange } from '../client.ts'
import { notices } from '../composables/notices.ts'
import { ConnectionLostError } from '../connection.ts'
import { useProject } from './project.ts'

/** A verdict on what a model says of a clip; null takes back the one there is. */
export interface GivenVerdict {
  modelId: number
  clipId: number
  verdict: Verdict | null
  /** What was judged; null: whatever the model says. */
  caption: string | null
}

/** Of verdicts that don't fit what main has: trying again changes nothing. */
const REFUSALS: ReadonlySet<string> = new Set(['BAD_INPUT', 'NOT_FOUND', 'NOT_READY', 'CONFLICT'])

/**
 * Verdicts as they are given, which may be faster than main takes them, and while it is not there: they are kept in the
 * window, outlive a reload, and go to main one after the other.
 */
export const useVerdicts = defineStore('verdicts', () => {
  const project = useProject()
  const path = computed(() => project.summary?.path ?? null)
  /** By project, in the order in which they were given. */
  const waiting = useSessionStorage<Record<string, GivenVerdict[]>>('vitrine/verdicts', {})
  /** Taken by main, but perhaps not yet in what the views were told. */
  const taken = shallowRef<readonly GivenVerdict[]>([])
  const ofProject = computed(() => (path.value === null ? [] : (waiting.value[path.value] ?? [])))
  let sending: Promise<void> | null = null

  function give(verdict: GivenVerdict): void {
    if (path.value === null) {
      return
    }
    waiting.value = { ...waiting.value, [path.value]: [...ofProject.value, verdict] }
    send()
  }
  function send(): void {
    sending ??= sendAll().finally(() => {
      sending = null
    })
    project.awaitEdit(sending)
  }
  async function sendAll(): Promise<void> {
    // Another project may be opened while main is asked.
    for (let of = path.value; of !== null && ofProject.value[0] !== undefined; of = path.value) {
      const first = ofProject.value[0]
      const { modelId, clipId, verdict, caption } = first
      try {
        await client.review.judge({ modelId, clipIds: [clipId], verdict, caption })
        taken.value = [...taken.value, first]
      } catch (error) {
        if (error instanceof ConnectionLostError) {
          return
        }
        notices.fail(error)
        // What main can't take now, on a full disk say, waits; what it never will is told, and gone.
        if (!REFUSALS.has(failureOf(error).code)) {
          return
        }
      }
      dropFirst(of)
    }
  }
  function dropFirst(of: string): void {
    waiting.value = { ...waiting.value, [of]: (waiting.value[of] ?? []).slice(1) }
  }
  // What another run of the window left.
  watch(path, send, { immediate: true })
  onConnectionChange((state) => {
    if (state === 'open') {
      send()
    }
  })
  window.addEventListener('beforeunload', (event) => {
    if (ofProject.value.length > 0) {
      event.preventDefault()
    }
  })

  const latest = computed(() => {
    const known = [...taken.value, ...ofProject.value]
    return new Map(known.map((given) => [`${given.modelId}/${given.clipId}`, given.verdict]))
  })
  return {
    /** How many main does not have yet. */
    waiting: computed(() => ofProject.value.length),
    give: markRaw(give),
    /** What was given last for a clip and may not be in main's answers; undefined: nothing. */
    latest: (modelId: number, clipId: number): Verdict | null | undefined =>
      latest.value.get(`${modelId}/${clipId}`),
    /** What main has taken is in its answers now. */
    settle(): void {
      if (taken.value.length > 0) {
        taken.value = []
      }
    },
  }
})
