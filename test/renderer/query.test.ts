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

it('has the answers to what is asked ahead when their turn comes, and asks for them again when they may have changed', async () => {
  const question = ref(1)
  const calls: number[] = []
  const query = scope.run(() =>
    useQuery(
      () => question.value,
      (_client, number) => {
        calls.push(number)
        return number === 3 ? Promise.reject(new Error('broken')) : Promise.resolve(`${number}!`)
      },
      { ahead: () => [question.value + 1, question.value + 2] },
    ),
  )!
  await query.reload()
  await expect.poll(() => query.ahead.value).toEqual(['2!'])
  expect(calls).toEqual(expect.arrayContaining([1, 2, 3]))
  question.value = 2
  await nextTick()
  expect([query.data.value, query.loading.value]).toEqual(['2!', false])
  await expect.poll(() => query.ahead.value).toEqual(['4!'])
  // It was asked ahead in vain: whoever asks for it is told why.
  question.value = 3
  await nextTick()
  await expect.poll(() => query.error.value?.message).toBe('broken')
  question.value = 4
  await nextTick()
  expect(query.data.value).toBe('4!')
})
