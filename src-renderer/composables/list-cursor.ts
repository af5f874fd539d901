import { computed, nextTick, onScopeDispose, ref, shallowRef, watch, watchSyncEffect } from 'vue'
import type { ComputedRef, Ref } from 'vue'
import { useCommand } from './commands.ts'
import { useMarks } from './marks.ts'
import type { MarkHow } from './marks.ts'
import type { RowList } from './rows.ts'

/** Something that is done with the rows; a promise where it takes time. */
type Act = () => void | Promise<void>

/**
 * The cursor of a list: the row that is selected, how keys move it, and the rows that are marked beside it.
 *
 * Keys may come faster than rows. What is asked of a list that waits for the first rows of its question is done
 * when they are there, in the order in which it was asked; another question lets it fall.
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
  /** The first row from the selected one on whose key is none of these: where the cursor goes when they leave. */
  beside(keys: readonly Key[]): Key | null
  /** Takes the element that has the focus for the list, null when it goes. */
  attach(element: HTMLElement | null): void
}

interface CursorKeys {
  /** Of the commands: "corpus" has "corpus.next". */
  id: string
  section: string
  /** What a row is: "clip". */
  noun: string
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
   * What a selected row does that is not in the list: it stays selected, or it leaves the selection to the row that
   * took its place.
   */
  gone?: 'stays' | 'leaves'
  /** Whether rows can be marked. */
  marks?: boolean
  /** Keys that move the cursor from anywhere in the view; in the list itself its own keys do the same. */
  keys?: CursorKeys
}

/** An address takes a selection up after the task in which it was made. */
const nextTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

export function useListCursor<Row, Key extends string | number>({
  list,
  selected,
  start = 'first',
  gone = 'stays',
  marks: marking = false,
  keys,
}: CursorOptions<Row, Key>): ListCursor<Row, Key> {
  const index = computed(() => list.indexOf(selected.value))
  const row = computed(() => (index.value < 0 ? null : (list.row(index.value) ?? null)))
  const clamped = (to: number): number => Math.min(Math.max(to, 0), Math.max((list.total.value ?? 0) - 1, 0))
  const keyAt = (at: number): Key | null => {
    const found = list.row(at)
    return found === undefined ? null : list.keyOf(found)
  }

  /** Where the selected row was seen last. */
  const seen = shallowRef<{ key: Key; index: number } | null>(null)
  watchSyncEffect(() => {
    if (index.value >= 0 && selected.value !== null) {
      seen.value = { key: selected.value, index: index.value }
    }
  })
  const gap = computed(() => (seen.value?.key === selected.value ? (seen.value?.index ?? null) : null))

  const acts: Act[] = []
  const busy = ref(false)
  /** What the act that is being done waits for; null: none is being done. */
  let parts: Promise<void>[] | null = null
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
  function work(): void {
    const act = busy.value || list.waiting.value ? undefined : acts.shift()
    if (act === undefined) {
      return
    }
    const done = perform(act)
    if (done.length === 0 && acts.length === 0) {
      return
    }
    busy.value = true
    void Promise.all(done)
      .then(nextTask)
      .then(() => {
        busy.value = false
        work()
      })
  }
  function whenFilled(act: Act): void {
    if (parts === null) {
      acts.push(act)
      work()
      return
    }
    // An act may be made of others, which do not stand in line behind it.
    const done = act()
    if (done !== undefined) {
      parts.push(done)
    }
  }
  watch(
    list.question,
    () => {
      acts.length = 0
      seen.value = null
    },
    { flush: 'sync' },
  )
  onScopeDispose(() => {
    acts.length = 0
  })

  /** Loads rows unless they are here; then it takes no time. */
  function loaded(first: number, last: number): Promise<void> | undefined {
    for (let at = first; at <= last; at++) {
      if (list.row(at) === undefined) {
        return list.load(first, last)
      }
    }
    return undefined
  }
  /** Does something once rows are loaded. */
  function withRows(first: number, last: number, act: () => void): void | Promise<void> {
    const loading = loaded(first, last)
    if (loading === undefined) {
      act()
      return
    }
    return loading.then(act)
  }
  function selectAt(to: number): void | Promise<void> {
    if (list.total.value === 0) {
      return
    }
    const target = clamped(to)
    return withRows(target, target, () => {
      selected.value = keyAt(target) ?? selected.value
    })
  }
  /** The row that a move leads to. From the gap that a row left, the next one is the one that took its place. */
  function target(by: number): number {
    if (index.value < 0 && gap.value !== null) {
      return clamped(gap.value + (by > 0 ? by - 1 : by))
    }
    return clamped(index.value + by)
  }
  function step(by: number, mark: boolean): void | Promise<void> {
    const to = target(by)
    if (!mark) {
      return selectAt(to)
    }
    const from = Math.max(index.value, 0)
    return withRows(Math.min(from, to), Math.max(from, to), () => {
      marks.mark('range', from, to)
      void selectAt(to)
    })
  }
  /** Finds the selected row where it may be in a page that is not loaded. */
  function located(act: Act): void | Promise<void> {
    const key = selected.value
    if (index.value >= 0 || key === null) {
      return act()
    }
    const finding = gap.value === null ? list.find?.(key) : loaded(clamped(gap.value), clamped(gap.value))
    return finding === undefined ? act() : finding.then(act)
  }

  const marks = useMarks(
    () => Array.from({ length: marking ? (list.total.value ?? 0) : 0 }, (_, at) => keyAt(at)),
    () => (index.value < 0 ? null : selected.value),
  )
  function markRows(how: MarkHow, from: number, to: number): void | Promise<void> {
    switch (how) {
      case 'none':
        marks.mark(how, from, to)
        return
      case 'toggle':
        if (from >= 0) {
          marks.mark(how, from, to)
        }
        return
      // What is marked has to be loaded: its rows say which keys they have.
      case 'range':
      case 'all': {
        const [first, last] =
          how === 'all' ? [0, (list.total.value ?? 0) - 1] : [Math.min(from, to), Math.max(from, to)]
        return withRows(Math.max(first, 0), last, () => {
          marks.mark(how, from, to)
        })
      }
    }
  }

  let element: HTMLElement | null = null
  const focus = (): void => element?.focus()

  /** Selects a row where none is, or where the selected one left. */
  function settle(): void {
    if (list.waiting.value || (list.total.value ?? 0) === 0) {
      return
    }
    if (selected.value === null) {
      if (start === 'first') {
        void selectAt(0)
      }
      return
    }
    // A row of a page that is not loaded has not left.
    const at = clamped(gap.value ?? 0)
    if (gone === 'leaves' && index.value < 0 && list.row(at) !== undefined) {
      selected.value = keyAt(at)
    }
  }
  watch([selected, index, list.waiting, list.total], settle, { immediate: true })
  watch(list.waiting, () => {
    void nextTick(work)
  })

  const cursor: ListCursor<Row, Key> = {
    list,
    index,
    row,
    place: computed(() => gap.value ?? 0),
    marked: marking ? marks.indices : null,
    chosen: marks.chosen,
    pending: computed(() => list.waiting.value || busy.value),
    whenFilled,
    select(to) {
      whenFilled(() => selectAt(to))
    },
    move(by, mark = false) {
      whenFilled(() => located(() => step(by, mark)))
    },
    mark(how, from, to) {
      whenFilled(() => markRows(how, from ?? index.value, to ?? from ?? index.value))
    },
    enter() {
      focus()
      whenFilled(() => (index.value < 0 ? selectAt(0) : undefined))
    },
    focus,
    beside(leaving) {
      for (let at = Math.max(index.value, 0); at < (list.total.value ?? 0); at++) {
        const key = keyAt(at)
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

function useCursorKeys<Row, Key extends string | number>(
  cursor: ListCursor<Row, Key>,
  { id, section, noun, next = 'arrowdown', previous = 'arrowup' }: CursorKeys,
): void {
  const command = (name: string, title: string, keys: string | readonly string[], run: () => void): void => {
    useCommand({ id: `${id}.${name}`, title, section, keys, quiet: true, run })
  }
  command('next', `Next ${noun}`, next, () => {
    cursor.move(1)
  })
  command('previous', `Previous ${noun}`, previous, () => {
    cursor.move(-1)
  })
  const { marked } = cursor
  if (marked === null) {
    return
  }
  command('mark.next', 'Mark on the way down', 'shift+arrowdown', () => {
    cursor.move(1, true)
  })
  command('mark.previous', 'Mark on the way up', 'shift+arrowup', () => {
    cursor.move(-1, true)
  })
  command('mark.all', 'Mark all that are listed', 'mod+a', () => {
    cursor.mark('all')
  })
  useCommand({
    id: `${id}.mark`,
    title: `Mark the ${noun}`,
    section,
    keys: ['space', 'x'],
    quiet: true,
    list: cursor,
    run: () => {
      cursor.mark('toggle')
    },
    blocked: () => (cursor.index.value < 0 ? `Choose a ${noun} first` : null),
  })
  useCommand({
    id: `${id}.mark.none`,
    title: 'Mark none',
    section,
    keys: 'escape',
    quiet: true,
    run: () => {
      cursor.mark('none')
    },
    blocked: () => (marked.value.size === 0 ? 'None is marked' : null),
  })
}
