/**
 * Topics curated with the keyboard alone, on a small trained sample: each kind of edit shows at once, and
 * undoing all of them brings back what was there.
 */
import { afterAll, beforeAll, expect } from 'vitest'
import type { Locator } from 'playwright-core'
import { sampleProject, startInBrowser } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objections } from './fixtures/axe.ts'
import { eventually } from './fixtures/eventually.ts'
import { story } from '../story.ts'

let app: Application
let topics: Locator
let words: Locator
let clips: Locator
let before: string[]
/** What undo would take back before the tests; nothing: empty. */
let undoneLast: string

beforeAll(async () => {
  app = await startInBrowser(await sampleProject('trained'))
  const { page } = app
  topics = page.getByRole('listbox', { name: 'Topics', exact: true }).getByRole('option')
  words = page.getByRole('listbox', { name: 'Words of the topic' }).getByRole('option')
  clips = page.getByRole('listbox', { name: 'Clips of the topic' }).getByRole('option')
  await page.getByRole('navigation', { name: 'Views' }).locator('[aria-current=page]').waitFor()
  await press('g', 't')
  await clips.first().waitFor()
  before = await topics.allInnerTexts()
  undoneLast = await nextUndo()
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
const nextUndo = async (): Promise<string> => (await app.page.getByText(/^undo: /).allInnerTexts()).join()
const undo = async (what: RegExp): Promise<void> => {
  await app.page.getByRole('button', { name: what }).waitFor()
  await press('Control+z')
  await app.page
    .getByRole('button', { name: what })
    .and(app.page.getByText(/^undo/))
    .waitFor({ state: 'detached' })
}
/** Goes to the first topic, and into a list of its page. */
async function into(list: '2' | '3'): Promise<void> {
  await press('1', 'Home')
  const rows = list === '2' ? words : clips
  await rows.first().waitFor()
  await press(list, 'Home')
  await app.page.waitForFunction(() => document.activeElement?.getAttribute('aria-activedescendant') != null)
}

const step = story('topics are curated with the keyboard alone, and all of it is undone', {
  timeout: 600_000,
})

step('filters while typing', async () => {
  const word = (await words.first().innerText()).split('\n')[0]!
  await press('/')
  await type(word.slice(0, 4))
  await eventually(() => topics.count()).toBeLessThan(before.length)
  for (const text of await topics.allInnerTexts()) {
    expect(text).toContain(word.slice(0, 4))
  }
  await press('Control+a', 'Backspace', 'Enter')
  await eventually(() => topics.allInnerTexts()).toEqual(before)
})

step('ranks words by the weight of their lift', async () => {
  const ranked = (await words.allInnerTexts()).join()
  for (let i = 0; i < 6; i++) {
    await press('[')
  }
  await app.page.getByText('0.00').waitFor()
  await eventually(async () => (await words.allInnerTexts()).join()).not.toBe(ranked)
  for (let i = 0; i < 6; i++) {
    await press(']')
  }
  await eventually(async () => (await words.allInnerTexts()).join()).toBe(ranked)
})

step('renames, accepts and rejects labels', async () => {
  const first = (await topics.first().innerText()).split('\n')[0]!
  await press('Shift+A')
  await eventually(() => topics.first().innerText()).not.toContain(first)
  await undo(/^undo: reject the label/)
  await press('a')
  await eventually(() => topics.first().innerText()).not.toContain('proposed')
  await undo(/^undo: accept the label/)
  await press('r')
  await type('things that move')
  await press('Enter')
  await topics.filter({ hasText: 'things that move' }).waitFor()
  await press('i')
  await type('whatever is not still')
  await press('Enter')
  await app.page.getByText('whatever is not still').waitFor()
})

step('keeps a description that is typed over a reload, until it is saved or given up', async () => {
  const description = app.page.getByRole('textbox', { name: 'Description of the topic' })
  await press('1', 'Home', 'i')
  await description.waitFor()
  await type('All that rolls')
  await app.page.reload()
  await eventually(() => description.inputValue()).toBe('All that rolls')
  await description.focus()
  await press('End')
  await type(', and bounces')
  await press('Enter')
  await app.page.getByText('All that rolls, and bounces').waitFor()
  await description.waitFor({ state: 'detached' })
  await press('i')
  await type('Never mind')
  await press('Escape')
  await app.page.getByText('All that rolls, and bounces').waitFor()
  await undo(/^undo: describe/)
})

step('shows a hue that was given wherever the topic is', async () => {
  const dots = app.page.locator(
    '[aria-label=Topics] [data-current] .rounded-full, section[aria-label="The topic"] .bar-head .rounded-full',
  )
  const colours = (): Promise<string[]> =>
    dots.evaluateAll((all) => [...new Set(all.map((dot) => getComputedStyle(dot).backgroundColor))])
  const before = await colours()
  expect(before).toHaveLength(1)
  await press('Shift+C', 'End', 'Enter')
  await eventually(async () => {
    const now = await colours()
    return now.length === 1 && now[0] !== before[0]
  }).toBe(true)
  await press('Shift+C')
  await app.page.getByRole('button', { name: 'Its own' }).focus()
  await press('Enter')
  await eventually(colours).toEqual(before)
})

step('merges marked topics into the one that is looked at, and takes that back', async () => {
  await press('1', 'Home', 'ArrowDown', 'Space', 'ArrowDown', 'x', 'ArrowUp', 'ArrowUp')
  await app.page.getByText('2 marked').waitFor()
  await press('m')
  await eventually(() => topics.count()).toBe(before.length - 2)
  await app.page.getByText('merged into it').waitFor()
  await press('Control+z')
  await eventually(() => topics.count()).toBe(before.length)
  await press('Control+Shift+z')
  await eventually(() => topics.count()).toBe(before.length - 2)
  await press('Control+z')
  await eventually(() => topics.count()).toBe(before.length)
})

step('hides, marks as junk, deletes and restores', async () => {
  await press('1', 'End', 'h')
  await eventually(() => topics.count()).toBe(before.length - 1)
  await press('j')
  await eventually(() => topics.count()).toBe(before.length - 2)
  await press('Shift+H')
  await eventually(() => topics.count()).toBe(before.length)
  await press('Control+a', 'u')
  await eventually(async () => (await topics.allInnerTexts()).join()).not.toMatch(/hidden|junk/)
  await press('Shift+H', 'End', 'd')
  await eventually(() => topics.count()).toBe(before.length - 1)
  await press('Control+z')
  await eventually(() => topics.count()).toBe(before.length)
})

step('splits a topic by words put apart', async () => {
  await press('1', 'Home', 's')
  const columns = [1, 2].map((part) =>
    dialog()
      .getByRole('listbox', { name: `Words of part ${part}` })
      .getByRole('option'),
  )
  await columns[1]!.first().waitFor()
  const [left, right] = [await columns[0]!.count(), await columns[1]!.count()]
  await press('ArrowRight')
  await dialog()
    .getByRole('radio', { name: 'Words' })
    .and(app.page.locator(':checked'))
    .waitFor({ state: 'attached' })
  await eventually(() => columns[0]!.count()).toBeLessThan(left + right)
  await eventually(async () =>
    dialog()
      .getByText(/\d+ clips?, \d+ words?/)
      .count(),
  ).toBe(2)
  await eventually(async () => {
    if (await dialog().isVisible()) {
      await press('Control+Enter')
    }
    return dialog().count()
  }).toBe(0)
  await eventually(() => topics.count()).toBe(before.length + 1)
})

step('moves, pins and forbids words, and gives clips their topics anew', async () => {
  await into('2')
  const word = (await words.first().innerText()).split('\n')[0]!
  await press('w')
  await dialog().waitFor()
  await press('ArrowDown', 'Enter')
  await dialog().waitFor({ state: 'detached' })
  await eventually(async () =>
    (await words.allInnerTexts()).some((text) => text.split('\n')[0] === word),
  ).toBe(false)
  await app.page.getByText('Words were edited since clips got their topics.').waitFor()
  await press('2', 'Home', 'p')
  await words.first().getByLabel('pinned').waitFor()
  await press('k')
  await words.first().getByLabel('pinned').waitFor({ state: 'detached' })
  await press('f')
  await app.page.getByLabel('forbidden').first().waitFor()
  await press('Shift+R')
  await app.page.getByText('Words were edited since clips got their topics.').waitFor({ state: 'detached' })
  await app.page.getByRole('button', { name: /^undo: give clips their topics anew/ }).waitFor()
})

step('sets and clears a topic for clips', async () => {
  await into('3')
  await press('Space')
  await eventually(() => clips.first().getByLabel('marked').count()).toBe(1)
  const name = (await clips.first().innerText()).split('\n')[0]!
  await press('-', 'b', 'b')
  // Its name alone is in the rows of before, too.
  await clips.filter({ hasText: name }).getByText('cleared', { exact: true }).waitFor()
  await press('3', 'Home', '0')
  await app.page.getByText('Nobody cleared the topic for a clip.').waitFor()
  await press('b', 'b')
  await clips.filter({ hasText: name }).waitFor()
  await press('3', 'Home', '=')
  await clips.filter({ hasText: name }).getByText('set', { exact: true }).waitFor()
})

step('makes a topic of words and another of clips', async () => {
  const count = await topics.count()
  const word = (await words.first().innerText()).split('\n')[0]!
  await press('c')
  await dialog().waitFor()
  await type('no such word')
  await press('Enter')
  await dialog().getByRole('alert').waitFor()
  await press('Control+a')
  await type(word)
  await press('Enter')
  await dialog().waitFor({ state: 'detached' })
  await eventually(() => topics.count()).toBe(count + 1)
  await clips.first().waitFor()
  // Clips of the topic before may be in sight until those of the new one come, and marks go with them.
  await eventually(async () => {
    await press('3', 'Home', 'Shift+ArrowDown', 'c')
    await dialog().waitFor()
    const isOfClips = await dialog().getByText('From 2 marked clips').isVisible()
    if (!isOfClips) {
      await press('Escape')
      await dialog().waitFor({ state: 'detached' })
    }
    return isOfClips
  }).toBe(true)
  await dialog().getByLabel('Label').fill('these two')
  await press('Enter')
  await dialog().waitFor({ state: 'detached' })
  await topics.filter({ hasText: 'these two' }).waitFor()
  await eventually(() => clips.count()).toBe(2)
})

step('changes the rule with its histogram in sight', async () => {
  await press('t')
  await dialog()
    .getByText(/topics a clip on average/)
    .waitFor()
  const mean = await dialog().getByRole('status').innerText()
  await press('ArrowLeft', 'ArrowLeft')
  await eventually(() => dialog().getByRole('status').innerText()).not.toBe(mean)
  await press('Enter')
  await dialog().waitFor({ state: 'detached' })
  await app.page.getByRole('button', { name: /^undo: at most 1 topic a clip/ }).waitFor()
})

step('walks the map by its arrows', async () => {
  await press('v')
  const map = app.page.getByRole('listbox', { name: 'Map of topics' })
  await map.getByRole('option').first().waitFor()
  await press('1')
  const address = app.page.url()
  await eventually(async () => {
    await press('ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowRight')
    return app.page.url()
  }).not.toBe(address)
  expect(await map.getByRole('option', { selected: true }).count()).toBe(1)
  await press('v')
})

const axeFindsNothing = async (colorScheme: 'dark' | 'light') => {
  const { page } = app
  await page.emulateMedia({ colorScheme })
  const found = (await objections(page)).map((objection) => `list: ${objection}`)
  await press('v', 'Shift+C')
  await page.getByRole('slider', { name: 'Hue, degrees' }).waitFor()
  found.push(...(await objections(page)).map((objection) => `map: ${objection}`))
  // The walk over the map ends at any topic, also at one of a single word, which can't be split.
  await press('Escape', 'v')
  await topics.first().waitFor()
  await into('2')
  for (const key of ['s', 't', 'e', 'c', 'w']) {
    await press(key)
    await dialog().waitFor()
    if (key === 's') {
      await dialog().getByRole('listbox').nth(1).waitFor()
    }
    found.push(...(await objections(page)).map((objection) => `${key}: ${objection}`))
    await press('Escape')
    await dialog().waitFor({ state: 'detached' })
  }
  expect(found).toEqual([])
}
step('axe finds nothing in it, dark', () => axeFindsNothing('dark'))
step('axe finds nothing in it, light', () => axeFindsNothing('light'))

step('undoes everything', async () => {
  await press('1')
  // Edits may be called alike: what redo would make tells them apart.
  const steps = async (): Promise<string> =>
    (await app.page.getByText(/^(undo|redo): /).allInnerTexts()).join()
  while ((await nextUndo()) !== undoneLast) {
    const now = await steps()
    await press('Control+z')
    await eventually(steps).not.toBe(now)
  }
  await eventually(async () => (await topics.allInnerTexts()).join('\n')).toBe(before.join('\n'))
  expect(await app.page.getByText('whatever is not still').count()).toBe(0)
  expect(app.problems).toEqual([])
})
