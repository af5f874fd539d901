/** The report is chosen, made and opened from the Export view; it stands alone, on the screen and on paper. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import { story } from '../story.ts'
import { BROWSER, FLAGS, sampleProject, startInBrowser } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objections, objectionsInBoth } from './fixtures/axe.ts'

const { reportSectionName } = await vi.importActual<{ reportSectionName: { options: readonly string[] } }>(
  '../../src-main/contract/index.ts',
)

let app: Application
let to: string
beforeAll(async () => {
  const project = await sampleProject('trained')
  to = join(dirname(project), 'report')
  app = await startInBrowser(project)
}, 300_000)
afterAll(async () => {
  await app.stop()
})
const step = story('a report of the project', { timeout: 300_000 })

step('its sections are chosen, and it is made with the keyboard', async () => {
  const { page } = app
  await page.getByRole('navigation', { name: 'Views' }).locator('[aria-current=page]').waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('e')
  await page.getByRole('radio', { name: /^Report/ }).check()
  const sections = page.getByRole('group', { name: 'Sections' })
  expect(await sections.getByRole('checkbox', { checked: true }).count()).toBe(
    reportSectionName.options.length,
  )
  expect(await objectionsInBoth(page)).toEqual([])
  await page.getByLabel('Into folder').fill(to)
  await page.keyboard.press('Control+Enter')
  await page.getByRole('listitem').filter({ hasText: 'report.html' }).waitFor()
  expect(existsSync(join(to, 'tables', 'topics.tex'))).toBe(true)
  expect(await objectionsInBoth(page)).toEqual([])
})

step('it opens from there in a tab of its own', async () => {
  const { page } = app
  const open = page.getByRole('button', { name: 'Open the page' })
  const [report] = await Promise.all([page.context().waitForEvent('page'), open.press('Enter')])
  await report.getByRole('heading', { level: 1 }).waitFor()
  await report.getByRole('link', { name: 'Neurons', exact: true }).click()
  expect(new URL(report.url()).hash).toBe('#neurons')
  await report.close()
  expect(app.problems).toEqual([])
})

for (const colorScheme of ['light', 'dark'] as const) {
  step(
    `as a file it has every section, asks for nothing else, and axe finds nothing: ${colorScheme}`,
    async () => {
      const browser = await chromium.launch({ executablePath: BROWSER, args: FLAGS })
      try {
        const context = await browser.newContext({ colorScheme, bypassCSP: true })
        const page = await context.newPage()
        const requests: string[] = []
        page.on('request', (request) => requests.push(request.url()))
        const address = pathToFileURL(join(to, 'report.html')).href
        await page.goto(address)
        for (const name of reportSectionName.options) {
          await page.locator(`main h2#${name}`).waitFor()
        }
        expect(await page.getByRole('img').count()).toBeGreaterThan(5)
        expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
        expect(await objections(page)).toEqual([])
        expect(requests).toEqual([address])
      } finally {
        await browser.close()
      }
    },
  )
}

step('on paper it is several pages', async () => {
  const browser = await chromium.launch({ executablePath: BROWSER, args: FLAGS })
  try {
    const page = await browser.newPage()
    await page.goto(pathToFileURL(join(to, 'report.html')).href)
    const pdf = await page.pdf({ preferCSSPageSize: true })
    expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0).toBeGreaterThan(3)
  } finally {
    await browser.close()
  }
})
