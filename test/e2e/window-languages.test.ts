/** The language of the window is changed while it runs, and nothing is lost that was typed. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { sampleProject, startInBrowser } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'

let app: Application
beforeAll(async () => {
  app = await startInBrowser(await sampleProject('trained'))
})
afterAll(() => app.stop())

async function show(page: Page, view: string): Promise<void> {
  await page.locator('nav [aria-current=page]').waitFor()
  await page.evaluate((hash) => {
    location.hash = hash
  }, `#/${view}`)
  await page.locator('nav [aria-current=page]').waitFor()
  await page.waitForFunction((name) => location.hash.startsWith(`#/${name}`), view)
  await page.waitForLoadState('networkidle')
}

it('changes at once, and loses nothing that was typed', { timeout: 120_000 }, async () => {
  const { page } = app
  await show(page, 'review')
  const loaded = await page.evaluate(() => performance.timeOrigin)
  await page.getByRole('region', { name: 'The caption and what people said' }).waitFor()
  await page.keyboard.press('m')
  await page.getByRole('textbox', { name: 'Note on the clip' }).fill('half a thought')
  const language = page.getByLabel('Language / 语言')
  await language.selectOption('zh')
  await page.getByRole('navigation', { name: '视图' }).getByText('审阅').waitFor()
  const note = page.getByRole('textbox', { name: '片段备注' })
  expect(await note.inputValue()).toBe('half a thought')
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh-CN')
  // The palette has the commands in Chinese, and leads back.
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await page
    .getByRole('dialog')
    .getByRole('combobox')
    .or(page.getByRole('dialog').locator('input'))
    .first()
    .fill('English')
  await page.getByRole('option', { name: /语言：English/ }).click()
  await page.getByRole('navigation', { name: 'Views' }).getByText('Review').waitFor()
  await page.getByRole('region', { name: 'The caption and what people said' }).waitFor()
  expect(await page.evaluate(() => performance.timeOrigin)).toBe(loaded)
  expect(app.problems).toEqual([])
})
