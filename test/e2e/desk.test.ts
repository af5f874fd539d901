/**
 * A day at the desk: nothing moves under the eye, verdicts come faster than clips and while nobody takes them, and none is
 * lost.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import type { Locator, Page } from 'playwright-core'
import { story } from '../story.ts'
import { sampleProject, startInBrowser, vitrine } from './fixtures/application.ts'
import { eventually } from './fixtures/eventually.ts'

/** What is used of the store. */
interface Stored {
  store: {
    clips: { all(split: 'val'): { id: number; name: string }[] }
    models: { list(): { id: number }[] }
    generated: {
      get(modelId: number, clipId: number): object | null
      put(modelId: number, captions: object[]): void
    }
  }
  close(): void
}
const { openProject } = await vi.importActual<{ openProject: (path: string) => Stored }>(
  '../../src-main/store/index.ts',
)
/** Captions that are judged, and the time between two keys in milliseconds. */
const [CAPTIONS, PACE] = [200, 100]
const VERDICTS = ['right', 'nearly', 'wrong', 'skip'] as const

let app: Awaited<ReturnType<typeof startInBrowser>>
let project: string
/** The name of the first clip. */
let film: string | undefined
let words: Locator

beforeAll(async () => {
  project = await sampleProject('trained')
  film = await manyCaptions()
  app = await startInBrowser(project)
  words = app.page.getByRole('region', { name: 'The caption and what people said' })
  await app.page.getByRole('navigation', { name: 'Views' }).locator('[aria-current=page]').waitFor()
  await press('g', 'r')
  await app.page.getByRole('combobox', { name: 'Order' }).selectOption('clip')
}, 600_000)
afterAll(async () => {
  await app.stop()
})

/**
 * Parts of a video of the validation split, which stay in that split, as clips of which the model says what it says of the
 * whole. Returns its name.
 */
async function manyCaptions(): Promise<string | undefined> {
  const sample = join(dirname(project), 'sample', 'clips')
  const before = openProject(project)
  const film = before.store.clips.all('val')[0]
  before.close()
  const rows = Array.from(
    { length: CAPTIONS },
    (_, i) => `${film?.name},${i / 200},${i / 200 + 0.5},part ${i}`,
  )
  const parts = join(dirname(project), 'parts.csv')
  writeFileSync(parts, `video,start,end,caption\n${rows.join('\n')}\n`)
  await vitrine('import', project, '--videos', sample, '--captions', parts)
  const { store, close } = openProject(project)
  const model = store.models.list()[0]?.id ?? 0
  const like = store.generated.get(model, film?.id ?? 0)
  const fresh = store.clips.all('val').filter(({ id }) => store.generated.get(model, id) === null)
  expect(fresh).toHaveLength(CAPTIONS)
  if (like !== null) {
    store.generated.put(
      model,
      fresh.map(({ id }, i) => ({ ...like, clipId: id, logProbability: -i })),
    )
  }
  close()
  return film?.name
}

const press = async (...keys: string[]): Promise<void> => {
  for (const key of keys) {
    await app.page.keyboard.press(key)
  }
}
/** Where the parts of the desk stand, in CSS pixels. */
async function places(): Promise<Record<string, unknown>> {
  const parts: Record<string, Locator> = {
    stage: app.page.locator('[data-stage]'),
    time: app.page.getByRole('slider', { name: 'Time in the clip' }),
    verdicts: app.page.getByRole('group', { name: 'Verdict' }),
    model: words.getByRole('button', { name: /, probability/ }).first(),
    people: words.locator('[data-caption]').first(),
  }
  const boxes = await Promise.all(
    Object.entries(parts).map(async ([name, part]) => [name, await part.boundingBox()] as const),
  )
  return Object.fromEntries(boxes)
}
/** Ann's verdicts that are recorded, in the order of the clips' names. */
async function recorded(): Promise<(string | null)[]> {
  const { captions } = (await vitrine(
    ...['review', project, '--order', 'clip', '--limit', '1000', '--person', 'Ann'],
  )) as {
    captions: { video: string; verdict: string | null }[]
  }
  return captions.map(({ verdict }) => verdict)
}
/** Judges that many captions from the first on, a key each `PACE`; `at` is called before some of them. */
async function judge(shift: number, at: Record<number, () => unknown> = {}): Promise<string[]> {
  await app.page.getByRole('listbox', { name: /^Captions/ }).focus()
  await press('Home')
  const given: string[] = []
  for (let i = 0; i < CAPTIONS; i++) {
    await at[i]?.()
    const verdict = VERDICTS[(i * 7 + shift) % 4]!
    given.push(verdict)
    const next = app.page.waitForTimeout(PACE)
    await press(String(VERDICTS.indexOf(verdict) + 1))
    await next
  }
  return given
}

const step = story('a day at the desk', { timeout: 900_000 })

// The first by name has features; the parts have none.
step('shows the clips by name', async () => {
  const first = app.page
    .getByRole('listbox', { name: /^Captions/ })
    .getByRole('option')
    .first()
  await eventually(async () => {
    await first.click()
    return app.page.locator('h2').first().innerText()
  }).toBe(film)
  await words
    .getByRole('button', { name: /, probability/ })
    .first()
    .waitFor()
})

step('shows the clip large, and what the model and people say without scrolling', async () => {
  const { page } = app
  // The last is 1920 x 1080 at 200%.
  for (const [width, height] of [
    [1440, 900],
    [1280, 720],
    [960, 540],
  ] as const) {
    await page.setViewportSize({ width, height })
    const { stage, model, people } = (await places()) as Record<
      string,
      { x: number; y: number; width: number; height: number }
    >
    expect(stage!.width, `at ${width}`).toBeGreaterThan(0.36 * width)
    expect(stage!.height, `at ${width}`).toBeGreaterThan(0.45 * height)
    for (const part of [model!, people!]) {
      expect(part.y + part.height).toBeLessThan(height)
      expect(part.x + part.width).toBeLessThan(width)
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
  }
  await page.setViewportSize({ width: 1440, height: 900 })
})

step('nothing moves when a word is asked about, or when strips arrive', async () => {
  const before = await places()
  await words
    .getByRole('button', { name: /, probability/ })
    .nth(1)
    .hover()
  await app.page.getByRole('img', { name: /^attention of/ }).waitFor()
  expect(await places()).toEqual(before)
  await app.page.mouse.move(0, 0)
  await press('t')
  const folded = await places()
  await app.page.getByRole('list', { name: 'Frames the model saw' }).waitFor()
  await app.page.waitForLoadState('networkidle')
  expect(await places()).toEqual(folded)
  await press('t')
  expect(await places()).toEqual(before)
})

step('plays by itself, over and over, and has the next clips before they are asked for', async () => {
  const videos = app.page.locator('video')
  const state = () =>
    videos.evaluateAll((all: HTMLVideoElement[]) => ({
      playing: all.filter((video) => !video.paused).length,
      loaded: all.filter((video) => video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA).length,
    }))
  await eventually(state).toEqual({ playing: 1, loaded: 4 })
  const time = app.page.getByRole('slider', { name: 'Time in the clip' })
  const second = async () => Number(await time.getAttribute('aria-valuenow'))
  await eventually(second).toBeGreaterThan(0.3)
  await eventually(second).toBeLessThan(0.3)
  await press('Shift+L', 'k')
  await eventually(state).toMatchObject({ playing: 0 })
})

step('two windows have a name and an undo of their own, and follow each other', async () => {
  const { page } = app
  const other = await page.context().newPage()
  await other.goto(await app.anotherAddress())
  for (const [window, name] of [
    [page, 'Ann'],
    [other, 'Bob'],
  ] as const) {
    await window.getByRole('button', { name: 'Your name?' }).click()
    await window.getByLabel('Edits are signed').fill(name)
    await window.keyboard.press('Enter')
    await window.keyboard.press('Escape')
    await window.getByRole('button', { name: `as ${name}` }).waitFor()
  }
  const rows = (window: Page): Locator =>
    window.getByRole('listbox', { name: /^Captions/ }).getByRole('option')
  await page.bringToFront()
  await rows(page).first().click()
  await press('3')
  await other.goto(page.url())
  await rows(other).first().getByLabel('wrong').waitFor()
  await other.bringToFront()
  await rows(other).nth(1).click()
  await other.keyboard.press('1')
  await rows(page).nth(1).getByLabel('right').waitFor()
  await page.bringToFront()
  await press('Control+z')
  await page.getByText(/^Took back: judge the caption of .* wrong$/).waitFor()
  await rows(other).first().getByLabel('wrong').waitFor({ state: 'detached' })
  expect(await rows(other).nth(1).getByLabel('right').count()).toBe(1)
  // It leads to where one sees what it did.
  await eventually(() => rows(page).first().getAttribute('data-current')).toBe('true')
  await other.bringToFront()
  await other.keyboard.press('Control+z')
  await rows(page).nth(1).getByLabel('right').waitFor({ state: 'detached' })
  await other.close()
  await page.bringToFront()
})

step('keeps a key that is pressed right after another split was chosen', async () => {
  const { page } = app
  const split = page.getByRole('combobox', { name: 'Split' })
  const rows = page.getByRole('listbox', { name: /^Captions/ }).getByRole('option')
  const form = page.getByRole('textbox', { name: 'Note on the clip' })
  const choose = async (name: string, key: string): Promise<void> => {
    await split.selectOption(name)
    await split.evaluate((select) => {
      select.blur()
    })
    await press(key)
  }
  await choose('train', 'c')
  await rows.first().waitFor()
  await page.getByText(/^0 of \d+ judged/).waitFor()
  const noted: string[] = []
  for (const name of ['val', 'train', 'val', 'train', 'val', 'train']) {
    await choose(name, 'm')
    await form.waitFor()
    noted.push(await page.locator('[role=option][data-current]').innerText())
    await press('Escape')
    await form.waitFor({ state: 'detached' })
  }
  expect(noted.every((row) => row !== '')).toBe(true)
  await choose('val', '3')
  await rows.first().getByLabel('wrong').waitFor()
  await press('Control+z')
  await rows.first().getByLabel('wrong').waitFor({ state: 'detached' })
})

step('records every verdict at ten keys a second', async () => {
  const given = await judge(0)
  await eventually(async () => (await recorded()).slice(0, CAPTIONS)).toEqual(given)
  expect(app.problems).toEqual([])
  const all = (await recorded()).length
  await app.page.getByText(`${CAPTIONS} of ${all} judged`).waitFor()
  // From wherever one is, to the first that nobody has judged.
  await press('Home', 'u')
  const row = app.page.locator('[role=option][data-current]')
  await eventually(() => row.getAttribute('aria-posinset')).toBe(String(CAPTIONS + 1))
})

step('takes away the whole list, not only what is on the screen', async () => {
  const { page } = app
  const rows = page.getByRole('listbox', { name: /^Captions/ }).getByRole('option')
  const all = Number(await rows.first().getAttribute('aria-setsize'))
  expect(await rows.count()).toBeLessThan(all)
  await page.getByRole('button', { name: 'Copy or save: Captions of the model' }).click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Save as CSV' }).click(),
  ])
  const lines = readFileSync(await download.path(), 'utf8')
    .trim()
    .split('\n')
  expect(lines[0]).toContain('clip,split,caption')
  expect(lines).toHaveLength(all + 1)
})

step('records every verdict that is given while nobody is there to take it', async () => {
  let restarted: Promise<void> | null = null
  let mayStart = (): void => undefined
  const given = await judge(1, {
    60: () => {
      restarted = app.restart(() => new Promise((resolve) => (mayStart = resolve)))
    },
    140: () => {
      mayStart()
    },
  })
  await restarted
  await eventually(async () => (await recorded()).slice(0, CAPTIONS)).toEqual(given)
})

step(
  'hands over what a window left that was closed while nobody was there, under the name of who gave it',
  async () => {
    const { page } = app
    const restarted = app.restart(async () => {
      await page.getByText('The connection to Vitrine is lost').waitFor()
      await page.getByRole('listbox', { name: /^Captions/ }).focus()
      await press('Home', '3', '3', '3')
      await page.getByText('3 verdicts waiting on this machine').waitFor()
      await page.close()
    })
    await restarted
    const later = await page.context().newPage()
    await later.goto(await app.anotherAddress())
    await eventually(async () => (await recorded()).slice(0, 3)).toEqual(['wrong', 'wrong', 'wrong'])
    await later.close()
  },
)
