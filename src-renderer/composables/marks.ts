import { computed, shallowRef } from 'vue'
import type { ComputedRef } from 'vue'

/** One row more or less, all from one row to another, all, or none. */
export type MarkHow = 'toggle' | 'range' | 'all' | 'none'

export interface Marks<K> {
  /** Indices of the marked rows. */
  indices: ComputedRef<ReadonlySet<number>>
  /** What an action is for: the marked rows in their order, or without any the one that the cursor is on. */
  chosen: ComputedRef<K[]>
  mark(how: MarkHow, from: number, to: number): void
}

/**
 * Rows of a list that are marked for one action, beside the cursor that moves over them. `keys` are the rows
 * in order, null for one that is not loaded; `cursor` is the row that the cursor is on. Marks follow their
 * rows when these are reordered; rows that are not in the list do not count.
 */
export function useMarks<K extends string | number>(
  keys: () => readonly (K | null)[],
  cursor: () => K | null,
): Marks<K> {
  const marked = shallowRef<ReadonlySet<K>>(new Set())
  /** The range that is being drawn, so that going back gives up what it took. */
  let range: { anchor: number; end: number; before: ReadonlySet<K> } | null = null
  // Without marks no key is asked for: a list may be long.
  const inList = computed(() =>
    marked.value.size === 0
      ? []
      : keys()
          .filter((key) => key !== null)
          .filter((key) => marked.value.has(key)),
  )
  const between = (a: number, b: number): K[] =>
    keys()
      .slice(Math.min(a, b), Math.max(a, b) + 1)
      .filter((key) => key !== null)
  function toggle(key: K | null): void {
    const next = new Set(marked.value)
    if (key !== null && !next.delete(key)) {
      next.add(key)
    }
    marked.value = next
  }

  return {
    indices: computed(
      () =>
        new Set(
          marked.value.size === 0
            ? []
            : keys().flatMap((key, i) => (key !== null && marked.value.has(key) ? [i] : [])),
        ),
    ),
    chosen: computed(() => {
      if (inList.value.length > 0) {
        return inList.value
      }
      const current = cursor()
      return current === null ? [] : [current]
    }),
    mark(how, from, to) {
      if (how === 'range') {
        if (range?.end !== from) {
          range = { anchor: from, end: from, before: marked.value }
        }
        range.end = to
        marked.value = new Set([...range.before, ...between(range.anchor, to)])
        return
      }
      range = null
      switch (how) {
        case 'toggle':
          toggle(keys()[from] ?? null)
          break
        case 'all':
          marked.value = new Set(between(0, keys().length - 1))
          break
        case 'none':
          marked.value = new Set()
      }
    },
  }
}
