import { computed, ref, shallowRef, watch } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import type { Client, Failure } from '#contract'
import { failureOf } from '../client.ts'
import { ConnectionLostError } from '../connection.ts'
import { useWatchedClient } from './watched-client.ts'
import type { RowList } from './rows.ts'
import type { Reading } from './tables.ts'

/** A page as main answers it. `offset`: index of its first row, where that is not the one asked for. */
interface Page<Row> {
  total: number
  rows: readonly Row[]
  offset?: number
}

/** Rows that are asked for at a time where all of them are wanted. */
const MANY = 200

/** What is here of a list: pages by their number. */
interface Loaded<Row> {
  total: number | null
  pages: ReadonlyMap<number, readonly Row[]>
}

export interface Pages<Row> extends RowList<Row, number> {
  readonly error: Readonly<ShallowRef<Failure | null>>
  /** Counts how often all that is in sight was answered anew. */
  readonly answers: Readonly<Ref<number>>
  /** Asks again for what is in sight; resolves when the new rows are there. */
  reload(): Promise<void>
  /** All rows of the question that is asked now, page by page, each as it is when its turn comes. */
  all(reading: Reading): Promise<Row[]>
}

interface PageOptions<Query> {
  /** Rows of a page. */
  size?: number
  /**
   * The row whose page is loaded as well, wherever it stands. Only for lists of which main can tell that
   * page: it is the fourth argument of `load`.
   */
  around?: () => number | null
  /** Asks main for the ids of all rows in their order, so that all can be marked without being loaded. */
  ids?: (client: Client, query: Query) => Promise<readonly number[]>
}

/**
 * A long list in pages: only what is looked at is loaded. Asks again when `query` changes (after a rest of
 * 120 ms; null: there is nothing to ask) and, with the old rows in sight until then, when main says that
 * the answers may have changed.
 */
export function usePages<Query, Row extends { id: number }>(
  query: () => Query | null,
  load: (
    client: Client,
    query: Query,
    range: { offset: number; limit: number },
    around: number | null,
  ) => Promise<Page<Row>>,
  { size = 200, around, ids }: PageOptions<Query> = {},
): Pages<Row> {
  const loaded = shallowRef<Loaded<Row>>({ total: null, pages: new Map() })
  /** The ids of all rows, once they were asked for; they follow the rows. */
  const known = shallowRef<readonly number[] | null>(null)
  /** What `loaded` becomes when all that is asked for again is there. */
  let coming = loaded.value
  const error = shallowRef<Failure | null>(null)
  const question = ref(0)
  const answers = ref(0)
  const waiting = ref(true)
  const requests = new Map<number, Promise<void>>()
  /** Answers to the requests of earlier turns come too late. */
  let turn = 0
  let restarting: Promise<void> | null = null
  /** The turn whose rows could not be asked for, and those who wait for the next one. */
  let lost = -1
  const onRestart: (() => void)[] = []
  let inSight: [first: number, last: number] = [0, 0]

  const client = useWatchedClient(() => {
    if (rest === null) {
      void restart()
    }
  })()

  const pageOf = (index: number): number => Math.floor(index / size)
  function indexOf(id: number | null): number {
    for (const [page, rows] of loaded.value.pages) {
      const place = rows.findIndex((row) => row.id === id)
      if (place >= 0) {
        return page * size + place
      }
    }
    return -1
  }

  /** Asks for a page, or for the one that holds the row `wanted`. */
  async function request(page: number, wanted: number | null): Promise<void> {
    const current = turn
    const params = query()
    if (params === null) {
      return
    }
    try {
      const { total, rows, offset } = await load(client, params, { offset: page * size, limit: size }, wanted)
      if (current !== turn) {
        return
      }
      const came = offset === undefined ? page : pageOf(offset)
      requests.set(came, requests.get(came) ?? Promise.resolve())
      coming = { total, pages: new Map(coming.pages).set(came, rows) }
      error.value = null
    } catch (cause) {
      if (cause instanceof ConnectionLostError) {
        return await outage(current, page)
      }
      if (current === turn) {
        error.value = failureOf(cause)
      }
    }
    if (restarting === null) {
      loaded.value = coming
    }
  }
  /** Nobody can be asked: rows that are here stay, and who wants others waits until all is asked for again. */
  async function outage(of: number, page: number): Promise<void> {
    if (of !== turn) {
      return
    }
    requests.delete(page)
    if (restarting !== null) {
      lost = of
      return
    }
    await new Promise<void>((resolve) => {
      onRestart.push(resolve)
    })
  }
  async function loadKeys(): Promise<void> {
    const current = turn
    const params = query()
    if (ids === undefined || params === null) {
      return
    }
    try {
      const found = await ids(client, params)
      if (current === turn) {
        known.value = found
      }
    } catch (cause) {
      error.value = failureOf(cause)
    }
  }
  async function loadPages(first: number, last: number): Promise<void> {
    const wanted: Promise<void>[] = []
    for (let page = pageOf(first); page <= pageOf(last); page++) {
      const answer = requests.get(page) ?? request(page, null)
      requests.set(page, answer)
      wanted.push(answer)
    }
    await Promise.all(wanted)
  }
  /**
   * The rows of a new turn take the place of all that are loaded at once, so that none is here twice or not
   * at all.
   */
  async function loadAgain(): Promise<void> {
    const current = turn
    const wanted = around?.() ?? null
    const seen = indexOf(wanted)
    if (wanted !== null && around !== undefined) {
      await request(pageOf(Math.max(seen, 0)), wanted)
    }
    await Promise.all([loadPages(...inSight), known.value === null ? undefined : loadKeys()])
    if (current !== turn) {
      // Rows that came too late wait for those that were asked for since.
      return await (restarting ?? Promise.resolve())
    }
    restarting = null
    waiting.value = false
    if (lost === current) {
      coming = loaded.value
      return
    }
    loaded.value = coming
    answers.value++
  }
  function restart(): Promise<void> {
    turn++
    requests.clear()
    coming = { total: loaded.value.total, pages: new Map() }
    restarting = loadAgain()
    for (const goOn of onRestart.splice(0)) {
      goOn()
    }
    return restarting
  }
  function ask(): Promise<void> {
    known.value = null
    if (query() === null) {
      turn++
      requests.clear()
      restarting = null
      coming = loaded.value = { total: null, pages: new Map() }
      waiting.value = false
      return Promise.resolve()
    }
    loaded.value = { total: loaded.value.total, pages: new Map() }
    inSight = [0, 0]
    return restart()
  }

  /** A question that is not asked yet, because the person may still be typing it. */
  let rest: ReturnType<typeof setTimeout> | null = null
  watch(
    () => JSON.stringify(query()),
    () => {
      waiting.value = true
      question.value++
      clearTimeout(rest ?? undefined)
      rest = setTimeout(() => {
        rest = null
        void ask()
      }, 120)
    },
  )
  async function find(id: number): Promise<void> {
    await restarting
    if (indexOf(id) < 0) {
      await request(0, id)
    }
  }
  if (around !== undefined) {
    watch(around, (id) => {
      if (id !== null && !waiting.value) {
        void find(id)
      }
    })
  }
  void ask()

  async function all({ signal, progress }: Reading): Promise<Row[]> {
    const params = query()
    /** A row that moves down meanwhile comes twice. */
    const rows = new Map<number, Row>()
    for (let offset = 0, total = params === null ? 0 : 1; params !== null && offset < total; offset += MANY) {
      signal.throwIfAborted()
      const page = await load(client, params, { offset, limit: MANY }, null)
      page.rows.forEach((row) => rows.set(row.id, row))
      total = page.total
      progress(Math.min((offset + MANY) / total, 1))
    }
    return [...rows.values()]
  }

  async function loadRows(first: number, last: number): Promise<void> {
    let current: number
    do {
      current = turn
      await loadPages(first, last)
      await restarting
    } while (current !== turn)
  }
  return {
    total: computed(() => loaded.value.total),
    question,
    waiting,
    error,
    answers,
    row: (index) => loaded.value.pages.get(pageOf(index))?.[index % size],
    keyOf: ({ id }) => id,
    indexOf,
    load: loadRows,
    show(first, last) {
      inSight = [first, last]
      return loadRows(first, last)
    },
    ...(around !== undefined && { find }),
    ...(ids !== undefined && { loadKeys, knownKey: (index: number) => known.value?.[index] ?? null }),
    reload: restart,
    all,
  }
}
