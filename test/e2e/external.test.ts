/**
 * A captioner that Vitrine did not train, made by hand with a known flaw: it says one colour wherever people say another.
 * Its captions and activations come in through the window, and the flaw is found by the path of docs/other-models.md.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, expect } from 'vitest'
import { story } from '../story.ts'
import { sampleProject, startInBrowser } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objectionsInBoth } from './fixtures/axe.ts'
import { eventually } from './fixtures/eventually.ts'

const COLOURS = ['red', 'orange', 'yellow', 'green', 'blue', 'purple', 'white', 'black']
let app: Application
let captions: string
let activations: string
/** What is confused with what, in which clips of the validation or test split. */
let flaw: { colour: string; standIn: string; split: string; clips: string[] }
/** The topic that neuron 0 is tied to. */
let topic: string

const linesOf = (path: string): string[][] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))

beforeAll(async () => {
  const project = await sampleProject('trained')
  const folder = dirname(project)
  const human = Map.groupBy(linesOf(join(folder, 'sample', 'captions.tsv')), ([clip]) => clip!)
  const splitOf = new Map(
    linesOf(join(folder, 'sample', 'split.tsv')).map(([clip, split]) => [clip!, split!]),
  )
  flaw = chooseFlaw(human, splitOf)

  captions = join(folder, 'flawed.csv')
  const rows = [...human].map(([clip, lines]) => {
    const [[, caption = ''] = []] = lines.filter(([, text = '']) => text.includes(flaw.colour)).concat(lines)
    return `${clip},${caption.replaceAll(flaw.colour, flaw.standIn)}`
  })
  writeFileSync(captions, `clip,caption\n${rows.join('\n')}\nnobody,a ghost\n`)

  activations = join(folder, 'activations')
  mkdirSync(activations)
  const database = new Sqlite(join(project, 'project.sqlite'), { readonly: true })
  const topics = database
    .prepare<[], { id: number; label: string }>('SELECT id, label FROM topic ORDER BY id')
    .all()
  const borne = database
    .prepare<[], { name: string; topicId: number }>(
      'SELECT name, topic_id AS topicId FROM clip_topic JOIN clip ON clip.id = clip_id WHERE active = 1',
    )
    .all()
  database.close()
  topic = topics[0]!.label
  // One neuron to each topic, on where a clip bears it.
  for (const clip of human.keys()) {
    const values = topics.map(({ id }) =>
      borne.some(({ name, topicId }) => topicId === id && name.startsWith(clip)) ? 10 : 0,
    )
    writeFileSync(join(activations, `${clip}.npy`), npyOf(values))
  }
  app = await startInBrowser(project)
})
afterAll(async () => {
  await app.stop()
})

/** One row of float32 in NumPy's format 1.0. */
function npyOf(values: readonly number[]): Buffer {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${values.length},), }`
  const text = `${header.padEnd(128 - 10 - 1)}\n`
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, text.length, 0])
  return Buffer.concat([start, Buffer.from(text), Buffer.from(Float32Array.from(values).buffer)])
}

/** The colour that most people name in most clips of a split that nobody learnt from, and one that none of them names. */
function chooseFlaw(
  human: ReadonlyMap<string, string[][]>,
  splitOf: ReadonlyMap<string, string>,
): typeof flaw {
  const named = (colour: string, clip: string): boolean => {
    const lines = human.get(clip)!
    return 2 * lines.filter(([, text = '']) => text.split(' ').includes(colour)).length >= lines.length
  }
  const choices = ['validation', 'val', 'test'].flatMap((split) =>
    COLOURS.map((colour) => ({
      colour,
      split,
      clips: [...human.keys()].filter((clip) => splitOf.get(clip) === split && named(colour, clip)),
    })),
  )
  const best = choices.sort((a, b) => b.clips.length - a.clips.length)[0]!
  const standIn = COLOURS.find(
    (colour) =>
      !best.clips.some((clip) => human.get(clip)!.some(([, text = '']) => text.split(' ').includes(colour))),
  )!
  return { ...best, standIn }
}

const press = async (...pressed: string[]): Promise<void> => {
  for (const key of pressed) {
    await app.page.keyboard.press(key)
  }
}
const step = story('another system’s captioner is taken in, and its flaw is found', { timeout: 600_000 })

step('its captions and activations are previewed and taken in', async () => {
  const { page } = app
  expect(flaw.clips.length).toBeGreaterThan(1)
  await page.getByRole('option').first().waitFor()
  await press('g', 'm')
  const dialog = page.getByRole('dialog')
  await eventually(async () => {
    if (!(await dialog.isVisible())) {
      await press('e')
    }
    return dialog.isVisible()
  }).toBe(true)
  await dialog.getByLabel('Captions', { exact: true }).fill(captions)
  await dialog.getByLabel('Name', { exact: true }).fill('Flawed')
  await dialog.getByLabel('Activations', { exact: true }).fill(activations)
  await press('Enter')
  await dialog.getByText(/^captions of \d+ clips by Flawed/).waitFor()
  await dialog.getByText('No clip is called nobody (flawed.csv line').waitFor()
  expect(await objectionsInBoth(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Import', exact: true }).press('Enter')
  await dialog.waitFor({ state: 'detached' })
  const row = page.getByRole('option', { name: /^v2 Flawed/ })
  await row.waitFor()
  await eventually(() => row.innerText()).not.toContain('training')
  await row.click()
  await page.getByRole('heading', { name: 'v2 Flawed' }).waitFor()
})

step('it is laid beside our own model', async () => {
  const { page } = app
  await page
    .getByText('another system’s model: captions from flawed.csv, activations from activations')
    .waitFor()
  await press('w')
  await page.getByLabel('Beside it').selectOption({ label: 'v1 interpretive' })
  await page.getByRole('heading', { name: /^Against v1 interpretive, \w+ split, \d+ clips/ }).waitFor()
})

step('what it says instead names the flaw first, and leads to its clips', async () => {
  const { page } = app
  const words = page.getByRole('region', { name: 'What it says instead' })
  const short = flaw.split === 'validation' ? 'val' : flaw.split
  await words.locator('label', { hasText: short }).click()
  await eventually(async () =>
    (await words.locator('tbody tr').first().innerText()).split(/\s+/).slice(0, 2),
  ).toEqual([flaw.standIn, flaw.colour])
  expect(await words.locator('tbody tr').first().innerText()).toContain(
    `${flaw.clips.length} of ${flaw.clips.length}`,
  )
  await press('m')
  await words.getByRole('link').first().waitFor()
  expect(await objectionsInBoth(page)).toEqual([])
  await words.getByRole('link').first().click()
})

step('Review shows it, and says what can not be done', async () => {
  const { page } = app
  const desk = page.getByRole('region', { name: 'The caption and what people said' })
  await desk.getByText('nothing can be moved in it').waitFor()
  expect(await desk.locator('.model').innerText()).toContain(flaw.standIn)
  expect(await desk.locator('.people').innerText()).toContain(flaw.colour)
  const fix = page.getByRole('button', { name: 'Fix…' })
  expect(await fix.getAttribute('aria-disabled')).toBe('true')
  await fix.hover()
  await eventually(() => page.getByRole('tooltip').first().textContent()).toContain(
    'Flawed is another system’s model, which nothing here can run',
  )
  expect(await objectionsInBoth(page)).toEqual([])
})

step('its neurons are there to be looked at: one of them is tied to a topic', async () => {
  const { page } = app
  await press('g', 'n')
  const topics = page.getByRole('listbox', { name: 'Topics' })
  await topics.getByRole('option', { name: new RegExp(topic) }).click()
  const neurons = page.getByRole('listbox', { name: /^Neurons of the topic/ })
  await eventually(
    async () => (await neurons.getByRole('option').first().innerText()).trim().split(/\s+/)[0],
  ).toBe('0')
  await neurons.getByRole('option').first().click()
  await page.getByText('a neuron of another system').waitFor()
  expect(await page.getByRole('button', { name: 'Try it' }).getAttribute('aria-disabled')).toBe('true')
  expect(await objectionsInBoth(page)).toEqual([])
  expect(app.problems).toEqual([])
})
