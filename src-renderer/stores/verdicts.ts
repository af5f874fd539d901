import { defineStore } from 'pinia'
import { computed, markRaw, shallowRef, watch } from 'vue'
import * as z from 'zod'
import { verdict as verdictSchema } from '#contract'
import type { Verdict } from '#contract'
import { clientOf, failureOf, onConnectionChange } from '../client.ts'
import { notices } from '../composables/notices.ts'
import { createOutbox } from '../composables/outbox.ts'
import { ConnectionLostError } from '../connection.ts'
import { person } from '../person.ts'
import { useProject } from './project.ts'

/** A verdict on what a model says of a clip; null takes back the one there is. */
const givenVerdict = z.object({
  modelId: z.number(),
  clipId: z.number(),
  verdict: verdictSchema.nullable(),
  /** What was judged; null: whatever the model says. */
  caption: z.string().nullable(),
})
export type GivenVerdict = z.infer<typeof givenVerdict>
/** The same as it waits: of which project, and whose it is. */
const waitingVerdict = givenVerdict.extend({ project: z.string(), person: z.string() })
type WaitingVerdict = z.infer<typeof waitingVerdict>

/** Of verdicts that don't fit what main has: trying again changes nothing. */
const REFUSALS: ReadonlySet<string> = new Set(['BAD_INPUT', 'NOT_FOUND', 'NOT_READY', 'CONFLICT'])

/**
 * Verdicts as they are given, which may be faster than main takes them, and while it is not there: they are kept on this
 * machine, outlive a reload and the window, and go to main one after the other, signed by whoever gave them.
 */
export const useVerdicts = defineStore('verdicts', () => {
  const project = useProject()
  const path = computed(() => project.summary?.path ?? null)
  const outbox = createOutbox('verdicts', waitingVerdict)
  /** Taken by main, but perhaps not yet in what the views were told. */
  const taken = shallowRef<readonly WaitingVerdict[]>([])
  const ofProject = computed(() => outbox.entries.value.filter((one) => one.project === path.value))
  let sending: Promise<void> | null = null

  function give(verdict: GivenVerdict): void {
    if (path.value !== null) {
      outbox.put({ ...verdict, project: path.value, person: person.value })
      send()
    }
  }
  function send(): void {
    sending ??= sendAll().finally(() => {
      sending = null
    })
    project.awaitEdit(sending)
  }
  async function sendAll(): Promise<void> {
    // Another project may be opened while main is asked.
    for (let [first] = ofProject.value; first !== undefined; [first] = ofProject.value) {
      const { modelId, clipId, verdict, caption } = first
      try {
        await clientOf(first.person).review.judge({ modelId, clipIds: [clipId], verdict, caption })
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
      outbox.drop(first)
    }
  }
  /** With what windows left that are gone. */
  const sendWhatIsLeft = (): void => {
    void outbox.takeOver().finally(send)
  }
  watch(path, sendWhatIsLeft, { immediate: true })
  onConnectionChange((state) => {
    if (state === 'open') {
      sendWhatIsLeft()
    }
  })

  const latest = computed(() => {
    const known = [...taken.value, ...ofProject.value].filter((one) => one.person === person.value)
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
