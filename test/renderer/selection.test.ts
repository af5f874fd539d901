/** What a view selects when its data comes does not call back a person who is on the way to another view. */
import { expect, it } from 'vitest'
import { createApp } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { followDestination, useAddress } from '../../src-renderer/composables/selection.ts'

it('a selection made while another view is being loaded is left out', async () => {
  const empty = { render: () => null }
  let loaded: ((component: typeof empty) => void) | null = null
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { name: 'corpus', path: '/corpus/:clip?', component: empty },
      {
        name: 'topics',
        path: '/topics',
        component: () =>
          new Promise<typeof empty>((resolve) => {
            loaded = resolve
          }),
      },
    ],
  })
  followDestination(router)
  const clip = createApp(empty)
    .use(router)
    .runWithContext(() => useAddress('corpus', 'clip'))
  await router.push('/corpus')
  clip.value = '3'
  await expect.poll(() => router.currentRoute.value.fullPath).toBe('/corpus/3')

  const going = router.push('/topics')
  await expect.poll(() => loaded).not.toBe(null)
  clip.value = '4'
  loaded!(empty)
  await going
  expect(router.currentRoute.value.fullPath).toBe('/topics')
})
