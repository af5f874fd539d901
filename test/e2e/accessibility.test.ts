/** Every view, with data and empty, in dark and light: axe finds nothing, and the console stays clean. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { sampleProject, startInBrowser, temporaryFolder, vitrine } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import type { Page } from 'playwright-core'
import { eventually } from './fixtures/eventually.ts'
import { objections, objectionsInBoth } from './fixtures/axe.ts'
import { eachDialog } from './fixtures/dialogs.ts'

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

/**
 * Controls whose middle lies outside of the window, or of what clips them without a way to scroll there sideways; and those
 * that lie below what can be scrolled to.
 */
const cutOff = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const name = (element: Element): string =>
      `${element.tagName.toLowerCase()} "${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40)}"`
    const isCut = (element: Element): boolean => {
      const { left, right, top, bottom } = element.getBoundingClientRect()
      const [x, y] = [(left + right) / 2, (top + bottom) / 2]
      let [sideways, down] = [true, true]
      for (let above = element.parentElement; above !== null; above = above.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(above)
        const box = above.getBoundingClientRect()
        if (sideways && overflowX !== 'visible' && (x < box.left - 1 || x > box.right + 1)) {
          if (overflowX === 'hidden' || overflowX === 'clip') {
            return true
          }
        }
        if (down && overflowY !== 'visible' && (y < box.top - 1 || y > box.bottom + 1)) {
          if (overflowY === 'hidden' || overflowY === 'clip') {
            return true
          }
        }
        sideways &&= overflowX !== 'auto' && overflowX !== 'scroll'
        down &&= overflowY !== 'auto' && overflowY !== 'scroll'
      }
      return false
    }
    return [...document.querySelectorAll('button, input, select, textarea, a[href], [role=slider]')]
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect()
        return width > 1 && height > 1 && getComputedStyle(element).visibility === 'visible'
      })
      .filter(isCut)
      .map(name)
  })

/** Elements that would move or fade. */
const movements = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const animated = document
      .getAnimations()
      .map(({ effect }) => String((effect as KeyframeEffect).target?.className))
    const fading = [...document.querySelectorAll('*')]
      .filter((element) =>
        getComputedStyle(element)
          .transitionDuration.split(',')
          .some((time) => parseFloat(time) > 0),
      )
      .map((element) => element.className.toString())
    return [...animated, ...fading]
  })

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

  it('cuts nothing off at 200% zoom, in Topics below 1,100 px, or on a small laptop', async () => {
    const found: string[] = []
    for (const [width, height] of [
      [720, 450],
      [1024, 700],
    ] as const) {
      await app.page.setViewportSize({ width, height })
      for (const { name } of VIEWS) {
        await show(app, name, undefined)
        found.push(...(await cutOff(app.page)).map((control) => `${name} at ${width}: ${control}`))
      }
    }
    await app.page.setViewportSize({ width: 1440, height: 900 })
    expect(found).toEqual([])
  })

  it('moves nothing where less motion is wanted', async () => {
    await app.page.emulateMedia({ reducedMotion: 'reduce' })
    const moving: string[] = []
    for (const { name } of VIEWS) {
      await show(app, name, PARTS[name])
      moving.push(...(await movements(app.page)).map((element) => `${name}: ${element}`))
    }
    await app.page.emulateMedia({ reducedMotion: 'no-preference' })
    expect(moving).toEqual([])
  })

  it('shows the seek bar and what is chosen in forced colours, in both themes', async () => {
    await show(app, 'corpus', PARTS['corpus'])
    const slider = app.page.getByRole('slider', { name: 'Time in the clip' })
    for (const colorScheme of ['dark', 'light'] as const) {
      await app.page.emulateMedia({ forcedColors: 'active', colorScheme })
      for (const { name } of VIEWS) {
        await show(app, name, PARTS[name])
        expect(await objections(app.page)).toEqual([])
      }
      await show(app, 'corpus', PARTS['corpus'])
      await slider.waitFor()
      const painted = await slider.evaluate((bar) =>
        [...bar.querySelectorAll('span')].map((part) => getComputedStyle(part).backgroundColor),
      )
      const canvas = await slider.evaluate((bar) => {
        const probe = document.createElement('i')
        probe.style.backgroundColor = 'Canvas'
        bar.append(probe)
        const colour = getComputedStyle(probe).backgroundColor
        probe.remove()
        return colour
      })
      expect(painted.length).toBeGreaterThan(2)
      expect(painted).not.toContain(canvas)
      const chosen = app.page.locator('[role=option][aria-selected=true]').first()
      expect(await chosen.evaluate((row) => getComputedStyle(row).outlineStyle)).toBe('solid')
    }
    await app.page.emulateMedia({ forcedColors: 'none', colorScheme: null })
  })

  it('scrolls the keys by keyboard', async () => {
    await app.page.setViewportSize({ width: 720, height: 450 })
    await show(app, 'review', undefined)
    await app.page.keyboard.press('?')
    const body = app.page.getByRole('dialog').locator('[data-body]')
    await body.waitFor()
    await eventually(async () => {
      await app.page.keyboard.press('PageDown')
      return body.evaluate((element) => element.scrollTop)
    }).toBeGreaterThan(0)
    await app.page.keyboard.press('Escape')
    await app.page.setViewportSize({ width: 1440, height: 900 })
  })

  it('keeps the focus when a name, a note or a caption was typed', async () => {
    const lost: string[] = []
    const fields = [
      ['topics', 'r', 'Name of the topic'],
      ['topics', 'i', 'Description of the topic'],
      ['training', 'n', 'Note on the model'],
      ['review', 'm', 'Note on the clip'],
      ['corpus', 'e', 'A human caption'],
    ] as const
    for (const [view, key, label] of fields) {
      await show(app, view, PARTS[view])
      for (const end of ['Escape', 'Enter']) {
        const field = app.page.getByRole('textbox', { name: label })
        await eventually(async () => {
          await app.page.keyboard.press(key)
          return field.isVisible()
        }).toBe(true)
        await field.fill(`typed in ${view}`)
        await app.page.keyboard.press(end)
        await field.waitFor({ state: 'detached' })
        if (await app.page.evaluate(() => document.activeElement === document.body)) {
          lost.push(`${view}: ${key} ${end}`)
        }
      }
    }
    expect(lost).toEqual([])
  })

  it('axe finds nothing in the model menu, and nothing in the docs of any view', async () => {
    await show(app, 'corpus', PARTS['corpus'])
    await app.page.keyboard.press('v')
    await app.page.getByRole('menu').waitFor()
    const found = await objections(app.page)
    await app.page.keyboard.press('Escape')
    for (const { name } of VIEWS) {
      await show(app, name, PARTS[name])
      await app.page.keyboard.press('F1')
      const docs = app.page.getByRole('dialog', { name: 'Docs' })
      await docs.getByRole('heading', { level: 2 }).nth(1).waitFor()
      found.push(...(await objections(app.page)).map((objection) => `docs of ${name}: ${objection}`))
      await app.page.keyboard.press('Escape')
      await docs.waitFor({ state: 'detached' })
    }
    expect(found).toEqual([])
    expect(app.problems).toEqual([])
  })

  it('opens the docs from the palette at a section, and follows their links', async () => {
    const { page } = app
    await show(app, 'topics', PARTS['topics'])
    await page.keyboard.press('Control+k')
    await page.getByLabel('Find', { exact: true }).fill('interpretive loss')
    await page.getByRole('option').filter({ hasText: 'Topic head and interpretive loss' }).click()
    const docs = page.getByRole('dialog', { name: 'Docs' })
    await docs.locator('math').first().waitFor()
    const chosen = docs.getByLabel('Page')
    await chosen.selectOption('projects')
    await docs.getByRole('link', { name: 'sample', exact: true }).click()
    await docs.getByRole('heading', { name: 'The sample corpus' }).waitFor()
    await docs.getByRole('link', { name: 'caption files' }).first().click()
    expect(await chosen.inputValue()).toBe('captions')
    await docs.getByRole('button', { name: 'Back' }).click()
    expect(await chosen.inputValue()).toBe('projects')
    await page.keyboard.press('Escape')
    expect(app.problems).toEqual([])
  })

  it('says what is wrong with a value before anything is asked', async () => {
    const { page } = app
    await show(app, 'actions', undefined)
    await page.getByLabel('Clips', { exact: true }).fill('clips')
    await page.getByText('A whole path is needed').first().waitFor()
    await page.getByLabel('Folds').fill('1')
    await page.getByText('A whole number from 2 to 20').waitFor()
    await page.getByLabel('Clips', { exact: true }).fill('/tmp')
    await page.keyboard.press('Enter')
    await show(app, 'export', undefined)
    const into = page.getByLabel('Into folder', { exact: true })
    await into.fill('exported')
    await page.getByText('A whole path is needed').first().waitFor()
    await into.fill(join(app.home, 'recent.json', 'out'))
    await page.getByText(/recent\.json is a file, no folder/).waitFor()
    await show(app, 'neurons/9999', undefined)
    await page.getByText('There is no such neuron').waitFor()
    expect(await page.getByText('This is a fault in Vitrine').count()).toBe(0)
    expect(app.problems).toEqual([])
  })

  it('axe finds nothing in a fix', async () => {
    await show(app, 'review', PARTS['review'])
    await app.page.getByRole('button', { name: /^Fix/ }).click()
    await app.page.getByRole('region', { name: 'The fix' }).waitFor()
    expect(await objectionsInBoth(app.page)).toEqual([])
  })

  it('axe finds nothing in any dialog, dark, light and in forced colours; nothing is cut off at 200% zoom, nothing moves', async () => {
    const { page } = app
    const found: string[] = []
    const seen = new Set<string>()
    await page.emulateMedia({ reducedMotion: 'reduce' })
    for (const { name } of VIEWS) {
      await show(app, name, PARTS[name])
      await eachDialog(page, seen, async (id) => {
        const faults = [
          ...(await objectionsInBoth(page)),
          ...(await inForcedColours(page)),
          ...(await movements(page)).map((element) => `moves: ${element}`),
          ...(await zoomed(page, cutOff)).map((control) => `cut off: ${control}`),
        ]
        found.push(...faults.map((one) => `${name}, ${id}: ${one}`))
      })
    }
    await page.emulateMedia({ reducedMotion: 'no-preference' })
    expect(found).toEqual([])
    expect(seen.size).toBeGreaterThan(20)
  })
})

async function inForcedColours(page: Page): Promise<string[]> {
  await page.emulateMedia({ forcedColors: 'active' })
  const found = await objections(page)
  await page.emulateMedia({ forcedColors: 'none' })
  return found.map((objection) => `forced colours: ${objection}`)
}
/** What is found at 200% of a window of 1440 x 900. */
async function zoomed(page: Page, look: (page: Page) => Promise<string[]>): Promise<string[]> {
  await page.setViewportSize({ width: 720, height: 450 })
  const found = await look(page)
  await page.setViewportSize({ width: 1440, height: 900 })
  return found
}

it('axe finds nothing in the empty views; none is cut off or moves', { timeout: 300_000 }, async () => {
  const project = join(temporaryFolder('empty'), 'empty.vitrine')
  await vitrine('new', project)
  const app = await startInBrowser(project)
  const found: string[] = []
  await app.page.emulateMedia({ reducedMotion: 'reduce' })
  for (const { name } of VIEWS) {
    await show(app, name, undefined)
    const faults = [
      ...(await objectionsInBoth(app.page)),
      ...(await inForcedColours(app.page)),
      ...(await movements(app.page)).map((element) => `moves: ${element}`),
      ...(await zoomed(app.page, cutOff)).map((control) => `cut off: ${control}`),
    ]
    found.push(...faults.map((one) => `${name}: ${one}`))
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
