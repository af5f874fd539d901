/**
 * Clips and captions removed, edited and moved, models deleted and brought back: with the keyboard, on a small
 * trained sample.
 */
import { afterAll, beforeAll, expect } from 'vitest'
import type { Locator } from 'playwright-core'
import { sampleProject, startInBrowser, vitrine } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objectionsInBoth } from './fixtures/axe.ts'
import { eventually } from './fixtures/eventually.ts'
import { story } from '../story.ts'

let app: Application
let project: string
let clips: Locator
let captions: Locator

beforeAll(async () => {
  project = await sampleProject('trained')
  app = await startInBrowser(project)
  clips = app.page.getByRole('listbox', { name: 'Clips' }).getByRole('option')
  captions = app.page.getByRole('region', { name: /^(Captions|The caption)/ }).locator('[data-caption]')
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
const notice = (): Locator => app.page.getByRole('status').filter({ hasText: 'Done:' })
/** What a caption says: who wrote it stands on a line below. */
const wordsOf = async (caption: number): Promise<string | undefined> =>
  (await captions.nth(caption).innerText()).split('\n')[0]

/** Takes the latest edit back, and waits until it is. */
async function undo(): Promise<void> {
  const latest = await app.page.getByText(/^undo: /).innerText()
  await press('Control+z')
  await app.page.getByText(latest, { exact: true }).waitFor({ state: 'detached' })
}
const show = (which: string): Promise<void> =>
  app.page.getByRole('group', { name: 'Split' }).getByText(which, { exact: true }).click()

const step = story('clips, captions and models go and come back', { timeout: 600_000 })

step('edits a caption in place, removes it, and takes both back', async () => {
  await press('g', 'c')
  await captions.first().waitFor()
  const before = await captions.allInnerTexts()
  await captions.first().focus()
  await press('ArrowDown', 'F2')
  const field = app.page.getByLabel('The caption', { exact: true })
  await field.fill('a caption that was edited')
  await press('Enter')
  await eventually(() => wordsOf(1)).toBe('a caption that was edited')
  // The focus is on the caption again: Delete is for it, and not for the clip.
  await press('Delete')
  await eventually(() => captions.count()).toBe(before.length - 1)
  await notice().waitFor()
  expect(await objectionsInBoth(app.page)).toEqual([])
  await notice().getByRole('button', { name: 'Undo' }).click()
  await eventually(() => captions.count()).toBe(before.length)
  await undo()
  await eventually(() => captions.allInnerTexts()).toEqual(before)
})

step('keeps what is typed until it is saved or given up', async () => {
  const fields = app.page.getByLabel('The caption', { exact: true })
  const first = await captions.first().innerText()
  await captions.first().click()
  await fields.fill('typed and not saved')
  await captions.first().click()
  await eventually(() => fields.count()).toBe(2)
  await fields.last().press('Escape')
  await clips.nth(1).click()
  await fields.waitFor({ state: 'detached' })
  await clips.first().click()
  await eventually(() => fields.inputValue()).toBe('typed and not saved')
  await app.page.reload()
  await eventually(() => fields.inputValue()).toBe('typed and not saved')
  await vitrine('edit-caption', project, 'of another program', '--video', 'clip0001', '--caption', first)
  await app.page.getByText('Meanwhile it became “of another program”').waitFor()
  expect(await objectionsInBoth(app.page)).toEqual([])
  await fields.press('Escape')
  await eventually(() => wordsOf(0)).toBe('of another program')
  await undo()
  await eventually(() => captions.first().innerText()).toBe(first)
})

step('adds a caption', async () => {
  const before = await captions.count()
  await press('e')
  await app.page.getByRole('textbox', { name: 'A human caption' }).fill('a caption that was missing')
  await press('Enter')
  await eventually(() => captions.count()).toBe(before + 1)
  await undo()
  await eventually(() => captions.count()).toBe(before)
})

step('a caption that is begun in Corpus goes on in Review, where it takes the place of none', async () => {
  const field = app.page.getByRole('textbox', { name: 'A human caption' })
  await press('g', 'r')
  await app.page.getByRole('group', { name: 'Verdict' }).waitFor()
  await app.page.waitForURL(/review\/\d+/)
  await press('e')
  const suggested = await field.inputValue()
  await app.page.goto(app.page.url().replace('review', 'corpus'))
  await press('e')
  await eventually(() => field.inputValue()).toBe('')
  await field.fill('begun in the corpus')
  await app.page.goto(app.page.url().replace('corpus', 'review'))
  await eventually(() => field.inputValue()).toBe('begun in the corpus')
  expect(suggested).not.toBe('')
  expect(await app.page.getByText('Meanwhile it became').count()).toBe(0)
  await field.press('Escape')
  await press('g', 'c')
  await clips.first().waitFor()
})

step('moves and removes marked clips, and restores them', async () => {
  const all = await clips.count()
  await clips.first().click()
  await press('Shift+ArrowDown', 'Shift+ArrowDown')
  await app.page.getByText('3 marked').waitFor()
  expect(await objectionsInBoth(app.page)).toEqual([])
  await press('m', 'v')
  await notice()
    .filter({ hasText: /move \d clips to val/ })
    .waitFor()
  await press('Control+a')
  await app.page.getByText(`${all} marked`).waitFor()
  await press('Delete')
  await app.page.getByText('No clip matches.').waitFor()
  await show('Removed')
  await eventually(() => clips.count()).toBe(all)
  expect(await objectionsInBoth(app.page)).toEqual([])
  await clips.first().click()
  await press('r')
  await eventually(() => clips.count()).toBe(all - 1)
  // Faster than each is done: no key is lost, nor a redo that is asked for before there is anything to redo.
  await app.page.evaluate(() => {
    for (const key of ['z', 'z', 'z', 'y', 'z']) {
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey: true, bubbles: true }))
    }
  })
  await eventually(() => clips.count()).toBe(0)
  await app.page.getByText(/^redo: move \d clips to val/).waitFor()
  await show('All')
  await eventually(() => clips.count()).toBe(all)
})

step('says what the splits came to, where the model and its score are shown', async () => {
  await press('Control+a')
  await app.page.getByText(/\d+ marked/).waitFor()
  await press('m', 'e')
  await notice().waitFor()
  await press('g', 'm')
  await app.page.getByText(/moved from train to test since it was trained/).waitFor()
  await app.page.getByText(/flatters the model/).waitFor()
  expect(await objectionsInBoth(app.page)).toEqual([])
  await press('Control+z')
  await app.page.getByText(/moved from train to test/).waitFor({ state: 'detached' })
  expect(app.problems).toEqual([])
})
