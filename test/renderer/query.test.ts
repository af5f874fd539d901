/** What a view knows of main, and for how long. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import type { EffectScope } from 'vue'
import { useQuery } from '../../src-renderer/composables/query.ts'
import { ConnectionLostError } from '../../src-renderer/connection.ts'

let scope: EffectScope
beforeEach(() => {
  scope = effectScope()
})
afterEach(() => {
  scope.stop()
})

it('keeps the answer to a question while nobody can be asked, but not that to another question', async () => {
  const question = ref('a')
  let failure: Error | null = null
  const query = scope.run(() =>
    useQuery(
      () => question.value,
      (_client, letter) => (failure === null ? Promise.resolve(`${letter}!`) : Promise.reject(failure)),
    ),
  )!
  await query.reload()
  expect(query.data.value).toBe('a!')
  failure = new ConnectionLostError()
  await query.reload()
  expect([query.data.value, query.error.value, query.loading.value]).toEqual(['a!', null, false])
  question.value = 'b'
  await nextTick()
  await query.reload()
  expect([query.data.value, query.error.value?.key]).toEqual([null, 'window.connectionLost'])
  failure = null
  await query.reload()
  expect([query.data.value, query.error.value]).toEqual(['b!', null])
  failure = new Error('broken')
  await query.reload()
  expect([query.data.value, query.error.value?.message]).toEqual([null, 'broken'])
})

it('loads from the moment on that the question is another, however long it rests', async () => {
  const question = ref('a')
  const query = scope.run(() =>
    useQuery(
      () => question.value,
      (_client, letter) => Promise.resolve(`${letter}!`),
      { wait: 1 },
    ),
  )!
  await query.reload()
  question.value = 'b'
  await nextTick()
  expect([query.data.value, query.loading.value]).toEqual(['a!', true])
  await query.reload()
  expect([query.data.value, query.loading.value]).toEqual(['b!', false])
})
