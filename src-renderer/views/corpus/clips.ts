import { computed, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import type { ClipRow, Failure, Split } from '#contract'
import { client, failureOf } from '../../client.ts'
import { onChanged } from '../../composables/bus.ts'

const PAGE = 200

export interface ClipPages {
  total: Readonly<Ref<number | null>>
  error: Readonly<ShallowRef<Failure | null>>
  /** The row at an index of the whole list, undefined until its page is there. */
  row(index: number): ClipRow | undefined
  /** Index of a clip among the loaded pages, -1 if it is not there. */
  indexOf(clipId: number | null): number
  /** Loads the pages that hold these rows. */
  show(first: number, last: number): void
  pages: ComputedRef<number>
}

/** The corpus in pages: only what is looked at is loaded, however long the list. */
export function useClipPages(query: () => { search: string; split: Split | null }): ClipPages {
  const total = ref<number | null>(null)
  const error = shallowRef<Failure | null>(null)
  const pages = shallowRef(new Map<number, ClipRow[]>())
  const asked = new Set<number>()
  let turn = 0
  let range: [number, number] = [0, 0]

  async function load(page: number): Promise<void> {
    const mine = turn
    asked.add(page)
    try {
      const answer = await client.corpus.clips({ ...query(), offset: page * PAGE, limit: PAGE })
      if (mine !== turn) return
      total.value = answer.total
      error.value = null
      pages.value = new Map(pages.value).set(page, answer.rows)
    } catch (cause) {
      if (mine === turn) error.value = failureOf(cause)
    }
  }
  function show(first: number, last: number): void {
    range = [first, last]
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page++) if (!asked.has(page)) void load(page)
  }
  /** Asks again for what is in sight; `keep` shows the old rows until the new ones are there. */
  function restart(keep: boolean): void {
    turn++
    asked.clear()
    if (!keep) { pages.value = new Map(); range = [0, 0] }
    show(...range)
  }
  let pause: ReturnType<typeof setTimeout> | undefined
  watch(query, () => { clearTimeout(pause); pause = setTimeout(() => { restart(false) }, 120) }, { deep: true })
  onChanged(['corpus', 'features'], () => { restart(true) })
  restart(false)

  return {
    total,
    error,
    row: (index) => pages.value.get(Math.floor(index / PAGE))?.[index % PAGE],
    indexOf(clipId) {
      for (const [page, rows] of pages.value) {
        const at = rows.findIndex((row) => row.id === clipId)
        if (at >= 0) return page * PAGE + at
      }
      return -1
    },
    show,
    pages: computed(() => pages.value.size),
  }
}
