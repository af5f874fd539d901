import { computed, shallowRef, watch, watchSyncEffect } from 'vue'
import type { ComputedRef, Ref } from 'vue'
import { t, worded } from '../language/index.ts'
import type { Wording } from '../language/index.ts'
import { useActs } from './acts.ts'
import type { Act } from './acts.ts'
import { useCommand, useListOfView } from './commands.ts'
import { useMarks } from './marks.ts'
import type { MarkHow } from './marks.ts'
import { keyAt, nearestIndex, withRows } from './rows.ts'
import type { RowList } from './rows.ts'

/**
 * The cursor of a list: the row that is selected, how keys move it, and the rows that are marked beside it.
 *
 * Keys may come faster than rows: what is asked of the cursor waits for them, in the order in which it was
 * asked.
 */
export interface ListCursor<Row, Key extends string | number> {
  readonly list: RowList<Row, Key>
  /** Index of the selected row; -1: there is none, or it is not among the rows that are loaded. */
  readonly index: ComputedRef<number>
  readonly row: ComputedRef<Row | null>
  /** Where the selected row stands, or stood when it was last in the list; 0 before. */
  readonly place: ComputedRef<number>
  /** Indices of the marked rows; null where rows can't be marked. */
  readonly marked: ComputedRef<ReadonlySet<number>> | null
  /** The keys that mark a row. */
  readonly markKeys: readonly string[]
  /** What an action is for: the marked rows in their order, or without any the selected one. */
  readonly chosen: ComputedRef<Key[]>
  /** Whether it waits for rows. */
  readonly pending: ComputedRef<boolean>
  /** Does something with the rows: at once, or when they are there. */
  whenFilled(act: Act): void
  select(index: number): void
  /** Moves by rows, as far as there are any; `marking` also marks those on the way. */
  move(by: number, marking?: boolean): void
  /** Marks rows; `from` is the selected one and `to` the same, unless given. */
  mark(how: MarkHow, from?: number, to?: number): void
  /** Gives the list the focus, and selects its first row unless one of its rows is selected. */
  enter(): void
  focus(): void
  /**
   * The first row from the selected one on whose key is none of these: where the cursor goes when they leave.
   */
  beside(keys: readonly Key[]): Key | null
  /** Takes the element that has the focus for the list, null when it goes. */
  attach(element: HTMLElement | null): void
}

interface CursorKeys {
  /** Of the commands: "corpus" has "corpus.next". */
  id: string
  section: Wording
  /** What a row is: "clip". */
  noun: Wording
  next?: string | readonly string[]
  previous?: string | readonly string[]
}

interface CursorOptions<Row, Key> {
  list: RowList<Row, Key>
  /** The key of the selected row. */
  selected: Ref<Key | null>
  /** Which row is selected where none is. */
  start?: 'first' | 'none'
  /**
   * What the rows are of: when this changes, the first row takes the place of a selected one that is not among them.
   */
  of?: () => unknown
  /**
   * What a selected row does that is not in the list: it stays selected, or it leaves the selection to the
   * row that took its place.
   */
  gone?: 'stays' | 'leaves'
  /** Whether rows can be marked. */
  marks?: boolean
  /** The keys that mark a row, where one of the usual is something else's. */
  markKeys?: readonly string[]
  /** Keys that move the cursor from anywhere in the view; in the list itself its own keys do the same. */
  keys?: CursorKeys
}

export function useListCursor<Row, Key extends string | number>({
  list,
  selected,
  start = 'first',
  of = () => null,
  gone = 'stays',
  marks: markable = false,
  markKeys = ['space', 'x'],
  keys,
}: CursorOptions<Row, Key>): ListCursor<Row, Key> {
  const index = computed(() => list.indexOf(selected.value))
  const row = computed(() => (index.value < 0 ? null : (list.row(index.value) ?? null)))
  const lastSeen = useLastSeen(list, selected, index)
  const marks = useRowMarks(list, markable, () => (index.value < 0 ? null : selected.value))
  const { pending, whenFilled } = useActs(list)
  let element: HTMLElement | null = null

  function selectAt(place: number): void | Promise<void> {
    if (list.total.value === 0) {
      return
    }
    const target = nearestIndex(list, place)
    return withRows(list, target, target, () => {
      selected.value = keyAt(list, target) ?? selected.value
    })
  }
  /** Finds the selected row first, where it may be in a page that is not loaded. */
  function step(by: number, marking: boolean): void | Promise<void> {
    const onward = (): void | Promise<void> => moveTo(target(by), marking)
    if (index.value >= 0 || selected.value === null) {
      return onward()
    }
    if (lastSeen.value === null) {
      return list.find === undefined ? onward() : list.find(selected.value).then(onward)
    }
    const gap = nearestIndex(list, lastSeen.value)
    return withRows(list, gap, gap, onward)
  }
  /**
   * The row that a move leads to. From the gap that a row left, the next one is the one that took its place.
   */
  function target(by: number): number {
    if (index.value < 0 && lastSeen.value !== null) {
      return nearestIndex(list, lastSeen.value + (by > 0 ? by - 1 : by))
    }
    return nearestIndex(list, index.value + by)
  }
  function moveTo(place: number, marking: boolean): void | Promise<void> {
    const marked = marking ? marks.mark('range', Math.max(index.value, 0), place) : undefined
    return marked === undefined ? selectAt(place) : marked.then(() => selectAt(place))
  }

  let rowsOf = of()
  /** The row that was selected when rows of something else were asked for, until there are any; null: none was. */
  let left: Key | null = null
  /** Selects a row where none is, or where the selected one left. */
  function settle(): void | Promise<void> {
    if (list.waiting.value || list.total.value === null || list.total.value === 0) {
      return
    }
    if (selected.value === null) {
      return start === 'first' ? selectAt(0) : undefined
    }
    const isOfOthers = left === selected.value && index.value < 0
    left = null
    if (isOfOthers) {
      return selectAt(0)
    }
    // A row of a page that is not loaded has not left.
    const successor = keyAt(list, nearestIndex(list, lastSeen.value ?? 0))
    if (gone === 'leaves' && index.value < 0 && successor !== null) {
      selected.value = successor
    }
  }
  /** Keys that come before the rows of a new question are for the row that is selected then. */
  function arrive(): void {
    if (rowsOf !== of()) {
      left = selected.value
      rowsOf = of()
    }
    whenFilled(settle)
  }
  watch(list.question, arrive, { flush: 'sync' })
  watch(
    [selected, index, list.waiting, list.total],
    () => {
      void settle()
    },
    { immediate: true },
  )
  arrive()

  const focus = (): void => element?.focus()
  const cursor: ListCursor<Row, Key> = {
    list,
    index,
    row,
    place: computed(() => lastSeen.value ?? 0),
    marked: markable ? marks.indices : null,
    markKeys,
    chosen: marks.chosen,
    pending,
    whenFilled,
    select(place) {
      whenFilled(() => selectAt(place))
    },
    move(by, marking = false) {
      whenFilled(() => step(by, marking))
    },
    mark(how, from, to) {
      whenFilled(() => marks.mark(how, from ?? index.value, to ?? from ?? index.value))
    },
    enter() {
      focus()
      whenFilled(() => (index.value < 0 ? selectAt(0) : undefined))
    },
    focus,
    beside(leaving) {
      for (let place = Math.max(index.value, 0); place < (list.total.value ?? 0); place++) {
        const key = keyAt(list, place)
        if (key !== null && !leaving.includes(key)) {
          return key
        }
      }
      return null
    },
    attach(listbox) {
      element = listbox
    },
  }
  if (keys !== undefined) {
    useCursorKeys(cursor, keys)
  }
  return cursor
}

/** Where the selected row was seen last in the answers to the current question; null: it was not. */
function useLastSeen<Row, Key>(
  list: RowList<Row, Key>,
  selected: Readonly<Ref<Key | null>>,
  index: Readonly<Ref<number>>,
): ComputedRef<number | null> {
  const seen = shallowRef<{ key: Key; index: number } | null>(null)
  watchSyncEffect(() => {
    if (index.value >= 0 && selected.value !== null) {
      seen.value = { key: selected.value, index: index.value }
    }
  })
  const forget = (): void => {
    seen.value = null
  }
  watch(list.question, forget, { flush: 'sync' })
  return computed(() => (seen.value?.key === selected.value ? (seen.value?.index ?? null) : null))
}

interface RowMarks<Key> {
  indices: ComputedRef<ReadonlySet<number>>
  chosen: ComputedRef<Key[]>
  mark(how: MarkHow, from: number, to: number): void | Promise<void>
}

/** Marks of rows that may not be loaded: what is marked has to be, for its rows say which keys they have. */
function useRowMarks<Row, Key extends string | number>(
  list: RowList<Row, Key>,
  markable: boolean,
  current: () => Key | null,
): RowMarks<Key> {
  const length = (): number => (markable ? (list.total.value ?? 0) : 0)
  const { indices, chosen, mark } = useMarks(
    () => Array.from({ length: length() }, (_, index) => keyAt(list, index)),
    current,
  )
  return {
    indices,
    chosen,
    mark(how, from, to) {
      const markThem = (): void => {
        mark(how, from, to)
      }
      switch (how) {
        case 'none':
          return markThem()
        case 'toggle':
          return from < 0 ? undefined : withRows(list, from, from, markThem)
        case 'range':
          return withRows(list, Math.min(from, to), Math.max(from, to), markThem)
        case 'all':
          return list.loadKeys === undefined
            ? withRows(list, 0, length() - 1, markThem)
            : list.loadKeys().then(markThem)
      }
    },
  }
}

function useCursorKeys<Row, Key extends string | number>(
  cursor: ListCursor<Row, Key>,
  { id, section, noun, next = 'arrowdown', previous = 'arrowup' }: CursorKeys,
): void {
  useListOfView(cursor)
  const command = (name: string, title: Wording, keys: string | readonly string[], run: () => void): void => {
    useCommand({ id: `${id}.${name}`, title, section, keys, quiet: true, run })
  }
  command(
    'next',
    () => t('list.next', { noun: worded(noun) }),
    next,
    () => {
      cursor.move(1)
    },
  )
  command(
    'previous',
    () => t('list.previous', { noun: worded(noun) }),
    previous,
    () => {
      cursor.move(-1)
    },
  )
  const { marked } = cursor
  if (marked === null) {
    return
  }
  command('mark.next', 'list.markOnTheWayDown', 'shift+arrowdown', () => {
    cursor.move(1, true)
  })
  command('mark.previous', 'list.markOnTheWayUp', 'shift+arrowup', () => {
    cursor.move(-1, true)
  })
  command('mark.all', 'list.markAllThatAreListed', 'mod+a', () => {
    cursor.mark('all')
  })
  useCommand({
    id: `${id}.mark`,
    title: () => t('list.markThe', { noun: worded(noun) }),
    section,
    keys: cursor.markKeys,
    quiet: true,
    list: cursor,
    run: () => {
      cursor.mark('toggle')
    },
    blocked: () => (cursor.index.value < 0 ? t('list.chooseAFirst', { noun: worded(noun) }) : null),
  })
  useCommand({
    id: `${id}.mark.none`,
    title: 'list.markNone',
    section,
    keys: 'escape',
    quiet: true,
    run: () => {
      cursor.mark('none')
    },
    blocked: () => (marked.value.size === 0 ? t('list.noneIsMarked') : null),
  })
}
