/** The cursor of a list, of one that is all here and of one that comes in pages; keys wait for the rows. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref, shallowRef } from 'vue'
import type { EffectScope, Ref } from 'vue'
import { useListCursor } from '../../src-renderer/composables/list-cursor.ts'
import { usePages } from '../../src-renderer/composables/pages.ts'
import { useRows } from '../../src-renderer/composables/rows.ts'

interface Row {
  id: number
}
const rowsOf = (...ids: number[]): Row[] => ids.map((id) => ({ id }))
const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i)

let scope: EffectScope
beforeEach(() => {
  scope = effectScope()
})
afterEach(() => {
  scope.stop()
  vi.useRealTimers()
})
const inScope = <T>(make: () => T): T => scope.run(make) as T

describe('a list that is all here', () => {
  function listOf(
    rows: Ref<readonly Row[] | null>,
    options: { gone?: 'stays' | 'leaves'; marks?: boolean } = {},
  ) {
    const selected = ref<number | null>(null)
    const cursor = inScope(() =>
      useListCursor({
        list: useRows(
          () => rows.value,
          ({ id }) => id,
        ),
        selected,
        ...options,
      }),
    )
    return { cursor, selected }
  }

  it('starts at the first row, and moves as far as there are rows', () => {
    const { cursor, selected } = listOf(shallowRef(rowsOf(7, 8, 9)))
    expect(selected.value).toBe(7)
    const moves: [by: number, to: number][] = [
      [-1, 7],
      [1, 8],
      [20, 9],
      [-Infinity, 7],
      [Infinity, 9],
    ]
    for (const [by, to] of moves) {
      cursor.move(by)
      expect([selected.value, cursor.row.value]).toEqual([to, { id: to }])
    }
  })

  it('follows its row when rows are reordered', async () => {
    const rows = shallowRef(rowsOf(7, 8, 9))
    const { cursor, selected } = listOf(rows)
    cursor.select(1)
    rows.value = rowsOf(9, 7, 8)
    await nextTick()
    expect([selected.value, cursor.index.value]).toEqual([8, 2])
  })

  it('leaves the selection to the row that takes its place, or keeps it out of sight', async () => {
    const rows = shallowRef(rowsOf(7, 8, 9))
    const leaving = listOf(rows, { gone: 'leaves' })
    const staying = listOf(rows)
    leaving.cursor.select(1)
    staying.cursor.select(1)
    rows.value = rowsOf(7, 9)
    await nextTick()
    expect([leaving.selected.value, staying.selected.value]).toEqual([9, 8])
    expect(staying.cursor.index.value).toBe(-1)
    // From the gap the next row is the one that took its place.
    staying.cursor.move(1)
    expect(staying.selected.value).toBe(9)
    rows.value = rowsOf(7)
    await nextTick()
    expect(leaving.selected.value).toBe(7)
  })

  it('marks on the way, and acts on the marked rows or else on the selected one', () => {
    const { cursor } = listOf(shallowRef(rowsOf(1, 2, 3, 4)), { marks: true })
    expect(cursor.chosen.value).toEqual([1])
    cursor.move(1, true)
    cursor.move(1, true)
    cursor.move(-1, true)
    expect([...(cursor.marked?.value ?? [])]).toEqual([0, 1])
    cursor.mark('toggle', 3)
    expect([cursor.chosen.value, cursor.beside(cursor.chosen.value)]).toEqual([[1, 2, 4], 3])
    cursor.mark('none')
    expect(cursor.chosen.value).toEqual([2])
  })

  it('does what was asked before its rows came when they are there, in that order', async () => {
    const rows = shallowRef<readonly Row[] | null>(null)
    const { cursor, selected } = listOf(rows, { marks: true })
    const done: unknown[] = []
    cursor.move(Infinity)
    cursor.move(-1)
    cursor.mark('toggle')
    cursor.whenFilled(() => {
      // An act that is made of others: they do not wait for those behind it.
      cursor.move(-1)
      done.push(selected.value, [...cursor.chosen.value])
    })
    cursor.move(Infinity)
    expect([cursor.pending.value, selected.value]).toEqual([true, null])
    rows.value = rowsOf(1, 2, 3, 4)
    await expect.poll(() => cursor.pending.value).toBe(false)
    expect(done).toEqual([2, [3]])
    expect(selected.value).toBe(4)
  })

  it('lets what was asked fall when it goes', async () => {
    const rows = shallowRef<readonly Row[] | null>(null)
    const { cursor } = listOf(rows)
    const act = vi.fn()
    cursor.whenFilled(act)
    scope.stop()
    rows.value = rowsOf(1)
    await nextTick()
    await nextTick()
    expect(act).not.toHaveBeenCalled()
  })
})

describe('a list in pages', () => {
  /** What main would answer, and how many pages were asked for. */
  function main(ids: number[]) {
    const state = { ids, asked: 0 }
    const answer = async (
      { least }: { least: number },
      { offset, limit }: { offset: number; limit: number },
      around: number | null,
    ) => {
      state.asked++
      await Promise.resolve()
      const listed = state.ids.filter((id) => id >= least)
      const place = around === null ? -1 : listed.indexOf(around)
      const first = place < 0 ? offset : place - (place % limit)
      return { total: listed.length, offset: first, rows: rowsOf(...listed.slice(first, first + limit)) }
    }
    return { state, answer }
  }
  function pagedList(ids: number[], at: number | null = null, knowsIds = false) {
    const { state, answer } = main(ids)
    const query = ref({ least: 0 })
    const selected = ref<number | null>(at)
    const { pages, cursor } = inScope(() => {
      const list = usePages(
        () => query.value,
        (_, ...question) => answer(...question),
        {
          size: 10,
          around: () => selected.value,
          ...(knowsIds && { ids: () => Promise.resolve(state.ids) }),
        },
      )
      return {
        pages: list,
        cursor: useListCursor({ list, selected, marks: true, of: () => query.value.least }),
      }
    })
    const filled = async (): Promise<void> => {
      await expect.poll(() => pages.waiting.value || cursor.pending.value).toBe(false)
      await nextTick()
    }
    return { state, query, selected, pages, cursor, filled }
  }

  it('loads the row that a key leads to', async () => {
    const { cursor, selected, pages, filled, state } = pagedList(range(1, 95))
    await filled()
    expect([selected.value, pages.total.value, state.asked]).toEqual([1, 95, 1])
    cursor.move(Infinity)
    cursor.move(-1)
    await filled()
    expect([selected.value, cursor.index.value]).toEqual([94, 93])
    cursor.mark('all')
    await filled()
    expect(cursor.chosen.value).toHaveLength(95)
  })

  it('marks all by their ids, where main tells them, and keeps those that are still there', async () => {
    const { cursor, pages, filled, state } = pagedList(range(1, 95), null, true)
    await filled()
    cursor.mark('all')
    await filled()
    expect([cursor.chosen.value, state.asked]).toEqual([range(1, 95), 1])
    state.ids = range(2, 90)
    await pages.reload()
    expect(cursor.chosen.value).toEqual(range(2, 90))
  })

  it('finds a row that is selected from elsewhere, and goes on from there', async () => {
    const { cursor, selected, filled, state } = pagedList(range(1, 95), 57)
    cursor.move(1)
    await filled()
    expect([selected.value, cursor.index.value]).toEqual([58, 57])
    expect(state.asked).toBeLessThanOrEqual(2)
    selected.value = 23
    await expect.poll(() => cursor.index.value).toBe(22)
    selected.value = 81
    cursor.move(1)
    await filled()
    expect(selected.value).toBe(82)
  })

  it('keeps keys for the first rows of a new question, and lets those for an older one fall', async () => {
    const { cursor, selected, query, pages, filled } = pagedList(range(1, 95))
    await filled()
    query.value = { least: 50 }
    await nextTick()
    expect(pages.waiting.value).toBe(true)
    cursor.select(3)
    query.value = { least: 70 }
    await nextTick()
    cursor.select(0)
    cursor.move(1)
    cursor.mark('toggle')
    expect(selected.value).toBe(1)
    await filled()
    expect([selected.value, cursor.chosen.value, cursor.index.value]).toEqual([71, [71], 1])
  })

  it('does what was asked while other rows come with the row that is selected then', async () => {
    const { cursor, selected, query, filled, state, pages } = pagedList(range(1, 95))
    await filled()
    const acted: (number | null)[] = []
    for (const least of [50, 70, 30]) {
      selected.value = 20
      query.value = { least }
      await nextTick()
      cursor.whenFilled(() => {
        acted.push(selected.value)
      })
      await filled()
    }
    expect(acted).toEqual([50, 70, 30])
    // There may be none at first.
    query.value = { least: 200 }
    await nextTick()
    await filled()
    expect(selected.value).toBe(30)
    state.ids = [...state.ids, 201]
    await pages.reload()
    await expect.poll(() => selected.value).toBe(201)
    // A row that is among them stays.
    selected.value = 40
    query.value = { least: 35 }
    await nextTick()
    await filled()
    expect(selected.value).toBe(40)
  })

  it('keeps its rows in sight while they are asked for again, and its place when a row leaves', async () => {
    const { cursor, selected, pages, filled, state } = pagedList(range(1, 95))
    await filled()
    cursor.select(9)
    state.ids = state.ids.filter((id) => id !== 10)
    const again = pages.reload()
    expect([pages.waiting.value, cursor.row.value]).toEqual([false, { id: 10 }])
    await again
    expect([pages.total.value, cursor.index.value, selected.value]).toEqual([94, -1, 10])
    cursor.move(1)
    await filled()
    expect(selected.value).toBe(11)
  })

  it('never shows rows of an older turn', async () => {
    const { pages, filled, state } = pagedList(range(1, 30))
    await filled()
    const older = pages.reload()
    state.ids = range(101, 130)
    await Promise.all([older, pages.reload()])
    expect(pages.row(0)).toEqual({ id: 101 })
    await pages.load(12, 12)
    expect(pages.row(12)).toEqual({ id: 113 })
  })

  it('says why there are none, and lets keys go', async () => {
    const selected = ref<number | null>(null)
    const { pages, cursor } = inScope(() => {
      const list = usePages(
        () => ({}),
        () => Promise.reject(new Error('no such table')),
      )
      return { pages: list, cursor: useListCursor<Row, number>({ list, selected }) }
    })
    cursor.move(1)
    await expect.poll(() => cursor.pending.value).toBe(false)
    expect([pages.error.value?.message, selected.value]).toEqual(['no such table', null])
  })
})
