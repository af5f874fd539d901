/**
 * A sweep from the keyboard: its form says what it comes to and refuses what does not go together; it is stopped, goes on,
 * is read point by point, opens a model, is compared in a table, and deleted and brought back. axe looks at each state.
 */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect } from 'vitest'
import { PATIENCE, sampleProject, startInBrowser } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objections } from './fixtures/axe.ts'
import { story } from '../story.ts'

let app: Application
beforeAll(async () => {
  app = await startInBrowser(await sampleProject('trained'))
})
afterAll(async () => {
  await app.stop()
})

const step = story('a sweep is planned, stopped, resumed, read and deleted', { timeout: 600_000 })
const option = (name: RegExp) =>
  app.page.getByRole('listbox', { name: 'Models' }).getByRole('option', { name })

step('says what it comes to, and what does not go together', async () => {
  const { page } = app
  await page.getByRole('option').first().waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('m')
  const form = page.getByRole('heading', { name: 'Sweep over settings' })
  await expect
    .poll(
      async () => {
        if (!(await form.isVisible())) {
          await page.keyboard.press('Shift+T')
        }
        return form.isVisible()
      },
      { interval: 400, timeout: PATIENCE },
    )
    .toBe(true)
  await page.getByLabel('Lambda', { exact: true }).fill('0.1; none')
  await page.getByText('valid values with commas between them').waitFor()
  expect(await objections(page)).toEqual([])
  await page.getByLabel('Lambda', { exact: true }).fill('0.1, 1')
  await page.getByLabel('non-negative').uncheck()
  await page.getByLabel('their own', { exact: true }).check()
  await page
    .getByRole('alert')
    .getByText(/are the same topic head where the frame’s features are not kept/)
    .waitFor()
  expect(await objections(page)).toEqual([])
  await page.getByLabel('their own', { exact: true }).uncheck()
  await page.getByLabel('their own LSTM neurons').uncheck()
  await page.getByLabel('Epochs', { exact: true }).fill('60')
  await page.getByText(/^3 runs, about /).waitFor()
})

step('is stopped, and goes on to its end', async () => {
  const { page } = app
  await page.keyboard.press('Control+Enter')
  await page.getByRole('heading', { name: 'Sweep 1, 3 runs' }).waitFor()
  await page.getByRole('heading', { name: 'Sweep 1, 3 runs' }).click()
  await page.getByRole('slider', { name: /^CIDEr against interpretability/ }).waitFor()
  await page.keyboard.press('Shift+X')
  await page.keyboard.press('r')
  const goOn = page.getByRole('region', { name: 'The sweep' }).getByText(/still to do/)
  await goOn.waitFor()
  expect(await objections(page)).toEqual([])
  await page.getByRole('button', { name: 'Resume' }).waitFor()
  await page.keyboard.press('r')
  await goOn.waitFor({ state: 'detached', timeout: 300_000 })
  await option(/^Sweep 1, 3 runs 3 of 3 done/).waitFor()
})

step('is read point by point, and opens a model', async () => {
  const { page } = app
  const chart = page.getByRole('slider', { name: /^CIDEr against interpretability/ })
  await chart.focus()
  await page.keyboard.press('Home')
  const read = (): Promise<string | null> => chart.getAttribute('aria-valuetext')
  const first = await read()
  expect(first).toMatch(/^v\d .*: CIDEr \d\.\d{3} \(.* to .*\), AP \d\.\d{3} \(.* to .*\)$/)
  await page.keyboard.press('ArrowRight')
  expect(await read()).not.toBe(first)
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: /^Copy or save: CIDEr against/ }).click()
  await page.getByRole('menuitem', { name: /^Save as SVG/ }).click()
  const picture = readFileSync(await (await saved).path(), 'utf8')
  expect(picture).toContain('λ 0.1')
  expect(picture).not.toMatch(/var\(|oklch|class=|href/)
  await chart.focus()
  await page.keyboard.press('End')
  const [, model = ''] = /^(v\d)/.exec((await read()) ?? '') ?? []
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: new RegExp(`^${model} `) }).waitFor()
  // Of a sweep's models the list has the one that is looked at, and the menu none.
  await option(new RegExp(`^${model} `)).waitFor()
  expect(await option(/^v\d/).count()).toBe(2)
  await page.keyboard.press('v')
  expect(await page.getByRole('menuitemradio').count()).toBe(1)
  await page.keyboard.press('Escape')
})

step('stands in one table with the others, by what they differ in', async () => {
  const { page } = app
  await page.getByRole('heading', { name: /^v\d/ }).click()
  await page.keyboard.press('Shift+W')
  await page.getByRole('heading', { name: 'All runs' }).waitFor()
  const table = page.getByRole('region', { name: 'Runs', exact: true })
  await table.getByRole('columnheader', { name: 'Lambda' }).waitFor()
  expect(await table.getByRole('row').count()).toBe(5)
  expect(await table.getByRole('columnheader', { name: 'Attention' }).count()).toBe(1)
  await table.getByRole('button', { name: 'CIDEr' }).focus()
  await page.keyboard.press('Enter')
  expect(await table.getByRole('columnheader', { name: 'CIDEr' }).getAttribute('aria-sort')).toBe(
    'descending',
  )
  expect(await objections(page)).toEqual([])
  // The sweep alone: its runs differ in less.
  await option(/^Sweep 1/).click({ modifiers: ['Control'] })
  await page.keyboard.press('Shift+W')
  await page.getByRole('heading', { name: '3 runs that are marked' }).waitFor()
  expect(await table.getByRole('columnheader', { name: 'Attention' }).count()).toBe(0)
})

step('is where its address leads, from another view', async () => {
  const { page } = app
  const goTo = (hash: string): Promise<void> =>
    page.evaluate((address) => {
      location.hash = address
    }, hash)
  await goTo('#/corpus')
  await page.getByRole('heading', { name: 'All runs' }).waitFor({ state: 'detached' })
  await goTo('#/training/sweep-1')
  await page.getByRole('heading', { name: 'Sweep 1, 3 runs' }).waitFor()
})

step('is deleted with its models, and comes back', async () => {
  const { page } = app
  await option(/^Sweep 1/).click()
  await page.getByRole('heading', { name: 'Sweep 1, 3 runs' }).waitFor()
  await page.keyboard.press('Delete')
  await option(/^Sweep 1/).waitFor({ state: 'detached' })
  await option(/^Trash 3 models/).waitFor()
  await page.keyboard.press('Control+z')
  await option(/^Sweep 1, 3 runs 3 of 3 done/).waitFor()
  expect(app.problems).toEqual([])
})
