/** Answers to questions that are likely to come next, and to a few that were asked last. */
import { onScopeDispose, shallowRef } from 'vue'
import type { ShallowRef } from 'vue'

interface AnswersAhead<P, T> {
  answers: Readonly<ShallowRef<readonly T[]>>
  /** An answer that is here, and whether it can't have changed since. */
  find(question: P): { answer: T; fresh: boolean } | undefined
  keep(question: P, answer: T): void
  /** Asks for what is not here, one question after the other. */
  fetch(): Promise<void>
  /** All that is here may have changed. */
  expire(): void
}

/** They are asked one after the other, while the component lives. */
export function useAnswersAhead<P, T>(
  questions: () => readonly P[],
  ask: (question: P, signal: AbortSignal) => Promise<T>,
): AnswersAhead<P, T> {
  /** By question; what was kept last stands last. `age`: in which the answer was asked for. */
  const kept = new Map<string, { answer: T; age: number }>()
  const answers = shallowRef<readonly T[]>([])
  const abort = new AbortController()
  let age = 0
  let fetching: Promise<void> | null = null
  onScopeDispose(() => {
    abort.abort()
  })

  function keep(question: P, answer: T, atAge = age): void {
    const name = JSON.stringify(question)
    kept.delete(name)
    kept.set(name, { answer, age: atAge })
    for (const oldest of [...kept.keys()].slice(0, -2 * (questions().length + 1))) {
      kept.delete(oldest)
    }
    list()
  }
  function list(): void {
    answers.value = questions().flatMap((question) => {
      const here = kept.get(JSON.stringify(question))
      return here === undefined ? [] : [here.answer]
    })
  }
  async function fetchAll(): Promise<void> {
    const failed = new Set<string>()
    const missing = (): P | undefined =>
      questions().find((question) => {
        const name = JSON.stringify(question)
        return kept.get(name)?.age !== age && !failed.has(name)
      })
    for (let question = missing(); question !== undefined && !abort.signal.aborted; question = missing()) {
      const atAge = age
      try {
        keep(question, await ask(question, abort.signal), atAge)
      } catch {
        // Whoever asks for it in its turn is told why there is no answer.
        failed.add(JSON.stringify(question))
      }
    }
  }
  return {
    answers,
    find(question) {
      const here = kept.get(JSON.stringify(question))
      return here && { answer: here.answer, fresh: here.age === age }
    },
    keep(question, answer) {
      if (questions().length > 0) {
        keep(question, answer)
      }
    },
    fetch() {
      list()
      fetching ??= fetchAll().finally(() => {
        fetching = null
      })
      return fetching
    },
    expire() {
      age++
    },
  }
}
