/** The palette finds actions of every view and all that has a name, says why, and Enter takes the first. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Locator } from 'playwright-core'
import { sampleProject, startInBrowser } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objectionsInBoth } from './fixtures/axe.ts'
import { eventually } from './fixtures/eventually.ts'

let app: Application
let found: Locator

beforeAll(async () => {
  app = await startInBrowser(await sampleProject('trained'))
  found = app.page.getByRole('listbox', { name: 'Found' }).getByRole('option')
  await app.page.getByRole('navigation', { name: 'Views' }).locator('[aria-current=page]').waitFor()
})
afterAll(async () => {
  await app.stop()
})

async function find(text: string): Promise<void> {
  await app.page.keyboard.press('Control+k')
  await app.page.getByRole('textbox', { name: 'Find' }).fill(text)
}

it('leads to an action of another view, and does it', { timeout: 120_000 }, async () => {
  const { page } = app
  await page.keyboard.press('g')
  await page.keyboard.press('r')
  await page.getByRole('group', { name: 'Verdict' }).waitFor()
  await find('extract topics')
  await found.first().waitFor()
  expect(await objectionsInBoth(page)).toEqual([])
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: /topics/i }).waitFor()
  expect(page.url()).toMatch(/#\/topics/)
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
})

it('says why an action can’t be done there', { timeout: 120_000 }, async () => {
  await find('learn the queue')
  await app.page.keyboard.press('Enter')
  await app.page.getByText(/^Learn the queue: ./).waitFor()
  expect(app.page.url()).toMatch(/#\/corrections/)
})

it(
  'finds topics and neurons by a word, and says so; Enter takes the first',
  { timeout: 120_000 },
  async () => {
    const { page } = app
    await page.keyboard.press('g')
    await page.keyboard.press('t')
    const label = await page.getByRole('listbox', { name: 'Topics' }).getByRole('option').first().innerText()
    const word = /[a-z]{3,}/.exec(label)?.[0] ?? ''
    await find(word)
    await eventually(() => found.filter({ hasText: 'Topic' }).count()).toBeGreaterThan(0)
    await eventually(() => found.filter({ hasText: /Neuron.*stands for/ }).count()).toBeGreaterThan(0)
    const first = await found.first().innerText()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(first).not.toBe('')
    expect(app.problems).toEqual([])
  },
)
