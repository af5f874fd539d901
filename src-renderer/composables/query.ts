import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import type { Client, Failure } from '#contract'
import { failureOf } from '../client.ts'
import { ConnectionLostError } from '../connection.ts'
import { useAnswersAhead } from './answers-ahead.ts'
import { useWatchedClient } from './watched-client.ts'

export interface Query<T> {
  /** The answers that are here of the questions asked ahead, in their order. */
  ahead: Readonly<ShallowRef<readonly T[]>>
  /**
   * The newest answer; stays while the next one loads and while the connection is lost, null before the first
   * and where there is nothing to ask.
   */
  data: Readonly<ShallowRef<T | null>>
  error: Readonly<ShallowRef<Failure | null>>
  /** True when an answer is 200 ms overdue: time for a skeleton. */
  slow: Readonly<Ref<boolean>>
  /** True until the first answer or failure to the current question. */
  loading: Readonly<Ref<boolean>>
  /** Asks again; resolves when the newest answer is there, to this call or to one made since. */
  reload(): Promise<void>
}

export interface QueryOptions<P> {
  /** A change of `params` is asked for only after this many milliseconds of rest. */
  wait?: number
  /** False: asked once for each question, whatever changes meanwhile. */
  live?: boolean
  /**
   * Questions that are likely to come next, the nearest first. They are asked when the current one is answered, and their
   * answers are there at once when their turn comes.
   */
  ahead?: () => readonly P[]
}

/**
 * Something that main knows, loaded when `params` changes (null: nothing to ask) and again when main says
 * that the answer to what `load` asks of its client may have changed. Only the latest answer counts; older
 * calls are aborted.
 */
export function useQuery<P, T>(
  params: () => P | null,
  load: (client: Client, params: P, signal: AbortSignal) => Promise<T>,
  { wait = 0, live = true, ahead = () => [] }: QueryOptions<P> = {},
): Query<T> {
  const answer = shallowRef<T | null>(null)
  const error = shallowRef<Failure | null>(null)
  const slow = ref(false)
  const loading = ref(false)
  const clientOf = useWatchedClient(() => {
    if (live) {
      kept.expire()
      void reload()
    }
  })
  const kept = useAnswersAhead(ahead, (question, signal) => load(clientOf(signal), question, signal))
  /** The question that `answer` is of, as JSON. */
  let answered: string | null = null
  let abort = new AbortController()
  let pause: ReturnType<typeof setTimeout> | undefined

  let newest: Promise<void> = Promise.resolve()
  const reload = (): Promise<void> => (newest = ask())
  /** When an answer comes too late: the one that was asked for since, if the scope still lives. */
  const overtaken = (signal: AbortSignal): Promise<void> =>
    abort.signal === signal ? Promise.resolve() : newest

  async function ask(): Promise<void> {
    abort.abort()
    abort = new AbortController()
    const { signal } = abort
    const question = params()
    if (question === null) {
      answered = null
      answer.value = null
      error.value = null
      slow.value = loading.value = false
      return
    }
    loading.value = true
    const overdue = setTimeout(() => {
      if (!signal.aborted) {
        slow.value = true
      }
    }, 200)
    try {
      const latest = await load(clientOf(signal), question, signal)
      if (signal.aborted) {
        return await overtaken(signal)
      }
      take(question, latest)
      kept.keep(question, latest)
    } catch (cause) {
      if (signal.aborted) {
        return await overtaken(signal)
      }
      // A view must not go, with what is typed in it, because main could not be asked: all is asked again later.
      if (cause instanceof ConnectionLostError && answered === JSON.stringify(question)) {
        return
      }
      answered = null
      error.value = failureOf(cause)
      answer.value = null
    } finally {
      clearTimeout(overdue)
      if (!signal.aborted) {
        slow.value = loading.value = false
        void kept.fetch()
      }
    }
  }
  function take(question: P, latest: T): void {
    answer.value = latest
    answered = JSON.stringify(question)
    error.value = null
  }
  /** Shows the answer to the question that was asked ahead, if it is here; whether nothing has to be asked. */
  function takeAhead(): boolean {
    const question = params()
    const known = question === null ? undefined : kept.find(question)
    if (question === null || known === undefined) {
      return false
    }
    take(question, known.answer)
    if (known.fresh) {
      abort.abort()
      slow.value = loading.value = false
      void kept.fetch()
    }
    return known.fresh
  }

  watch(
    () => JSON.stringify(params()),
    (_, before) => {
      clearTimeout(pause)
      if (takeAhead()) {
        return
      }
      if (wait === 0 || before === undefined) {
        void reload()
      } else {
        // What `data` has until then is the answer to another question.
        loading.value = true
        pause = setTimeout(() => void reload(), wait)
      }
    },
    { immediate: true },
  )
  watch(
    () => JSON.stringify(ahead()),
    () => {
      if (!loading.value) {
        void kept.fetch()
      }
    },
  )
  onScopeDispose(() => {
    clearTimeout(pause)
    abort.abort()
  })
  return { data: answer, error, slow, loading, reload, ahead: kept.answers }
}
