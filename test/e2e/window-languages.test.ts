/** The window in its languages: changed while it runs, with nothing lost that was typed, and no plain English in any view. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Page } from 'playwright-core'
import { sampleProject, startInBrowser, vitrine } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { eventually } from './fixtures/eventually.ts'

const { VIEWS } = await vi.importActual<{ VIEWS: readonly { name: string }[] }>(
  '../../src-renderer/views/index.ts',
)
let app: Application
let project: string
beforeAll(async () => {
  project = await sampleProject('trained')
  app = await startInBrowser(project)
})
afterAll(() => app.stop())

async function show(page: Page, view: string): Promise<void> {
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

/** Words of the window that stand outside of the pseudo-language's brackets and are none of the data. */
const plainWords = (page: Page, data: readonly string[]): Promise<string[]> =>
  page.evaluate((known) => {
    const isData = new Set(known)
    const texts: string[] = []
    const isHidden = (element: Element): boolean =>
      element.closest('[translate=no], script, style, svg, kbd, code, pre, [lang]:not(html)') !== null
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement
      if (parent !== null && !isHidden(parent)) {
        texts.push(walker.currentNode.textContent ?? '')
      }
    }
    for (const element of document.querySelectorAll('[title], [aria-label], [placeholder], [alt]')) {
      if (!isHidden(element)) {
        for (const name of ['title', 'aria-label', 'placeholder', 'alt']) {
          texts.push(element.getAttribute(name) ?? '')
        }
      }
    }
    const outside = (text: string): string => {
      let left = text
      for (let before = ''; before !== left;) {
        before = left
        left = left.replaceAll(/⟦[^⟦⟧]*⟧/g, ' ')
      }
      return left
    }
    return [
      ...new Set(
        texts.flatMap((text) =>
          (outside(text).match(/[a-z]{3,}/gi) ?? []).some((word) => !isData.has(word.toLowerCase()))
            ? [text.trim()]
            : [],
        ),
      ),
    ]
  }, data)

it('has no plain English in any view in the pseudo-language', { timeout: 300_000 }, async () => {
  const { page } = app
  const listed = (await vitrine('list-captions', project)) as { captions: { video: string; text: string }[] }
  const data = [
    ...new Set(
      JSON.stringify(listed)
        .toLowerCase()
        .match(/[a-z]{3,}/g),
    ),
  ]
  await page.evaluate(() => {
    localStorage.setItem('vitrine/language', 'pseudo')
  })
  await page.reload()
  const found: string[] = []
  for (const { name } of VIEWS) {
    await show(page, name)
    await eventually(() => page.evaluate(() => document.body.textContent.includes('⟦'))).toBe(true)
    found.push(...(await plainWords(page, data)).map((text) => `${name}: ${text}`))
  }
  await page.evaluate(() => {
    localStorage.setItem('vitrine/language', 'system')
  })
  expect(found).toEqual([])
})
