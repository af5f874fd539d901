/** Lists in pages while nobody can be asked. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import type { EffectScope } from 'vue'
import { usePages } from '../../src-renderer/composables/pages.ts'
import { ConnectionLostError } from '../../src-renderer/connection.ts'

let scope: EffectScope
beforeEach(() => {
  scope = effectScope()
})
afterEach(() => {
  scope.stop()
})

it('keep their rows, and whoever wants others waits until somebody can be asked again', async () => {
  const isThere = ref(true)
  const pages = scope.run(() =>
    usePages(
      () => ({}),
      (_client, _query, { offset, limit }) =>
        isThere.value
          ? Promise.resolve({
              total: 5,
              rows: [0, 1, 2, 3, 4].slice(offset, offset + limit).map((id) => ({ id })),
            })
          : Promise.reject(new ConnectionLostError()),
      { size: 2 },
    ),
  )!
  await pages.reload()
  expect([pages.row(0), pages.row(2), pages.total.value]).toEqual([{ id: 0 }, undefined, 5])
  isThere.value = false
  await pages.reload()
  expect([pages.row(0), pages.total.value, pages.error.value, pages.waiting.value]).toEqual([
    { id: 0 },
    5,
    null,
    false,
  ])
  let isLoaded = false
  const wanted = pages.load(3, 3).then(() => {
    isLoaded = true
  })
  await nextTick()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(isLoaded).toBe(false)
  isThere.value = true
  await pages.reload()
  await wanted
  expect(pages.row(3)).toEqual({ id: 3 })
})
