import { computed, nextTick, onScopeDispose, ref, watch } from 'vue'
import type { ComputedRef } from 'vue'
import type { RowList } from './rows.ts'

/** Something that is done in its turn; a promise, which does not reject, where it takes time. */
export type Act = () => void | Promise<void>

export interface Acts {
  /** Whether any waits, or would have to. */
  pending: ComputedRef<boolean>
  /** Does it at once, or when the rows are there and the acts before it are done. */
  whenFilled(act: Act): void
}

/** An address takes a selection up after the task in which it was made. */
const nextTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

/** What acts on no list wait for. */
const NO_LIST = { question: ref(0), waiting: ref(false) }

/**
 * Acts, one after the other. Those on a list that waits for the first rows of its question wait with it;
 * another question lets them fall.
 */
export function useActs(list: Pick<RowList<unknown, unknown>, 'question' | 'waiting'> = NO_LIST): Acts {
  const line: Act[] = []
  const busy = ref(false)
  /** What the act that is being done takes part of its time for; null: none is being done. */
  let parts: Promise<void>[] | null = null

  function whenFilled(act: Act): void {
    if (parts === null) {
      line.push(act)
      work()
      return
    }
    // An act may be made of others, which do not stand in line behind it.
    const part = act()
    if (part !== undefined) {
      parts.push(part)
    }
  }
  function work(): void {
    const act = busy.value || list.waiting.value ? undefined : line.shift()
    if (act === undefined) {
      return
    }
    const under = perform(act)
    if (under.length > 0 || line.length > 0) {
      busy.value = true
      void Promise.all(under).then(nextTask).then(goOn)
    }
  }
  function perform(act: Act): Promise<void>[] {
    const under: Promise<void>[] = []
    parts = under
    try {
      const done = act()
      return done === undefined ? under : [...under, done]
    } finally {
      parts = null
    }
  }
  function goOn(): void {
    busy.value = false
    work()
  }
  function letFall(): void {
    line.length = 0
  }

  watch(list.question, letFall, { flush: 'sync' })
  watch(list.waiting, () => {
    void nextTick(work)
  })
  onScopeDispose(letFall)
  return { pending: computed(() => list.waiting.value || busy.value), whenFilled }
}
