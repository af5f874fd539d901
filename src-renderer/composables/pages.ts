import { ref, shallowRef, watch } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import type { ChangedNoun, Failure } from '#contract'
import { failureOf } from '../client.ts'
import { onChanged } from './bus.ts'

export interface Pages<R> {
  /** Rows of the whole list; null before the first answer. */
  total: Readonly<Ref<number | null>>
  error: Readonly<ShallowRef<Failure | null>>
  /** The row at an index of the whole list, undefined until its page is there. */
  row(index: number): R | undefined
  /** Index of a row among the loaded pages, -1 if it is not there. */
  indexOf(id: number | null): number
  /** Loads the pages that hold these rows; resolves when they are there. */
  show(first: number, last: number): Promise<void>
  /** Asks again for what is in sight; resolves when the new rows are there. */
  reload(): Promise<void>
}

/**
 * A long list in pages of `size` rows: only what is looked at is loaded. Asks again when `query` changes
 * (after a rest of 120 ms) and, with the old rows in sight until then, when one of `nouns` does.
 */
export function usePages<Q, R extends { id: number }>(
  query: () => Q,
  load: (query: Q, range: { offset: number; limit: number }) => Promise<{ total: number; rows: R[] }>,
  nouns: readonly ChangedNoun[],
  size = 200,
): Pages<R> {
  const total = ref<number | null>(null)
  const error = shallowRef<Failure | null>(null)
  const pages = shallowRef(new Map<number, R[]>())
  const asked = new Map<number, Promise<void>>()
  let turn = 0
  let range: [number, number] = [0, 0]

  async function fetch(page: number): Promise<void> {
    const mine = turn
    try {
      const answer = await load(query(), { offset: page * size, limit: size })
      // Rows that came too late wait for those that were asked for since.
      if (mine !== turn) {
        return await asked.get(page)
      }
      total.value = answer.total
      error.value = null
      pages.value = new Map(pages.value).set(page, answer.rows)
    } catch (cause) {
      if (mine === turn) {
        error.value = failureOf(cause)
      }
    }
  }
  async function show(first: number, last: number): Promise<void> {
    range = [first, last]
    const wanted: Promise<void>[] = []
    for (let page = Math.floor(first / size); page <= Math.floor(last / size); page++) {
      const answer = asked.get(page) ?? fetch(page)
      asked.set(page, answer)
      wanted.push(answer)
    }
    await Promise.all(wanted)
  }
  /** Asks again for what is in sight; `keep` shows the old rows until the new ones are there. */
  function restart(keep: boolean): Promise<void> {
    turn++
    asked.clear()
    if (!keep) {
      pages.value = new Map()
      range = [0, 0]
    }
    return show(...range)
  }
  let pause: ReturnType<typeof setTimeout> | undefined
  watch(
    () => JSON.stringify(query()),
    () => {
      clearTimeout(pause)
      pause = setTimeout(() => void restart(false), 120)
    },
  )
  onChanged(nouns, () => void restart(true))
  void restart(false)

  return {
    total,
    error,
    row: (index) => pages.value.get(Math.floor(index / size))?.[index % size],
    indexOf(id) {
      for (const [page, rows] of pages.value) {
        const at = rows.findIndex((row) => row.id === id)
        if (at >= 0) {
          return page * size + at
        }
      }
      return -1
    },
    show,
    reload: () => restart(true),
  }
}
