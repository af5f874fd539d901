/** The docs as a site, as both shells serve it: from the window to the page of a view, without a problem or a network. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pagesInOrder } from '../../docs/.vitepress/order.ts'
import { objectionsInBoth } from './fixtures/axe.ts'
import { PATIENCE, sampleProject, startInBrowser, startInElectron, watch } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { eventually } from './fixtures/eventually.ts'

describe.each([
  ['a browser', startInBrowser],
  ['Electron', startInElectron],
])('the docs in %s', (_, start: (project: string) => Promise<Application>) => {
  let app: Application
  let site: Page
  const problems: string[] = []
  const hosts = new Set<string>()
  /** Without the link in it, a space of no width until the pointer is there. */
  const headline = async (): Promise<string> =>
    (await site.getByRole('heading', { level: 1 }).innerText()).replaceAll('\u200B', '').trim()
  const pageName = (): string => /\/docs\/([\w-]+)\.html/.exec(site.url())?.[1] ?? 'index'

  beforeAll(async () => {
    app = await start(await sampleProject())
    app.page.context().on('request', (request) => {
      hosts.add(new URL(request.url()).host)
    })
    await app.page.getByText('sample', { exact: false }).first().waitFor()
  })
  afterAll(async () => {
    expect(app.problems).toEqual([])
    expect(await app.stop()).toBe(0)
  })

  /** The window of the docs that something opens. */
  async function opened(act: () => Promise<void>): Promise<Page> {
    const [page] = await Promise.all([app.page.context().waitForEvent('page'), act()])
    page.setDefaultTimeout(PATIENCE)
    await page.getByRole('heading', { level: 1 }).waitFor()
    return page
  }

  it('open at the page of the view: by key, from the palette, from the keys and from the panel', async () => {
    const { page } = app
    const views = page.getByRole('navigation', { name: 'Views' })
    await views.getByRole('button', { name: 'Topics' }).click()
    await views.locator('[aria-current=page]').getByText('Topics').waitFor()
    const ways = [
      () => page.keyboard.press('Shift+F1'),
      async () => {
        await page.keyboard.press('Control+k')
        await page.keyboard.type('docs in a window')
        await page.keyboard.press('Enter')
      },
      async () => {
        await page.keyboard.press('?')
        await page.getByRole('button', { name: 'Docs in a window of their own', exact: true }).click()
        await page.keyboard.press('Escape')
      },
      async () => {
        await page.keyboard.press('F1')
        await page.getByRole('button', { name: 'Own window' }).click()
        await page.keyboard.press('Escape')
      },
    ]
    for (const way of ways) {
      const page = await opened(way)
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toMatch(/^Topics/)
      expect(new URL(page.url()).pathname).toBe('/docs/topics.html')
      await page.close()
    }
  })

  it('show every page with its pictures, by the links of the sidebar', async () => {
    site = await opened(() => app.page.keyboard.press('Shift+F1'))
    problems.push(...(await violationsOnReload(site)))
    const watched = watch(site)
    await site.setViewportSize({ width: 1440, height: 900 })
    const links = site.getByRole('navigation', { name: 'Sidebar' }).getByRole('link')
    const shown: string[] = []
    for (let i = 0; i < (await links.count()); i++) {
      const title = (await links.nth(i).textContent()) ?? ''
      await links.nth(i).click()
      await eventually(headline).toBe(title.trim())
      shown.push(pageName())
      await site.waitForFunction(() =>
        [...document.images].every((image) => {
          image.loading = 'eager'
          return image.complete && image.naturalWidth > 0
        }),
      )
    }
    expect(shown).toEqual(pagesInOrder)
    expect(watched).toEqual([])
    expect(problems).toEqual([])
  })

  it('find a word, and lead to where it stands', async () => {
    await site.keyboard.press('/')
    await site.getByRole('searchbox').fill('silencing')
    await site.getByRole('option').first().waitFor()
    expect(await objectionsInBoth(site)).toEqual([])
    await site.keyboard.press('Enter')
    await site.getByRole('searchbox').waitFor({ state: 'detached' })
    await eventually(() => site.locator('main').innerText()).toMatch(/silenc/i)
  })

  it.each(['index', 'topics', 'method', 'troubleshooting'])('axe finds nothing on %s', async (name) => {
    await site.getByRole('navigation', { name: 'Sidebar' }).locator(`a[href$="${name}.html"]`).first().click()
    await eventually(() => Promise.resolve(pageName())).toBe(name)
    expect(await objectionsInBoth(site)).toEqual([])
  })

  it('ask no other machine for anything, and have no way to main', async () => {
    expect([...hosts]).toEqual([new URL(app.page.url()).host])
    expect(await site.evaluate(() => ('vitrine' in window ? Object.keys(window) : []))).toEqual([])
    expect(await site.evaluate(() => window.opener)).toBe(null)
  })
})

/** What goes wrong in a page from its first byte on. */
async function violationsOnReload(page: Page): Promise<string[]> {
  const problems = watch(page)
  await page.reload()
  await page.waitForLoadState('networkidle')
  return problems
}
