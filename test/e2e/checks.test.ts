/**
 * Captions checked and decided of, history and snapshots, a stale model carried over, topics tried and
 * imported: with the keyboard, on a small trained sample.
 */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import type { Locator } from 'playwright-core'
import { sampleProject, startInBrowser, vitrine } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objectionsInBoth } from './fixtures/axe.ts'
import { eventually } from './fixtures/eventually.ts'
import { story } from '../story.ts'

let app: Application
let folder: string
let findings: Locator
/** Found while a dialog lies over them, too. */
let topics: Locator

beforeAll(async () => {
  const project = await sampleProject('trained')
  folder = dirname(project)
  const captions = join(folder, 'faulty.tsv')
  writeFileSync(
    captions,
    [
      'a red star moves up',
      'a red star moves up',
      'the red star moves up',
      'a red satr moves up',
      'un homme joue de la guitare',
    ]
      .map((caption) => `clip0001\t${caption}\n`)
      .join(''),
  )
  await vitrine('import', project, '--captions', captions)
  app = await startInBrowser(project)
  topics = app.page.locator('[role=listbox][aria-label=Topics] [role=option]')
  findings = app.page.getByRole('listbox', { name: 'Findings' }).getByRole('option')
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
const type = (text: string): Promise<void> => app.page.keyboard.type(text)
const dialog = (): Locator => app.page.getByRole('dialog')

const step = story('captions are checked, topics go back and forth in their history', { timeout: 600_000 })

step('checks captions; accepts, fixes and drops by one key each, and takes all of it back', async () => {
  await press('g', 'h')
  await app.page.getByText('Find captions that would teach the model wrong').waitFor()
  await press('c')
  await findings.first().waitFor()
  const before = await findings.count()
  expect(before).toBeGreaterThan(2)
  expect(await objectionsInBoth(app.page)).toEqual([])

  const [first, second] = await findings.allInnerTexts()
  await press('a')
  await eventually(() => findings.count()).toBe(before - 1)
  await eventually(() => findings.first().innerText()).toBe(second)
  await press('f')
  const field = app.page.getByLabel('The caption as it is to be')
  await field.waitFor()
  await press('Control+a')
  await type('something that nobody said before')
  await press('Enter')
  await eventually(() => findings.count()).toBeLessThan(before - 1)
  const left = await findings.count()
  await press('f')
  await field.waitFor()
  await press('Escape')
  await field.waitFor({ state: 'detached' })
  await press('Space', 'ArrowDown', 'x')
  await app.page.getByText('2 marked').waitFor()
  await press('d')
  await eventually(() => findings.count()).toBeLessThan(left)
  for (let i = 0; i < 3; i++) {
    const undo = await app.page.getByText(/^undo: /).innerText()
    await press('Control+z')
    await app.page.getByText(undo, { exact: true }).waitFor({ state: 'detached' })
  }
  await eventually(() => findings.count()).toBe(before)
  expect((await findings.allInnerTexts())[0]).toBe(first)
})

step('never decides twice of a caption, however fast the keys come', async () => {
  const before = await findings.count()
  await press('a', 'a', 'd', 'a', 'd', 'a')
  await eventually(() => findings.count()).toBeLessThan(before)
  await press('g', 'y')
  const edits = dialog()
    .getByRole('listbox', { name: /^Edits/ })
    .getByRole('option')
  await edits.first().waitFor()
  await press('Escape')
  await dialog().waitFor({ state: 'detached' })
  expect(await app.page.getByRole('alert').filter({ hasText: 'already' }).count()).toBe(0)
  await app.page.getByText(/^undo: /).waitFor()
  while ((await findings.count()) < before) {
    const now = await findings.count()
    await press('Control+z')
    await eventually(() => findings.count()).toBeGreaterThan(now)
  }
})

step('goes to any point of the history, which says what and who', async () => {
  const edits = dialog()
    .getByRole('listbox', { name: /^Edits/ })
    .getByRole('option')
  await press('Control+k')
  await type('your name')
  await press('Enter')
  const name = app.page.getByLabel('Edits are signed')
  await eventually(() => name.inputValue()).not.toBe('')
  await press('Control+a')
  await type('Ada Lovelace')
  await press('Enter', 'Escape')
  await dialog().waitFor({ state: 'detached' })
  await press('g', 't')
  await topics.first().waitFor()
  const before = await topics.count()
  for (const left of [before - 1, before - 2]) {
    await press('1', 'End', 'd')
    await eventually(() => topics.count()).toBe(left)
  }
  await press('g', 'y')
  await edits.first().waitFor()
  expect(await edits.first().innerText()).toMatch(/delete[\s\S]*Ada Lovelace/)
  expect(await objectionsInBoth(app.page)).toEqual([])
  await press('ArrowDown', 'Enter')
  await eventually(() => topics.count()).toBe(before - 1)
  await eventually(() => edits.first().innerText()).toContain('undone')
  expect(await edits.nth(1).innerText()).toContain('now')
  await press('Home', 'Enter')
  await eventually(() => topics.count()).toBe(before - 2)
  await press('ArrowDown', 'ArrowDown', 'Enter')
  await eventually(() => topics.count()).toBe(before)
  await press('Escape')
})

step('compares with a snapshot and returns to it', async () => {
  const before = await topics.count()
  await press('g', 's')
  await dialog().getByLabel('Name this state').waitFor()
  await type('all of them')
  await press('Enter')
  await dialog().getByText('all of them', { exact: true }).waitFor()
  await press('Escape', '1', 'Home', 'd')
  await eventually(() => topics.count()).toBe(before - 1)
  await press('g', 's')
  await dialog().getByRole('button', { name: 'Compare with all of them' }).click()
  await dialog().getByText('was active').waitFor()
  expect(await objectionsInBoth(app.page)).toEqual([])
  await dialog().getByRole('button', { name: 'Return to all of them' }).click()
  await dialog().getByText('Nothing is different now.').waitFor()
  await press('Escape')
  await eventually(() => topics.count()).toBe(before)
})

step('tells why a model is stale, and carries it over', async () => {
  const before = await topics.count()
  await press('1', 'Home', 'd')
  await eventually(() => topics.count()).toBe(before - 1)
  await press('g', 'm')
  const note = app.page.getByRole('region', { name: 'Why it is stale' })
  await note.getByText(/^Deleted/).waitFor()
  expect(await objectionsInBoth(app.page)).toEqual([])
  await press('v')
  await app.page
    .getByRole('menu')
    .getByText(/Deleted/)
    .waitFor()
  await press('Escape')
  await app.page.getByRole('menu').waitFor({ state: 'detached' })
  await press('Shift+M')
  await app.page
    .getByText(/remapped/)
    .first()
    .waitFor()
  await press('g', 't', 'Control+z')
  await eventually(() => topics.count()).toBeGreaterThan(1)
})

step('tries numbers of topics, and takes one of them over to be extracted', async () => {
  const ks = dialog().getByLabel('Numbers of topics')
  await press('Shift+K')
  await ks.fill('500')
  await press('Enter')
  await dialog()
    .getByText(/500 topics are more than/)
    .waitFor()
  await ks.fill('3 2')
  await press('Enter')
  await dialog().getByRole('button', { name: 'Extract 3' }).waitFor()
  await dialog()
    .getByRole('heading', { name: 'Likelihood on validation' })
    .or(dialog().getByText('Likelihood on validation'))
    .first()
    .waitFor()
  expect(await objectionsInBoth(app.page)).toEqual([])
  await dialog().getByRole('button', { name: 'Extract 3' }).click()
  await dialog().getByText('Extract topics').waitFor()
  expect(await dialog().getByLabel('Topics', { exact: true }).inputValue()).toBe('3')
  await press('Escape')
  await dialog().waitFor({ state: 'detached' })
})

step('imports topic vectors in the place of the topics; a wrong file is told of with its line', async () => {
  const before = await topics.count()
  const file = (name: string, lines: string[]): string => {
    const path = join(folder, name)
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
    return path
  }
  const bring = async (path: string): Promise<void> => {
    await press('Shift+I')
    await dialog().getByLabel('Vectors', { exact: true }).fill(path)
    expect(await objectionsInBoth(app.page)).toEqual([])
    await press('Enter')
    await dialog().waitFor({ state: 'detached' })
  }
  await bring(file('wrong.csv', ['id,up,down', 'clip0001,1,0', 'clip0002,1']))
  await app.page
    .getByRole('alert')
    .filter({ hasText: /wrong\.csv.*3|line 3/ })
    .first()
    .waitFor()
  expect(await topics.count()).toBe(before)
  await bring(file('own.csv', ['id,upward,downward', 'clip0001,1,0', 'clip0002,0,1']))
  await eventually(() => topics.count()).toBe(2)
  expect((await topics.allInnerTexts()).join()).toMatch(/upward[\s\S]*downward/)
  await press('Control+z')
  await eventually(() => topics.count()).toBe(before)
  expect(app.problems).toEqual([])
})
