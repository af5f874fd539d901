/**
 * A person's way through the work with the real engine on a small sample, from the keyboard: an empty start,
 * import, features, topics, training, scoring, neurons, review, a repair, its verdict, undo, export.
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import type { Locator } from 'playwright-core'
import { PATIENCE, sampleProject, startInBrowser, temporaryFolder } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { eventually } from './fixtures/eventually.ts'
import { withSlowAnswers } from './fixtures/slow-answers.ts'
import { CLIPS } from '../prepared.ts'
import { story } from '../story.ts'

let app: Application
let corpus: string
const folder = temporaryFolder('journey')

beforeAll(async () => {
  corpus = join(dirname(await sampleProject('imported')), 'sample')
  app = await startInBrowser(null)
})
afterAll(async () => {
  await app.stop()
})

/** Goes to a view by its keys and waits until it is there. */
async function go(keys: string, title: string): Promise<void> {
  for (const key of keys) {
    await app.page.keyboard.press(key)
  }
  await app.page.getByRole('heading', { level: 1, name: title }).waitFor({ state: 'attached' })
}
/** Presses a key until what it opens is there: the view that listens to it may still be on its way. */
async function press(key: string, opened: Locator): Promise<void> {
  await expect
    .poll(
      async () => {
        if (!(await opened.isVisible())) {
          await app.page.keyboard.press(key)
        }
        return opened.isVisible()
      },
      { timeout: PATIENCE, interval: 400 },
    )
    .toBe(true)
}
/** Fills a field by its label. */
const fill = (label: string, value: string): Promise<void> =>
  app.page.getByLabel(label, { exact: true }).fill(value)
const text = (pattern: RegExp): Locator => app.page.getByText(pattern).first()

const step = story('from an empty project to an exported model', { timeout: 600_000 })

step('starts with an empty project', async () => {
  const { page } = app
  await page.getByRole('button', { name: 'Create a project' }).waitFor()
  await press('n', page.getByRole('dialog'))
  await fill('Folder', folder)
  await page.keyboard.press('Enter')
  await eventually(() =>
    page
      .getByRole('listbox')
      .or(text(/This folder is empty/))
      .isVisible(),
  ).toBe(true)
  await fill('Name', 'first')
  await page.keyboard.press('Enter')
  await text(/Bring in clips/).waitFor()
  expect(existsSync(join(folder, 'first.vitrine', 'project.sqlite'))).toBe(true)
})

step('cancels long work, and says so', async () => {
  const { page } = app
  await press('Shift+S', page.getByRole('dialog'))
  await fill('Into folder', join(folder, 'never'))
  await fill('Clips', '2000')
  await page.keyboard.press('Enter')
  await page.getByRole('progressbar').first().waitFor()
  await page
    .getByRole('button', { name: /^Cancel/ })
    .first()
    .click()
  await page.getByRole('progressbar').first().waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Jobs' }).click()
  await page.getByText('cancelled').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
})

step('imports videos and captions, and says what is wrong with a file', async () => {
  const { page } = app
  await press('i', page.getByRole('dialog'))
  await fill('Folder of videos', join(corpus, 'clips'))
  await fill('Caption file', join(corpus, 'nothing.tsv'))
  await page.getByText('From a file').click()
  await fill('Split file', join(corpus, 'split.tsv'))
  await page.keyboard.press('Enter')
  await page.getByRole('alert').filter({ hasText: 'nothing.tsv' }).waitFor()
  await fill('Caption file', join(corpus, 'captions.tsv'))
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByText(`${CLIPS} clips new, 0 known`).waitFor()
  await page.keyboard.press('Enter')
  // The report of the import begins with these words, too, and may be folded away.
  await text(new RegExp(`^${CLIPS} clips$`)).waitFor()
  await page
    .getByRole('option')
    .nth(CLIPS - 1)
    .waitFor()
})

step('plays a clip frame by frame, with the frames marked that the model sees', async () => {
  const { page } = app
  const answerAtOnce = await withSlowAnswers(page)
  await press('Shift+F', page.getByRole('dialog'))
  // Faster than what suits the corpus, which does not take the place of what was typed.
  await fill('Frames', '6')
  await page.getByRole('dialog').getByText(`${CLIPS} clips to see`).waitFor()
  await answerAtOnce()
  await page.keyboard.press('Enter')
  await text(/6 frames seen/).waitFor()
  const time = page.getByRole('slider', { name: 'Time in the clip' })
  await page.keyboard.press('.')
  await page.keyboard.press('.')
  await text(/frame 2$/).waitFor()
  await page.keyboard.press(',')
  await text(/frame 1$/).waitFor()
  await page.keyboard.press('l')
  await eventually(async () => Number(await time.getAttribute('aria-valuenow'))).toBeGreaterThan(0.3)
  await page.keyboard.press('k')
  const stopped = Number(await time.getAttribute('aria-valuenow'))
  await page.keyboard.press('j')
  await eventually(async () => Number(await time.getAttribute('aria-valuenow'))).toBeLessThan(stopped)
  await page.keyboard.press('k')
})

step('extracts topics and takes back a name', async () => {
  const { page } = app
  await go('gt', 'Topics')
  await press('e', page.getByRole('dialog'))
  await fill('Topics', '6')
  await fill('Sweeps', '60')
  // Of six training clips no word is in many.
  await page.getByText('Words, which of').click()
  await fill('Rarest word', '2')
  await fill('Commonest word', '0.9')
  await page.keyboard.press('Enter')
  await page.getByRole('region', { name: 'The topic' }).waitFor()
  const before = await page
    .getByRole('listbox', { name: 'Topics' })
    .getByRole('option', { selected: true })
    .innerText()
  await page.keyboard.press('F2')
  await fill('Name of the topic', 'round things')
  await page.keyboard.press('Enter')
  await page.getByRole('option', { name: /^round things/ }).waitFor()
  await page.keyboard.press('Control+z')
  await page.getByRole('option', { name: /^round things/ }).waitFor({ state: 'detached' })
  expect(
    await page.getByRole('listbox', { name: 'Topics' }).getByRole('option', { selected: true }).innerText(),
  ).toBe(before)
  await page.keyboard.press('Control+Shift+Z')
  await page.getByRole('option', { name: /^round things/ }).waitFor()
})

step('trains with live curves, scores, and interprets the neurons', async () => {
  const { page } = app
  await go('gm', 'Training')
  await press('t', page.getByRole('button', { name: 'Start training' }).first())
  await fill('Epochs', '4')
  await page.getByText('Network,').click()
  for (const [label, value] of [
    ['Encoder', '8'],
    ['Decoder', '24'],
    ['Attention', '16'],
    ['Word embedding', '16'],
    ['Topic head', '16'],
  ] as const) {
    await fill(label, value)
  }
  await page.keyboard.press('Control+Enter')
  await text(/Loss a caption/).waitFor()
  await page
    .getByRole('button', { name: 'Caption and score' })
    .and(page.locator('[aria-disabled=false]'))
    .waitFor()
  await page.keyboard.press('c')
  await page.getByRole('rowheader', { name: 'CIDEr' }).waitFor()
  await page.keyboard.press('i')
  await go('gn', 'Neurons')
  await page
    .getByRole('region', { name: 'The neuron' })
    .getByText('Clips that excite it most', { exact: false })
    .waitFor()
})

step('reads a caption word by word and repairs it', async () => {
  const { page } = app
  await go('gr', 'Review')
  const review = page.getByRole('region', { name: 'The caption and what people said' })
  const word = review.getByRole('button', { name: /probability/ }).first()
  await word.focus()
  await page.getByRole('img', { name: /attention of/ }).waitFor()
  await word.blur()
  const fix = page.getByRole('region', { name: 'The fix' })
  await press('f', fix)
  await fix.getByRole('button', { name: /^Add / }).first().click()
  await fix.getByText(/neurons? moved/).waitFor()
  const full = await fix.getByText('→').first().innerText()
  await fix
    .getByRole('slider', { name: /Strength/ })
    .first()
    .fill('0.5')
  await eventually(() => fix.getByText('→').first().innerText()).not.toBe(full)
  // Whether that changes the caption depends on chance; one that the model says of another clip can be
  // learnt.
  const captions = await page
    .getByRole('listbox', { name: /^Captions/ })
    .getByRole('option')
    .locator('.line-clamp-2')
    .allInnerTexts()
  await fix
    .getByLabel('Or type the right caption')
    .fill(captions.find((caption) => caption !== captions[0]) ?? '')
  await fix.getByText('It is to say').waitFor()
  await page.keyboard.press('Control+Enter')
  await page.getByRole('link', { name: /waits for a verdict/ }).click()
})

step('keeps the correction, and undoes that', async () => {
  const { page } = app
  await page.getByRole('heading', { level: 1, name: 'Corrections' }).waitFor({ state: 'attached' })
  await page.getByRole('button', { name: 'Keep', exact: true }).waitFor()
  const model = page.getByRole('button', { name: /^model/ })
  const before = await model.innerText()
  await page.keyboard.press('a')
  await eventually(() => model.innerText()).toMatch(/corrected/)
  await page.keyboard.press('Control+z')
  await eventually(() => model.innerText()).toBe(before)
})

step('exports, and comes back to where it was after a reload', async () => {
  const { page } = app
  await go('ge', 'Export')
  await fill('Into folder', join(folder, 'out'))
  await page.keyboard.press('Control+Enter')
  await page.getByText('vocabulary.json').waitFor()
  expect(existsSync(join(folder, 'out', 'vocabulary.json'))).toBe(true)
  // The cursor is in a field still, which Escape leaves.
  await page.getByLabel('Into folder').focus()
  await page.keyboard.press('Escape')
  await go('gn', 'Neurons')
  await page.getByRole('region', { name: 'The neuron' }).waitFor()
  await page.getByRole('listbox', { name: /Neurons of the topic/ }).focus()
  await page.keyboard.press('ArrowDown')
  const address = page.url()
  const topic = await page
    .getByRole('listbox', { name: 'Topics' })
    .getByRole('option', { selected: true })
    .innerText()
  await page.goto(new URL('/', page.url()).href)
  await page.getByRole('region', { name: 'The neuron' }).waitFor()
  expect(page.url()).toBe(address)
  expect(
    await page.getByRole('listbox', { name: 'Topics' }).getByRole('option', { selected: true }).innerText(),
  ).toBe(topic)
})

step('had no problem on the way', () => {
  expect(app.problems).toEqual([])
})
