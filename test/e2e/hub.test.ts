/** A model of a hub on this machine, from its name to an encoder in the window. */
import { afterAll, beforeAll, expect, vi } from 'vitest'
import { tinyModel } from '../hub/model.ts'
import { serveHub } from '../hub/server.ts'
import type { TestHub } from '../hub/server.ts'
import { story } from '../story.ts'
import { PATIENCE, sampleProject, startInBrowser } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objectionsInBoth } from './fixtures/axe.ts'

let app: Application
let hub: TestHub
beforeAll(async () => {
  hub = await serveHub({ 'openai/tiny-clip': {}, 'Xenova/tiny-clip': tinyModel() })
  vi.stubEnv('HF_ENDPOINT', hub.endpoint)
  app = await startInBrowser(await sampleProject())
}, 300_000)
afterAll(async () => {
  await app.stop()
  await hub.close()
  vi.unstubAllEnvs()
})
const step = story('a model is looked up and fetched', { timeout: 300_000 })
const dialog = () => app.page.getByRole('dialog', { name: 'Fetch a model' })

step('nothing is asked before a person says so; a name that is none is said', async () => {
  const { page } = app
  await page.getByRole('navigation', { name: 'Views' }).locator('[aria-current=page]').waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('f')
  await page.getByRole('region', { name: 'Encoders' }).first().waitFor()
  await page.keyboard.press('Shift+N')
  await dialog().getByLabel('Model').fill('someone/nothing')
  expect(hub.requests).toEqual([])
  await page.keyboard.press('Enter')
  await dialog().getByText('has no model someone/nothing').waitFor()
  const requestsBefore = hub.requests.length
  await dialog().getByRole('button', { name: 'Look up' }).click()
  await expect.poll(() => hub.requests.length).toBeGreaterThan(requestsBefore)
  await dialog().getByText('has no model someone/nothing').waitFor()
  expect(await objectionsInBoth(page)).toEqual([])
})

step('licence and size come first, and the files on the second word', async () => {
  const { page } = app
  await dialog().getByLabel('Model').fill('openai/tiny-clip')
  await page.keyboard.press('Enter')
  await dialog().getByText('this is a conversion of it by others').waitFor()
  await dialog().getByText('mit', { exact: true }).waitFor()
  expect(hub.requests.some(({ path }) => path.includes('/resolve/'))).toBe(false)
  expect(await objectionsInBoth(page)).toEqual([])
  await dialog().getByRole('button', { name: 'Fetch' }).click()
  const encoders = page.getByRole('region', { name: 'Encoders' })
  await encoders.getByText('Xenova/tiny-clip', { exact: true }).waitFor({ timeout: 2 * PATIENCE })
  expect(app.problems).toEqual([])
})
