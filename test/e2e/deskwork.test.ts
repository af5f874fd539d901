/** Many clips at once: tags, filters, a grid, verdicts for what is marked; and what two people make of the same captions. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { story } from '../story.ts'
import { sampleProject, startInBrowser, temporaryFolder, vitrine } from './fixtures/application.ts'
import { objectionsInBoth } from './fixtures/axe.ts'
import { eventually } from './fixtures/eventually.ts'

let app: Awaited<ReturnType<typeof startInBrowser>>
let project: string
/** Captions of the validation split. */
let total: number

beforeAll(async () => {
  project = await sampleProject('trained')
  app = await startInBrowser(project)
  total = ((await vitrine('review', project)) as { total: number }).total
})
afterAll(async () => {
  await app.stop()
})

const press = async (...keys: string[]): Promise<void> => {
  for (const key of keys) {
    await app.page.keyboard.press(key)
  }
}
const listbox = (name: string | RegExp) => app.page.getByRole('listbox', { name })
const options = (name: string | RegExp) => listbox(name).getByRole('option')
const listed = async (list: string | RegExp): Promise<number> =>
  Number(await options(list).first().getAttribute('aria-setsize'))

const step = story('work on many clips', { timeout: 600_000 })

step('tags what is marked, by keyboard, in one edit', async () => {
  const { page } = app
  await options('Clips').first().click()
  await listbox('Clips').focus()
  await press('x', 'ArrowDown', 'x', 'Shift+T')
  const dialog = page.getByRole('dialog', { name: 'Tags of 2 clips' })
  await dialog.getByLabel('A tag', { exact: true }).fill('odd')
  await press('Enter')
  await dialog.getByRole('listitem').filter({ hasText: 'odd' }).getByTitle('2 clips').waitFor()
  expect(await objectionsInBoth(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Rename odd' }).click()
  await dialog.getByLabel('Another name for the tag').fill('strange')
  await press('Enter')
  await dialog.getByRole('listitem').filter({ hasText: 'strange' }).waitFor()
  await press('Escape')
  await dialog.waitFor({ state: 'detached' })
  expect((await vitrine('tags', project)) as object).toMatchObject({ tags: [{ tag: 'strange', clips: 2 }] })
})

step('filters by what is counted beside each choice, and keeps that as a view', async () => {
  const { page } = app
  await listbox('Clips').focus()
  await press('Escape', 'q')
  const filters = page.getByRole('group', { name: 'More filters' })
  await filters.getByLabel('Tag', { exact: true }).selectOption('strange (2)')
  await eventually(() => listed('Clips')).toBe(2)
  await filters.getByRole('button', { name: 'Keep these filters as a view' }).click()
  await filters.getByLabel('Name of the view').fill('strange ones')
  await press('Enter')
  expect(await objectionsInBoth(page)).toEqual([])
  await filters.getByRole('button', { name: 'Clear' }).click()
  await eventually(() => listed('Clips')).toBeGreaterThan(2)
  await filters.getByLabel('Saved view').selectOption('strange ones')
  await eventually(() => listed('Clips')).toBe(2)
  await filters.getByRole('button', { name: 'Forget the view strange ones' }).click()
  await filters.getByLabel('Saved view').waitFor({ state: 'detached' })
  await press('Control+z')
  await filters.getByLabel('Saved view').waitFor()
  await page.getByText('Took back: forget the view "strange ones"').waitFor()
  await filters.getByRole('button', { name: 'Clear' }).click()
  await page.getByRole('combobox', { name: 'Order' }).selectOption('by length')
  await eventually(() => listed('Clips')).toBeGreaterThan(2)
})

step('shows clips as a grid, which keys walk through and the pointer plays', async () => {
  const { page } = app
  await listbox('Clips').focus()
  await press('q', 'Shift+G', 'Home')
  const current = page.locator('[role=option][data-current]')
  const place = async () => Number(await current.getAttribute('aria-posinset'))
  await eventually(place).toBe(1)
  await press('ArrowRight')
  await eventually(place).toBe(2)
  await press('ArrowLeft', 'ArrowDown')
  // A line down is as far as there are columns.
  await eventually(place).toBeGreaterThan(2)
  await options('Clips').first().hover()
  const video = options('Clips').first().locator('video')
  await eventually(() => video.evaluate((one: HTMLVideoElement) => one.currentTime)).toBeGreaterThan(0)
  expect(await objectionsInBoth(page)).toEqual([])
  await page.mouse.move(0, 0)
  await video.waitFor({ state: 'detached' })
  const before = (await options('Clips').first().boundingBox())?.width ?? 0
  await page.getByRole('slider', { name: 'Size of the pictures' }).fill('320')
  await eventually(async () => (await options('Clips').first().boundingBox())?.width ?? 0).toBeGreaterThan(
    before,
  )
  await press('Shift+G')
})

step('judges all that are marked by one key, and takes that back by one undo', async () => {
  const { page } = app
  await press('g', 'r')
  const captions = /^Captions/
  await options(captions).first().click()
  await listbox(captions).focus()
  await press('Control+a', '3')
  await page.getByText(`${total} of ${total} judged`).waitFor()
  await page.getByText(`· ${total} today`).waitFor()
  await press('Control+z')
  await page.getByText(`0 of ${total} judged`).waitFor()
  await press('Home', '1', '3')
  await page.getByText(`2 of ${total} judged`).waitFor()
})

step('lays two people side by side', async () => {
  const { page } = app
  await page.getByRole('button', { name: 'Your name?' }).click()
  await page.getByLabel('Edits are signed').fill('Ann')
  await press('Enter', 'Escape')
  await page.getByRole('button', { name: 'as Ann' }).waitFor()
  // What was judged before she said her name is the account's.
  await page.getByText(`0 of ${total} judged`).waitFor()
  const captions = /^Captions/
  await options(captions).first().click()
  await press('2')
  await page.getByText(`1 of ${total} judged`).waitFor()
  await options(captions)
    .first()
    .getByRole('img', { name: /: right$/ })
    .waitFor()
  await press('Shift+A')
  const dialog = page.getByRole('dialog', { name: 'Agreement' })
  await dialog.getByText('1 caption', { exact: true }).waitFor()
  expect(await objectionsInBoth(page)).toEqual([])
  await dialog.getByRole('listitem').getByRole('button').click()
  await dialog.waitFor({ state: 'detached' })
  await eventually(() => options(captions).first().getAttribute('data-current')).toBe('true')
})

step('takes in annotations that another project gave', async () => {
  const { page } = app
  const to = join(temporaryFolder('annotations'), 'out')
  await vitrine('export', project, '--what', 'annotations', '--to', to)
  await vitrine('tags', project, '--rename', 'strange', '--to', 'other')
  await press('Shift+I')
  const dialog = page.getByRole('dialog', { name: 'Take in annotations' })
  await dialog.getByLabel('File', { exact: true }).fill(join(to, 'annotations.csv'))
  await dialog.getByRole('button', { name: 'Preview' }).click()
  await dialog.getByText(/: 2 tags new/).waitFor()
  expect(await objectionsInBoth(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Take in' }).click()
  await dialog.waitFor({ state: 'detached' })
  await eventually(() => vitrine('tags', project)).toMatchObject({
    tags: [{ tag: 'other' }, { tag: 'strange', clips: 2 }],
  })
  await press('Control+z')
  await eventually(() => vitrine('tags', project)).toMatchObject({ tags: [{ tag: 'other', clips: 2 }] })
  expect(app.problems).toEqual([])
})

step('takes views into the project that an earlier version kept in the browser', async () => {
  const { page } = app
  const key = `vitrine/${project}/corpus/views`
  await page.evaluate((name) => {
    localStorage.setItem(name, JSON.stringify({ 'of old': { split: 'test' }, unknown: { split: 'none' } }))
    location.hash = '#/corpus'
  }, key)
  await page.reload()
  await listbox('Clips').waitFor()
  const filters = page.getByRole('group', { name: 'More filters' })
  if (!(await filters.isVisible())) {
    await press('q')
  }
  await filters
    .getByLabel('Saved view')
    .getByRole('option', { name: 'of old' })
    .waitFor({ state: 'attached' })
  // What this version can't read stays where it is.
  await eventually(() => page.evaluate((name) => localStorage.getItem(name), key)).toBe(
    JSON.stringify({ unknown: { split: 'none' } }),
  )
  expect(app.problems).toEqual([])
})
