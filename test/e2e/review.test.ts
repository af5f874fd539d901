/**
 * Captions judged and repaired with the keyboard, on a small trained sample; each step shows at once and can
 * be taken back.
 */
import { afterAll, beforeAll, expect } from 'vitest'
import type { Locator } from 'playwright-core'
import { sampleProject, startInBrowser } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objectionsInBoth } from './fixtures/axe.ts'
import { eventually } from './fixtures/eventually.ts'
import { story } from '../story.ts'

let app: Application
let rows: Locator
let fix: Locator

beforeAll(async () => {
  app = await startInBrowser(await sampleProject('trained'))
  const { page } = app
  rows = page.getByRole('listbox', { name: /^Captions/ }).getByRole('option')
  fix = page.getByRole('region', { name: 'The fix' })
  await page.getByRole('navigation', { name: 'Views' }).locator('[aria-current=page]').waitFor()
  await press('g', 'r')
  await page
    .getByRole('button', { name: /, probability/ })
    .first()
    .waitFor()
})
afterAll(async () => {
  await app.stop()
})

const press = async (...keys: string[]): Promise<void> => {
  for (const key of keys) {
    await app.page.keyboard.press(key)
  }
}
const type = (text: string): Promise<void> => app.page.keyboard.type(text)
const undone = (what: RegExp): Promise<void> => app.page.getByText(what).waitFor()
const current = (): Promise<string | null> =>
  app.page.locator('[role=option][data-current]').getAttribute('id')

const step = story('captions are judged and repaired with the keyboard', { timeout: 600_000 })

step('judges by one key, which leads to the next caption, and takes it back', async () => {
  const first = await current()
  await press('3')
  await eventually(current).not.toBe(first)
  await rows.getByLabel('wrong').waitFor()
  await press('1')
  await rows.getByLabel('right').waitFor()
  await press('Control+z')
  await rows.getByLabel('right').waitFor({ state: 'detached' })
  // The same verdict again keeps it, and goes on.
  await press('ArrowUp', 'ArrowUp')
  await eventually(current).toBe(first)
  await press('3')
  await eventually(current).not.toBe(first)
  await rows.getByLabel('wrong').waitFor()
  await press('ArrowUp', '0')
  await rows.getByLabel('wrong').waitFor({ state: 'detached' })
  await press('Control+z')
  await rows.getByLabel('wrong').waitFor()
  await press('ArrowDown', 'ArrowDown')
  await press('ArrowUp', 'ArrowUp')
  await eventually(current).toBe(first)
  await app.page.getByRole('button', { name: 'wrong', pressed: true }).waitFor()
})

step('begins on validation, and says so where somebody works on test clips', async () => {
  const split = app.page.getByRole('combobox', { name: 'Split' })
  expect(await split.inputValue()).toBe('val')
  const note = app.page.getByRole('note').filter({ hasText: /These are test clips/ })
  await split.selectOption('test')
  await note.waitFor()
  expect(await objectionsInBoth(app.page)).toEqual([])
  await split.selectOption('val')
  await note.waitFor({ state: 'detached' })
  // The first caption of the split, once the list is there.
  await app.page.getByText(/^val, CIDEr/).waitFor()
  await rows.first().click()
})

step("notes, and adds a caption of one's own", async () => {
  await press('m')
  await app.page.getByRole('textbox', { name: 'Note on the clip' }).waitFor()
  await type('watch the end')
  await press('Shift+Enter')
  await type('and the start')
  await press('Enter')
  await app.page
    .getByRole('region', { name: 'The caption and what people said' })
    .getByText('watch the end\nand the start')
    .waitFor()
  await press('e')
  await app.page.getByRole('textbox', { name: 'A human caption' }).waitFor()
  await press('Control+a')
  await type('something that only a reviewer says')
  await press('Enter')
  await app.page.getByText('something that only a reviewer says').first().waitFor()
  await press('Control+z')
  await undone(/^undo: note on/)
  await press('Control+z')
})

step('shows topics over time, and the neurons behind them', async () => {
  const strip = app.page.getByRole('region', { name: 'Topics over time' })
  expect(await strip.count()).toBe(0)
  await press('t')
  await strip.getByRole('button').first().focus()
  await press('Enter')
  expect(await strip.getByRole('link', { name: /neuron/ }).count()).toBe(5)
  expect(await objectionsInBoth(app.page)).toEqual([])
  await press('Enter')
})

step('shows where the model looked for a word, on the time line and on the frames', async () => {
  const frames = app.page.getByRole('list', { name: 'Frames the model saw' }).getByRole('button')
  await frames.first().waitFor()
  expect(await frames.first().getAttribute('aria-label')).toMatch(/^Frame at 0\.00 s$/)
  const word = app.page
    .getByRole('region', { name: 'The caption and what people said' })
    .getByRole('button', { name: /, probability/ })
    .nth(1)
  await word.focus()
  await eventually(() => frames.first().getAttribute('aria-label')).toMatch(/^Frame at 0\.00 s, attention \d/)
  const weights = await Promise.all(
    (await frames.all()).map(async (frame) =>
      Number(/attention ([\d.]+)/.exec((await frame.getAttribute('aria-label')) ?? '')?.[1]),
    ),
  )
  expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(100, -1)
  // Enter shows the frame that it looked at most.
  await press('Enter')
  await eventually(() =>
    app.page.getByRole('list', { name: 'Frames the model saw' }).locator('[aria-current=true]').count(),
  ).toBe(1)
  const shown = await app.page
    .getByRole('list', { name: 'Frames the model saw' })
    .locator('[aria-current=true]')
    .getAttribute('aria-label')
  expect(shown).toBe(await frames.nth(weights.indexOf(Math.max(...weights))).getAttribute('aria-label'))
  expect(await objectionsInBoth(app.page)).toEqual([])
})

step('fixes a caption by keys alone, and shows that it is queued', async () => {
  await press('f')
  await fix.waitFor()
  const suggestions = fix.getByRole('region', { name: 'Suggestions' })
  await suggestions.getByText('Trying topics').waitFor({ state: 'detached' })
  await press('i')
  const topic = await fix
    .getByRole('button', { name: /^Drop / })
    .last()
    .getAttribute('aria-label')
  const label = topic?.replace('Drop ', '') ?? ''
  await type(label)
  await press('Shift+Enter')
  await fix.getByLabel(`Strength of ${label}`).waitFor()
  await press('Escape', 'w')
  await type('a caption that is left as it is')
  await press('Escape', 'Escape')
  await fix.waitFor({ state: 'detached' })
  await press('f', 'w')
  expect(await fix.getByLabel('Or type the right caption').inputValue()).toBe('')
  const captions = await rows.locator('.line-clamp-2').allInnerTexts()
  const before = await current()
  const place = Number(before?.split('-').at(-1))
  await type(captions.find((caption) => caption !== captions[place]) ?? '')
  // It outlives another clip and a reload.
  await rows.nth(place === 0 ? 1 : 0).click()
  await app.page.reload()
  await rows.nth(place).click()
  await press('f')
  await fix.getByText('It is to say').waitFor()
  expect(await objectionsInBoth(app.page)).toEqual([])
  await press('Control+Shift+Enter')
  await fix.waitFor({ state: 'detached' })
  await rows.getByLabel('a correction is queued').waitFor()
  await press('Control+z')
  await rows.getByLabel('a correction is queued').waitFor({ state: 'detached' })
})

step('tries topics on many clips, and leads to a caption that changes', async () => {
  await press('Shift+B')
  const dialog = app.page.getByRole('dialog', { name: 'Try topics on many clips' })
  await dialog.getByText('Choose a topic to add or to drop.').waitFor()
  for (const add of await dialog.getByRole('button', { name: /^Add / }).all()) {
    await add.focus()
    await press('Space')
  }
  await dialog.getByRole('radio', { name: 'train' }).focus()
  await press('Space', 'Enter')
  await dialog.getByText(/^Tried: add .* by 100 %.*; train, \d+ clips/).waitFor()
  await dialog
    .getByRole('heading', { name: /^Captions that changed: [1-9]\d*, \d+ better, \d+ worse/ })
    .waitFor()
  expect(await objectionsInBoth(app.page)).toEqual([])
  await press('/')
  await type('no caption has these words')
  await dialog.getByText('0 shown').waitFor()
  await press('Control+a', 'Backspace')
  const before = app.page.url()
  await dialog.getByRole('link').first().focus()
  await press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await eventually(() => Promise.resolve(app.page.url())).not.toBe(before)
  await rows.first().click()
})

step('queues corrections, learns them together, and throws the version away', async () => {
  await app.page.getByRole('combobox', { name: 'Split' }).selectOption('test')
  await eventually(() => rows.count()).toBeGreaterThan(3)
  const captions = await rows.locator('.line-clamp-2').allInnerTexts()
  for (const at of [0, 1]) {
    await rows.nth(at).click()
    await press('f')
    await fix
      .getByLabel('Or type the right caption')
      .fill(captions.find((caption) => caption !== captions[at]) ?? '')
    await fix.getByText('It is to say').waitFor()
    expect(await objectionsInBoth(app.page)).toEqual([])
    await press('Control+Shift+Enter')
    await fix.waitFor({ state: 'detached' })
  }
  await press('g', 'o')
  const queue = app.page.getByRole('region', { name: 'The queue' })
  const waiting = queue.getByRole('list', { name: 'Corrections that wait' }).getByRole('listitem')
  await eventually(() => waiting.count()).toBe(2)
  await queue.getByRole('region', { name: 'Other clips that it touches' }).waitFor()
  expect(await objectionsInBoth(app.page)).toEqual([])
  await press('l')
  await app.page.getByRole('heading', { name: /Captions that changed/ }).waitFor()
  // What else they changed is measured on validation, and a test score would be flattered.
  await app.page
    .getByText(/^(None of the 3 other captions of the val split|The 3 other clips of the val split, before)/)
    .waitFor()
  await app.page.getByText(/The version has learnt from 2 test clips/).waitFor()
  expect(await objectionsInBoth(app.page)).toEqual([])
  await app.page.getByRole('listbox', { name: 'Corrections' }).focus()
  await press('Space', 'r')
  const report = app.page.getByRole('dialog', { name: 'What the corrections came to' })
  await report.getByRole('row', { name: /^corrections 2/ }).waitFor()
  expect(await objectionsInBoth(app.page)).toEqual([])
  await app.page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await report.getByRole('button', { name: /^Copy or save/ }).focus()
  await press('Enter')
  await report.getByRole('menuitem', { name: /^Copy/ }).first().waitFor()
  await press('Enter')
  await app.page.getByText(/: copied$/).waitFor()
  expect(await app.page.evaluate(() => navigator.clipboard.readText())).toMatch(/^corrections\t2\b/m)
  await press('Escape')
  await report.waitFor({ state: 'detached' })
  await press('g', 'm')
  const models = app.page.getByRole('listbox', { name: 'Models' })
  await models.getByText(/from v\d/).waitFor()
  await press('n')
  await app.page.getByRole('textbox', { name: 'Note on the model' }).fill('kept for the demo')
  await press('Enter')
  await models.getByText('kept for the demo').waitFor()
  await press('Control+z')
  await models.getByText('kept for the demo').waitFor({ state: 'detached' })
  await press('Delete')
  await app.page.getByText('Delete the model: It is the current model').waitFor()
  await press('ArrowDown')
  await app.page.getByRole('heading', { name: /^v2/ }).waitFor()
  await press('Delete')
  await app.page.getByText('Done: delete model 2 (interpretive)').waitFor()
  await models.getByText(/from v\d/).waitFor({ state: 'detached' })
  await models.getByRole('option', { name: /^Trash/ }).click()
  const restore = app.page.getByRole('button', { name: /^Restore v2/ })
  await restore.waitFor()
  expect(await objectionsInBoth(app.page)).toEqual([])
  await restore.focus()
  await press('Enter')
  await models.getByText(/from v\d/).waitFor()
  await press('g', 'o')
  await app.page.getByRole('heading', { name: /Captions that changed/ }).waitFor()
  await press('Delete')
  await app.page.getByText('Repairs, and all that they changed').waitFor()
})

step('judges neurons, silences them, and walks the heat map', async () => {
  await press('g', 'n')
  const neuron = app.page.getByRole('region', { name: 'The neuron' })
  await neuron.getByRole('img', { name: /^Histogram/ }).waitFor()
  await press('y')
  await app.page.getByText(/^undo: agree neuron/).waitFor()
  await press('w')
  await neuron.getByText(/^Fall of ln p/).waitFor()
  await press('s')
  await app.page.getByText(/at zero change/).waitFor()
  expect(await objectionsInBoth(app.page)).toEqual([])
  await press('Control+z', 'h')
  const heat = app.page.getByRole('application', { name: /^Heat map/ })
  const cell = app.page.getByText(/^neuron \d+, /)
  await cell.waitFor()
  await heat.focus()
  const before = await app.page.getByRole('heading', { name: /^Neuron \d/ }).innerText()
  do {
    await press('ArrowDown')
  } while ((await cell.innerText()).startsWith(`${before.toLowerCase()},`))
  await press('Enter')
  await eventually(() => app.page.getByRole('heading', { name: /^Neuron \d/ }).innerText()).not.toBe(before)
  expect(await objectionsInBoth(app.page)).toEqual([])
  await press('h')
})

step('leads from a neuron to a caption without it', async () => {
  const title = await app.page.getByRole('heading', { name: /^Neuron \d/ }).innerText()
  await app.page.locator('button:not([aria-disabled=true])', { hasText: 'Try it' }).waitFor()
  await press('t')
  await fix.getByLabel(`Value of ${title.toLowerCase()}`).waitFor()
  await fix.getByText('1 neuron moved').waitFor()
  expect(await objectionsInBoth(app.page)).toEqual([])
  await press('Escape', 'Escape')
  await fix.waitFor({ state: 'detached' })
})

step('rewrites the caption as a single neuron is held at a value', async () => {
  await press('g', 'r')
  await rows.first().click()
  await press('f')
  // One of those that a topic moves, pinned; one that is not there can't be moved.
  await fix.getByRole('button', { name: /^Add / }).first().click()
  const pin = fix.getByRole('button', { name: /^Hold neuron/ }).first()
  await pin.focus()
  await press('Enter')
  const slider = fix.getByLabel(/^Value of neuron/)
  await slider.focus()
  await press('End')
  // The preset's neurons are multiplied by five.
  await fix.getByText('→ 5.00').first().waitFor()
  expect(await objectionsInBoth(app.page)).toEqual([])
  await fix.getByRole('button', { name: /^Let neuron/ }).focus()
  await press('Enter')
  await slider.waitFor({ state: 'detached' })
  await fix.getByLabel('Hold a neuron, by its number').focus()
  await type('9999')
  await fix.getByText(/^Neurons are 0 to \d+$/).waitFor()
  await press('Enter')
  expect(await slider.count()).toBe(0)
  await press('Escape', 'Escape')
  await fix.waitFor({ state: 'detached' })
})

step('refuses words that the model does not know', async () => {
  await press('g', 'r')
  await rows.first().click()
  await press('f')
  await fix.getByLabel('Or type the right caption').fill('a zebra')
  await fix.getByText('The model does not know zebra.').waitFor()
  await press('Escape', 'Escape')
  expect(app.problems).toEqual([])
})
