import { afterEach, expect, it } from 'vitest'
import { keepChoice } from '../../src-renderer/composables/kept-choice.ts'
import { notices } from '../../src-renderer/composables/notices.ts'

afterEach(() => {
  notices.dismiss()
})

/** A select in which a person has chosen `value`. */
const choosing = (value: string) =>
  ({ target: { value } }) as unknown as Event & { target: { value: string } }

it('a choice that is refused does not go on being shown; one that is kept does', async () => {
  const kept: string[] = []
  const change = keepChoice(
    () => 'train',
    (value) => (value === 'test' ? Promise.reject(new Error('refused')) : Promise.resolve(kept.push(value))),
  )
  const refused = choosing('test')
  await change(refused)
  expect(refused.target.value).toBe('train')
  expect(notices.failure.value?.message).toContain('refused')
  const good = choosing('val')
  await change(good)
  expect([good.target.value, kept]).toEqual(['val', ['val']])
})
