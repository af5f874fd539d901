/** Every view, with data and empty, in dark and light: axe finds nothing, and the console stays clean. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampleProject, startInBrowser, temporaryFolder, vitrine } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objections } from './fixtures/axe.ts'

/** Every view, and the part of it that is there once its data is. */
const VIEWS: Record<string, string> = {
  corpus: 'Captions and topics',
  hygiene: '',
  topics: 'The topic',
  training: 'The model',
  neurons: 'The neuron',
  review: 'The caption and what people said',
  corrections: '',
  actions: '',
  export: '',
}

async function show(app: Application, view: string, part: string): Promise<void> {
  await app.page.evaluate((hash) => {
    location.hash = hash
  }, `#/${view}`)
  await app.page.getByRole('navigation', { name: 'Views' }).locator('[aria-current=page]').waitFor()
  await app.page.waitForFunction((name) => location.hash.startsWith(`#/${name}`), view)
  if (part !== '') {
    await app.page.getByRole('region', { name: part }).waitFor()
  }
  // Pictures and the first paint of charts.
  await app.page.waitForLoadState('networkidle')
}

describe('with a trained project', { timeout: 120_000 }, () => {
  let app: Application
  beforeAll(async () => {
    app = await startInBrowser(await sampleProject('trained'))
  })
  afterAll(async () => {
    await app.stop()
  })

  it.each(['dark', 'light'] as const)('axe finds nothing in any view, %s', async (colorScheme) => {
    await app.page.emulateMedia({ colorScheme })
    const found: string[] = []
    for (const [view, part] of Object.entries(VIEWS)) {
      await show(app, view, part)
      if (view === 'review') {
        await app.page.getByRole('button', { name: /^Fix/ }).click()
        await app.page.getByRole('region', { name: 'The fix' }).waitFor()
      }
      found.push(...(await objections(app.page)).map((objection) => `${view}: ${objection}`))
    }
    expect(found).toEqual([])
    expect(app.problems).toEqual([])
  })

  it('axe finds nothing in the overlays', async () => {
    const found: string[] = []
    const keys = [
      ['corpus', '?'],
      ['corpus', 'Control+k'],
      ['corpus', 'i'],
      ['corpus', 'Shift+F'],
      ['review', 'Shift+C'],
    ] as const
    for (const [view, key] of keys) {
      await show(app, view, VIEWS[view] ?? '')
      await app.page.keyboard.press(key)
      await app.page.getByRole('dialog').waitFor()
      found.push(...(await objections(app.page)).map((objection) => `${key}: ${objection}`))
      await app.page.keyboard.press('Escape')
      await app.page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    expect(found).toEqual([])
  })
})

it('axe finds nothing in the empty views', { timeout: 120_000 }, async () => {
  const project = join(temporaryFolder('empty'), 'empty.vitrine')
  await vitrine('new', project)
  const app = await startInBrowser(project)
  const found: string[] = []
  for (const view of Object.keys(VIEWS)) {
    await show(app, view, '')
    found.push(...(await objections(app.page)).map((objection) => `${view}: ${objection}`))
  }
  expect(found).toEqual([])
  expect(app.problems).toEqual([])
  await app.stop()
})
