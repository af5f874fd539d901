/** Every view, with data and empty, in dark and light: axe finds nothing, and the console stays clean. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { sampleProject, startInBrowser, temporaryFolder, vitrine } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objections, objectionsInBoth } from './fixtures/axe.ts'

/** The window's own list: a new view is looked at without being named here. */
const { VIEWS } = await vi.importActual<{ VIEWS: readonly { name: string }[] }>(
  '../../src-renderer/views/index.ts',
)
/** The part of a view that is there once its data is. */
const PARTS: Record<string, string> = {
  corpus: 'Captions and topics',
  features: 'Sets of features',
  topics: 'The topic',
  training: 'The model',
  neurons: 'The neuron',
  review: 'The caption and what people said',
  storage: 'On the disk',
}

async function show(app: Application, view: string, part: string | undefined): Promise<void> {
  await app.page.evaluate((hash) => {
    location.hash = hash
  }, `#/${view}`)
  await app.page.getByRole('navigation', { name: 'Views' }).locator('[aria-current=page]').waitFor()
  await app.page.waitForFunction((name) => location.hash.startsWith(`#/${name}`), view)
  if (part !== undefined) {
    await app.page.getByRole('region', { name: part }).waitFor()
  }
  // Pictures and the first paint of charts.
  await app.page.waitForLoadState('networkidle')
}

describe('with a trained project', { timeout: 300_000 }, () => {
  let app: Application
  beforeAll(async () => {
    app = await startInBrowser(await sampleProject('trained'))
  })
  afterAll(async () => {
    await app.stop()
  })

  it('has every view that is waited for', () => {
    expect(VIEWS.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(PARTS)))
  })

  it('axe finds nothing in any view', async () => {
    const found: string[] = []
    for (const { name } of VIEWS) {
      await show(app, name, PARTS[name])
      found.push(...(await objectionsInBoth(app.page)).map((objection) => `${name}: ${objection}`))
    }
    expect(found).toEqual([])
    expect(app.problems).toEqual([])
  })

  it('axe finds nothing in a fix', async () => {
    await show(app, 'review', PARTS['review'])
    await app.page.getByRole('button', { name: /^Fix/ }).click()
    await app.page.getByRole('region', { name: 'The fix' }).waitFor()
    expect(await objectionsInBoth(app.page)).toEqual([])
  })

  it('axe finds nothing in the overlays', async () => {
    const found: string[] = []
    const keys = [
      ['corpus', '?'],
      ['corpus', 'Control+k'],
      ['corpus', 'g l'],
      ['corpus', 'i'],
      ['corpus', 'Shift+F'],
      ['review', 'Shift+C'],
    ] as const
    for (const [view, key] of keys) {
      await show(app, view, PARTS[view])
      for (const pressed of key.split(' ')) {
        await app.page.keyboard.press(pressed)
      }
      await app.page.getByRole('dialog').waitFor()
      found.push(...(await objections(app.page)).map((objection) => `${key}: ${objection}`))
      await app.page.keyboard.press('Escape')
      await app.page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    expect(found).toEqual([])
  })
})

it('axe finds nothing in the empty views', { timeout: 300_000 }, async () => {
  const project = join(temporaryFolder('empty'), 'empty.vitrine')
  await vitrine('new', project)
  const app = await startInBrowser(project)
  const found: string[] = []
  for (const { name } of VIEWS) {
    await show(app, name, undefined)
    found.push(...(await objections(app.page)).map((objection) => `${name}: ${objection}`))
  }
  expect(found).toEqual([])
  expect(app.problems).toEqual([])
  await app.stop()
})

it('axe finds nothing where a project is chosen', { timeout: 300_000 }, async () => {
  const app = await startInBrowser(null)
  await app.page.getByRole('button', { name: /create a project/i }).waitFor()
  expect(await objectionsInBoth(app.page)).toEqual([])
  expect(app.problems).toEqual([])
  await app.stop()
})
