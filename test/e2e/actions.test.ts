/**
 * The Actions view on the sample's own actions: a comparison is asked for and read with the keyboard, a wrong clip is
 * followed from its class to a topic, a neuron and a second, and a class is corrected and given back.
 */
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import type { Locator } from 'playwright-core'
import { sampleProject, startInBrowser, vitrine } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objectionsInBoth } from './fixtures/axe.ts'
import { eventually } from './fixtures/eventually.ts'
import { story } from '../story.ts'

const CLASSES = ['blink', 'bounce', 'down', 'grow', 'left', 'right', 'shrink', 'spin', 'up']
let app: Application
let folder: string
let comparison: Locator
/** The clips of the cell that is chosen. */
let mistaken: Locator

beforeAll(async () => {
  const project = await sampleProject('trained')
  folder = join(dirname(project), 'sample', 'actions')
  // So that the folder's videos are clips which can be opened.
  await vitrine('import', project, '--videos', folder, '--split', '0,0,1')
  app = await startInBrowser(project)
  const { page } = app
  comparison = page.getByRole('region', { name: 'The comparison' })
  mistaken = comparison.getByRole('region', { name: /^\d+ clips? of \w+ taken for \w+$/ })
  await page.getByRole('navigation', { name: 'Views' }).locator('[aria-current=page]').waitFor()
})
afterAll(async () => {
  await app.stop()
})

const press = async (...keys: string[]): Promise<void> => {
  for (const key of keys) {
    await app.page.keyboard.press(key)
  }
}
/** Presses Tab until something has the focus, and Enter on it. */
async function enter(target: Locator): Promise<void> {
  await target.waitFor()
  await eventually(async () => {
    await press('Tab')
    return target.evaluate((element) => element === document.activeElement)
  }).toBe(true)
  await press('Enter')
}
const step = story('actions are told apart, and followed to where it goes wrong', { timeout: 300_000 })

step('compares the features over a folder of classes', async () => {
  const { page } = app
  await press('g', 'a')
  await page.getByRole('textbox', { name: 'Clips', exact: true }).fill(folder)
  await page.getByLabel('Folds', { exact: true }).fill('2')
  await press('Control+Enter')
  await comparison.getByText('18 clips of 9 classes in 2 groups; 2 folds; chance 11 %').waitFor()
  const rows = comparison.getByRole('table').first().locator('tbody').getByRole('rowheader')
  expect(await rows.allInnerTexts()).toEqual([
    'Interpretive v1',
    'Topic scores v1',
    'Untrained v1',
    'Frame features',
  ])
  const matrix = comparison.getByRole('table', { name: 'Confusion matrix' })
  const counts = await matrix.getByRole('button').allInnerTexts()
  expect(counts).toHaveLength(CLASSES.length ** 2)
  expect(counts.reduce((sum, count) => sum + Number(count), 0)).toBe(18)
  expect(await objectionsInBoth(page)).toEqual([])
})

step('opens the clips of a confusion by key', async () => {
  const matrix = comparison.getByRole('table', { name: 'Confusion matrix' })
  const counts = (await matrix.getByRole('button').allInnerTexts()).map(Number)
  const place = counts.findIndex((count, i) => count > 0 && i % 10 !== 0)
  const [truth, predicted] = [Math.floor(place / 9), place % 9]
  await enter(matrix.getByRole('button').first())
  await press(...Array<string>(truth).fill('ArrowDown'), ...Array<string>(predicted).fill('ArrowRight'))
  await press('Enter')
  const clips = counts[place] === 1 ? '1 clip' : `${counts[place]!} clips`
  await comparison
    .getByRole('region', { name: `${clips} of ${CLASSES[truth]!} taken for ${CLASSES[predicted]!}` })
    .waitFor()
  expect(await mistaken.locator('tbody tr').count()).toBe(counts[place])
  await comparison.getByRole('region', { name: `What ${CLASSES[truth]!} leans on` }).waitFor()
})

step('follows a wrong clip from its class to a topic, a neuron and a second', async () => {
  const { page } = app
  const leaning = comparison.getByRole('region', { name: /leans on$/ })
  const topic = leaning.getByRole('link').first()
  const label = await topic.innerText()
  await enter(topic)
  await page.getByRole('option', { selected: true }).filter({ hasText: label.trim() }).first().waitFor()
  await page.goBack()

  await enter(mistaken.getByRole('button', { name: /^Why/ }).first())
  const reason = mistaken.getByRole('listitem').first()
  await reason.getByRole('img', { name: /^Activation of neuron \d+ over the clip$/ }).waitFor()
  expect(await objectionsInBoth(page)).toEqual([])
  const neuron = reason.getByRole('link', { name: /^neuron \d+$/ })
  const number = (await neuron.innerText()).replace('neuron ', '')
  await enter(neuron)
  await page.getByRole('region', { name: 'The neuron' }).waitFor()
  expect(page.url()).toMatch(new RegExp(`/neurons/${number}$`))

  // On the way back the reasons of the same clip are open still.
  await page.goBack()
  const second = reason.getByRole('link', { name: /^at / })
  const at = Number(new URLSearchParams((await second.getAttribute('href'))?.split('?')[1]).get('at'))
  await enter(second)
  await eventually(() =>
    page
      .locator('video')
      .first()
      .evaluate((video: HTMLVideoElement, at) => Math.abs(video.currentTime - at) < 0.2, at),
  ).toBe(true)
  await page.goBack()
})

step('a class is corrected, durably, and given back', async () => {
  const { page } = app
  const choice = mistaken.getByRole('combobox').first()
  const before = await choice.inputValue()
  const other = CLASSES.find((name) => name !== before)!
  await choice.selectOption(other)
  await mistaken.getByText('from the next comparison on').waitFor()
  await page.reload()
  await mistaken.getByText('from the next comparison on').waitFor()
  expect(await choice.inputValue()).toBe(other)
  expect(await objectionsInBoth(page)).toEqual([])
  await press('Control+z')
  await mistaken.getByText('from the next comparison on').waitFor({ state: 'detached' })
  expect(await choice.inputValue()).toBe(before)
})

step('plays a clip beside its name', async () => {
  const { page } = app
  await mistaken.getByRole('link', { name: /\/v_/ }).first().hover()
  await page.getByRole('complementary', { name: /^Clip / }).waitFor()
  expect(app.problems).toEqual([])
})
