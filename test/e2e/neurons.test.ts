/** The Neurons view: neurons are held to what they stand for on clips that the model has not learnt from. */
import { afterAll, beforeAll, expect } from 'vitest'
import { sampleProject, startInBrowser, vitrine } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objectionsInBoth } from './fixtures/axe.ts'
import { eventually } from './fixtures/eventually.ts'
import { CLIPS } from '../prepared.ts'
import { story } from '../story.ts'

let app: Application
let project: string
beforeAll(async () => {
  project = await sampleProject('trained')
  app = await startInBrowser(project)
  await app.page.getByRole('navigation', { name: 'Views' }).locator('[aria-current=page]').waitFor()
})
afterAll(async () => {
  await app.stop()
})

const press = async (...keys: string[]): Promise<void> => {
  for (const key of keys) {
    await app.page.keyboard.press(key)
  }
}
const step = story('neurons are read on held-out clips', { timeout: 600_000 })

step('says on which clips a map was made, and makes it anew on others', async () => {
  await press('g', 'n')
  const madeOn = app.page.getByText(/^on \d+ training clips, /)
  await madeOn.waitFor()
  expect(await madeOn.innerText()).toMatch(/\d+ validation clips? held out/)
  await press('i')
  await app.page.getByLabel('Held out').selectOption('test')
  await app.page.getByRole('button', { name: 'Interpret', exact: true }).click()
  await app.page.getByText(/\d+ test clips held out/).waitFor()
})

step('shows how neurons and topics fare there, and sorts by it', async () => {
  const neuron = app.page.getByRole('region', { name: 'The neuron' })
  const heldOut = neuron.getByRole('region', { name: 'On held-out clips' })
  await heldOut.getByRole('columnheader', { name: 'AUC' }).waitFor()
  const cells = await heldOut.locator('tbody tr').first().locator('td').allInnerTexts()
  const [precision, auc] = cells.slice(2, 4).map(Number)
  for (const figure of [precision, auc]) {
    expect(figure).toBeGreaterThanOrEqual(0)
    expect(figure).toBeLessThanOrEqual(1)
  }
  await app.page.getByText('AP of 16 neurons').waitFor()
  expect(await objectionsInBoth(app.page)).toEqual([])
  const list = app.page.getByRole('listbox', { name: /^Neurons of the topic/ })
  const shown = async (): Promise<number[]> => {
    const rows = await list.getByRole('option').allInnerTexts()
    return rows.map((text) => Number(text.trim().split(/\s+/).at(-1)))
  }
  await app.page.getByRole('button', { name: 'AP', exact: true }).click()
  await app.page.getByRole('button', { name: 'AP ↓', pressed: true }).waitFor()
  await eventually(async () => (await shown()).length > 1).toBe(true)
  const figures = await shown()
  expect(figures).toEqual(figures.toSorted((a, b) => b - a))
  await app.page.getByRole('button', { name: 'AP ↓' }).click()
  await eventually(async () => (await shown()).join()).toBe(figures.toReversed().join())
  await press('o')
  await app.page.getByRole('button', { name: 'neuron ↑', pressed: true }).waitFor()
})

step('finds neurons by a word and by what is known of them', async () => {
  const { page } = app
  const all = page.getByRole('listbox', { name: 'Neurons of the model' })
  const topic = await page.getByRole('listbox', { name: 'Topics' }).getByRole('option').first().innerText()
  const [label = ''] = topic.trim().split(/[\n,]/)
  await press('/')
  await page.keyboard.type(label)
  await all.getByText(label).first().waitFor()
  await press('Enter')
  await eventually(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe(
    'Neurons of the model',
  )
  await press('y')
  await page.getByRole('button', { name: 'Agree', exact: true, pressed: true }).waitFor()
  await page.getByRole('button', { name: 'Filters of neurons' }).click()
  await page.getByLabel('People').selectOption({ label: 'agree (1)' })
  await page.getByText(/^1 of \d+ neurons$/).waitFor()
  expect(await objectionsInBoth(page)).toEqual([])
  await page.getByRole('button', { name: 'Clear' }).click()
})

step('keeps what is typed of a neuron, whatever comes meanwhile', async () => {
  const { page } = app
  const label = page.getByLabel('Label of one’s own')
  const note = page.getByLabel('Note on the neuron')
  const neurons = page.getByRole('listbox', { name: 'Neurons of the model' })
  await label.fill('rolls')
  await press('Enter')
  await neurons.getByText('rolls').waitFor()
  await note.pressSequentially('Also where a ball ')
  // Neurons are told anew after an edit of another window.
  const [, other] = await neurons.getByRole('option').allInnerTexts()
  await vitrine('judge-neuron', project, '--neuron', /\d+/.exec(other ?? '')?.[0] ?? '', '--label', 'bounces')
  await neurons.getByText('bounces').waitFor()
  expect(await note.inputValue()).toBe('Also where a ball ')
  await page.reload()
  await eventually(() => note.inputValue()).toBe('Also where a ball ')
  expect(await label.inputValue()).toBe('rolls')
  await note.focus()
  await press('End')
  await note.pressSequentially('only bounces')
  await press('Enter')
  await eventually(() =>
    page.evaluate(() => localStorage.length > 0 && JSON.stringify(localStorage)),
  ).not.toContain('Also where')
  expect(await note.inputValue()).toBe('Also where a ball only bounces')
  await note.fill('never mind')
  await press('Escape')
  await eventually(() => note.inputValue()).toBe('Also where a ball only bounces')
})

step('shows clips from every part of its range, with what is said of them', async () => {
  const range = app.page.getByRole('region', { name: 'Clips over its range' })
  const heads = await range.getByRole('heading', { level: 4 }).allInnerTexts()
  const clips = heads.map((head) => Number(/(\d+) clips?/.exec(head)?.[1]))
  expect(clips.reduce((sum, count) => sum + count, 0)).toBe(CLIPS)
  expect(await range.getByRole('link').first().innerText()).toMatch(/\w+ \w+/)
})

step('plays a clip beside its name, under the pointer and by key', async () => {
  const { page } = app
  const card = page.getByRole('complementary', { name: /^Clip clip/ })
  const link = page.getByRole('region', { name: 'The neuron' }).getByRole('link').first()
  const at = Number(new URLSearchParams((await link.getAttribute('href'))?.split('?')[1]).get('at'))
  const shown = (): Promise<{ time: number; paused: boolean }> =>
    card.locator('video').evaluate((video: HTMLVideoElement) => ({
      time: video.currentTime,
      paused: video.paused,
    }))
  const place = await link.boundingBox()
  await link.hover()
  await card.waitFor()
  await eventually(async () => (await shown()).paused).toBe(false)
  expect(at).toBeGreaterThanOrEqual(0)
  await page.mouse.move(1, 1)
  await card.waitFor({ state: 'detached' })

  // Where less motion is wanted it stands still at the second that matters, until it is asked for.
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await link.hover()
  await eventually(async () => Math.abs((await shown()).time - at) < 0.2).toBe(true)
  expect((await shown()).paused).toBe(true)
  expect(await objectionsInBoth(page)).toEqual([])
  await link.focus()
  await press('Space')
  await eventually(async () => (await shown()).paused).toBe(false)
  expect(await link.boundingBox()).toEqual(place)
  await press('Escape')
  await card.waitFor({ state: 'detached' })
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  await page.mouse.move(1, 1)
  await link.focus()
  await press('Enter')
  await page.waitForURL(/#\/corpus\//)
  expect(app.problems).toEqual([])
})
