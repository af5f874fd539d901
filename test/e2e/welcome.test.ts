/** Getting in: a folder walked and dropped, a name that will not do, recent projects, all steps, the finished sample. */
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { CLIPS, prepareProject } from '../prepared.ts'
import { story } from '../story.ts'
import { startInBrowser, temporaryFolder } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objections, objectionsInBoth } from './fixtures/axe.ts'
import { eventually } from './fixtures/eventually.ts'
import { withSlowAnswers } from './fixtures/slow-answers.ts'

const place = temporaryFolder('welcome')
let app: Application

beforeAll(async () => {
  const { sample } = await prepareProject('imported', temporaryFolder('corpus'))
  mkdirSync(join(place, 'kitchen'))
  mkdirSync(join(place, 'try'))
  cpSync(join(sample, 'clips'), join(place, 'kitchen'), { recursive: true })
  cpSync(join(sample, 'captions.tsv'), join(place, 'captions.tsv'))
  writeFileSync(join(place, 'notes.docx'), '')
  app = await startInBrowser(null)
})
afterAll(async () => {
  await app.stop()
})

const step = story('from the start to a project with work going on', { timeout: 300_000 })
const dialog = () => app.page.getByRole('dialog')

step('follows a path as it is typed, and shows files that are nothing to choose', async () => {
  const { page } = app
  await page.getByRole('button', { name: 'New from a folder of clips' }).click()
  await page.getByLabel('Folder', { exact: true }).fill(place)
  await dialog().getByRole('option', { name: 'kitchen' }).waitFor()
  const notes = dialog().getByRole('option', { name: 'notes.docx' })
  expect(await notes.getAttribute('data-disabled')).not.toBeNull()
  await page.getByLabel('Folder', { exact: true }).fill(join(place, 'kit'))
  await notes.waitFor({ state: 'detached' })
  await dialog().getByText(`There is no folder “kit” in ${place}.`).waitFor()
  expect(await objections(page)).toEqual([])
  await page.getByLabel('Folder', { exact: true }).fill(join(place, 'kitchen'))
  await dialog().getByText(join(place, 'kitchen'), { exact: true }).waitFor()
  await dialog().getByRole('button', { name: 'Choose this folder' }).click()
})

step('proposes a project beside it, and says why a name will not do', async () => {
  const { page } = app
  const name = page.getByLabel('Name', { exact: true })
  await eventually(() => name.inputValue()).toBe('kitchen')
  await name.fill('a/b')
  await dialog().getByText('A name has no / in it.').waitFor()
  expect(await name.getAttribute('aria-invalid')).toBe('true')
  await name.fill('home')
  await name.press('Enter')
  await eventually(() => Promise.resolve(existsSync(join(place, 'home.vitrine', 'project.sqlite')))).toBe(
    true,
  )
})

step('opens the import with the folder and the captions beside it', async () => {
  const { page } = app
  await eventually(() => page.getByLabel('Folder of videos', { exact: true }).inputValue()).toBe(
    join(place, 'kitchen'),
  )
  expect(await page.getByLabel('Caption file', { exact: true }).inputValue()).toBe(
    join(place, 'captions.tsv'),
  )
  await page.getByLabel('Caption file', { exact: true }).press('Enter')
  await dialog()
    .getByText(new RegExp(`${CLIPS} clips new`))
    .waitFor()
  await dialog().getByRole('button', { name: 'Import', exact: true }).click()
  await page
    .getByRole('option')
    .nth(CLIPS - 1)
    .waitFor()
})

step('lists all steps before they are done, does them, and stops when it is told to', async () => {
  const { page } = app
  await page.getByRole('button', { name: 'All steps' }).click()
  await dialog().getByText('Train a captioner').waitFor()
  expect(await dialog().getByRole('listitem').count()).toBe(5)
  expect(await objections(page)).toEqual([])
  await dialog().getByRole('button', { name: 'Do them' }).click()
  const strip = page.getByRole('region', { name: 'All steps' })
  await strip.getByRole('progressbar').waitFor()
  await strip.getByText('of 5 steps done').click()
  await strip.getByText('Interpret the neurons').waitFor()
  await strip.getByRole('button', { name: /^Cancel/ }).click()
  await strip.getByText('All steps were stopped.').waitFor()
  expect(await objectionsInBoth(page)).toEqual([])
  await strip.getByRole('button', { name: 'Dismiss' }).click()
  await strip.waitFor({ state: 'detached' })
})

step('takes a dropped folder for an import', async () => {
  const { page } = app
  await page.evaluate(
    (address) => {
      const transfer = new DataTransfer()
      transfer.setData('text/uri-list', address)
      window.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }))
    },
    `file://${join(place, 'kitchen')}`,
  )
  await eventually(() => page.getByLabel('Folder of videos', { exact: true }).inputValue()).toBe(
    `file://${join(place, 'kitchen')}`,
  )
  await page.keyboard.press('Escape')
  await dialog().waitFor({ state: 'detached' })
})

step('lists the project with what it holds', async () => {
  const { page } = app
  for (const key of ['g', 'p']) {
    await page.keyboard.press(key)
  }
  await page.getByRole('button', { name: /home.*16 clips/ }).waitFor()
  expect(await objectionsInBoth(page)).toEqual([])
  expect(JSON.parse(readFileSync(join(app.home, 'recent.json'), 'utf8'))).toMatchObject([
    { name: 'home', state: { clips: CLIPS } },
  ])
})

step('begins the finished sample in one step', async () => {
  const { page } = app
  const answerAtOnce = await withSlowAnswers(page)
  await page.getByRole('button', { name: 'Open the finished sample' }).click()
  // Faster than the folder that is proposed, which does not take the place of what was typed.
  await dialog().getByLabel('Into folder').fill(join(place, 'try'))
  await answerAtOnce()
  await dialog().getByRole('button', { name: 'Make the sample' }).click()
  const strip = page.getByRole('region', { name: 'All steps' })
  await strip.getByRole('progressbar').waitFor()
  await strip.getByText('of 7 steps done').click()
  await strip.getByText('Render 240 clips').waitFor()
  await strip.getByRole('button', { name: /^Cancel/ }).click()
  await strip.getByRole('button', { name: 'Go on' }).waitFor()
  expect(existsSync(join(place, 'try', 'sample.vitrine', 'project.sqlite'))).toBe(true)
})

step('had no problem on the way', () => {
  expect(app.problems).toEqual([])
})
