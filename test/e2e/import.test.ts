import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { CLIPS } from '../prepared.ts'
import { story } from '../story.ts'
import { sampleProject, startInBrowser } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objections } from './fixtures/axe.ts'
import { eventually } from './fixtures/eventually.ts'

let app: Application
let more: string

beforeAll(async () => {
  const project = await sampleProject('imported')
  const corpus = join(dirname(project), 'sample')
  more = join(dirname(project), 'more')
  mkdirSync(join(more, 'clips'), { recursive: true })
  // One that is there already, under another name, and one that is new.
  cpSync(join(corpus, 'clips', 'clip0001.mp4'), join(more, 'clips', 'clip0001.mp4'))
  cpSync(join(corpus, 'actions'), join(more, 'clips', 'actions'), { recursive: true })
  writeFileSync(
    join(more, 'more.tsv'),
    'clip0001\ta caption of the second import\nclip0002\tanother one\nghost\tof nobody\n',
  )
  app = await startInBrowser(project)
})
afterAll(async () => {
  await app.stop()
})

const step = story('a second import is previewed, made, listed and undone', { timeout: 300_000 })

step('says what it would do, and does nothing yet', async () => {
  const { page } = app
  await page.getByRole('option').first().waitFor()
  const dialog = page.getByRole('dialog')
  await eventually(async () => {
    await page.keyboard.press('i')
    return dialog.isVisible()
  }).toBe(true)
  await page.getByLabel('Folder of videos', { exact: true }).fill(join(more, 'clips'))
  await page.getByLabel('Caption file', { exact: true }).fill(join(more, 'more.tsv'))
  await page.keyboard.press('Enter')
  await dialog.getByText(/\d+ clips new, 2 known, 2 captions added, 0 removed/).waitFor()
  await dialog.getByText('1 line of more.tsv matches no clip: ghost (line 3).').waitFor()
  expect(await page.locator('[role=option]').count()).toBe(CLIPS)
  expect(await objections(page)).toEqual([])
})

step('asks again when something else is asked for', async () => {
  const { page } = app
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Import', exact: true }).waitFor()
  await page.getByLabel('Split anew').check()
  await dialog.getByRole('button', { name: 'Preview', exact: true }).waitFor()
  await page.getByLabel('Split anew').uncheck()
  await page.keyboard.press('Enter')
  await dialog.getByRole('button', { name: 'Import', exact: true }).waitFor()
})

step('imports, and its warnings stay in view', async () => {
  const { page } = app
  await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  const summary = page.locator('summary', { hasText: 'Imports' })
  await eventually(() => summary.innerText()).toMatch(/things? to\s+look at/)
  // Unfolded by itself, until a person folds it away.
  const panel = page.getByRole('region', { name: 'Import of more.tsv and clips' })
  await panel.getByText('1 line of more.tsv matches no clip: ghost (line 3).').waitFor()
  expect(await objections(page)).toEqual([])
  await summary.focus()
  await page.keyboard.press('Enter')
  await panel.waitFor({ state: 'hidden' })
  await page.reload()
  await eventually(() => summary.innerText()).toMatch(/things? to\s+look at/)
  expect(await panel.isVisible()).toBe(false)
  await summary.focus()
  await page.keyboard.press('Enter')
  await panel.waitFor()
  await page.getByRole('searchbox').or(page.getByLabel('Search the clips')).first().fill('second import')
  await page.getByRole('option', { name: /clip0001/ }).waitFor()
})

step('undoes it', async () => {
  const { page } = app
  await page.getByRole('searchbox').or(page.getByLabel('Search the clips')).first().fill('')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+z')
  await page.getByRole('heading', { name: /more\.tsv and clips.*undone/ }).waitFor()
  await eventually(() => page.locator('[role=option]').count()).toBe(CLIPS)
})

step('had no problem on the way', () => {
  expect(app.problems).toEqual([])
})
