import { computed, readonly, ref } from 'vue'
import type { Ref } from 'vue'

/** The rows of a list, whether all of them are here or only the pages that are looked at. */
export interface RowList<Row, Key> {
  /** Rows of the whole list; null before the first answer. */
  readonly total: Readonly<Ref<number | null>>
  /** Counts the questions that were asked: another search or filter is another question. */
  readonly question: Readonly<Ref<number>>
  /** True until the first rows of the current question are here. */
  readonly waiting: Readonly<Ref<boolean>>
  /** The row at an index of the whole list, undefined until it is loaded. */
  row(index: number): Row | undefined
  keyOf(row: Row): Key
  /** Index of a row among those that are loaded, -1 if it is not there. */
  indexOf(key: Key | null): number
  /** Loads rows; resolves when they are there. */
  load(first: number, last: number): Promise<void>
  /** The same of what is in sight, which is kept up to date. */
  show(first: number, last: number): Promise<void>
  /** Loads the page that holds a row, where main can tell which that is. */
  find?(key: Key): Promise<void>
  /** Asks for the keys of all rows, where main can tell them without the rows; `knownKey` has them then. */
  loadKeys?(): Promise<void>
  knownKey?(index: number): Key | null
}

/** Rows that are all here; null: not yet. */
export function useRows<Row, Key>(
  rows: () => readonly Row[] | null,
  keyOf: (row: Row) => Key,
): RowList<Row, Key> {
  const here = Promise.resolve()
  return {
    total: computed(() => rows()?.length ?? null),
    question: readonly(ref(0)),
    waiting: computed(() => rows() === null),
    row: (index) => rows()?.[index],
    keyOf,
    indexOf: (key) => (key === null ? -1 : (rows() ?? []).findIndex((row) => keyOf(row) === key)),
    load: () => here,
    show: () => here,
  }
}

/** The key of the row at an index; null until it is known. */
export function keyAt<Row, Key>(list: RowList<Row, Key>, index: number): Key | null {
  const row = list.row(index)
  return row === undefined ? (list.knownKey?.(index) ?? null) : list.keyOf(row)
}

/** The index, or the nearest that the list has. */
export function nearestIndex(list: RowList<unknown, unknown>, index: number): number {
  const last = Math.max((list.total.value ?? 0) - 1, 0)
  return Math.min(Math.max(index, 0), last)
}

/** Does something with rows: at once where they are loaded, or when they are. */
export function withRows(
  list: RowList<unknown, unknown>,
  first: number,
  last: number,
  act: () => void | Promise<void>,
): void | Promise<void> {
  for (let index = first; index <= last; index++) {
    if (list.row(index) === undefined) {
      return list.load(first, last).then(act)
    }
  }
  return act()
}
