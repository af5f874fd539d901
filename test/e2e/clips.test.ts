/** Clips that are no videos of their own, in the window: pictures are shown, and parts play within their bounds. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { story } from '../story.ts'
import { root, sampleProject, startInBrowser } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objectionsInBoth } from './fixtures/axe.ts'
import { eventually } from './fixtures/eventually.ts'

let app: Application
let more: string

beforeAll(async () => {
  const project = await sampleProject('imported')
  more = join(dirname(project), 'more')
  mkdirSync(join(more, 'clips'), { recursive: true })
  copyFileSync(join(dirname(project), 'sample', 'clips', 'clip0001.mp4'), join(more, 'clips', 'film.mp4'))
  copyFileSync(join(root, 'docs', 'images', 'corpus.png'), join(more, 'clips', 'beach.png'))
  writeFileSync(
    join(more, 'more.csv'),
    'video,start,end,caption\nbeach,,,a still beach\nfilm,0.2,1,first part\nfilm,1.5,2,second part\n',
  )
  app = await startInBrowser(project)
})
afterAll(async () => {
  await app.stop()
})

/** Where the video of the page is, and whether it stands still. */
const shown = () =>
  app.page.evaluate(() => {
    const video = document.querySelector('video')
    return video === null
      ? null
      : { second: video.currentTime, paused: video.paused, ready: video.readyState }
  })

async function choose(text: string): Promise<void> {
  await app.page.getByLabel('Search the clips').fill(text)
  await app.page.getByRole('option', { name: new RegExp(text) }).click()
}

const step = story('pictures and parts', { timeout: 300_000 })

step('come by an import, whose preview says what they are', async () => {
  const { page } = app
  await page.getByRole('option').first().waitFor()
  const dialog = page.getByRole('dialog')
  await eventually(async () => {
    await page.keyboard.press('i')
    return dialog.isVisible()
  }).toBe(true)
  await page.getByLabel('Folder of videos', { exact: true }).fill(join(more, 'clips'))
  await page.getByLabel('Kind of clip').selectOption('Tell by what is there')
  await page.getByLabel('Caption file', { exact: true }).fill(join(more, 'more.csv'))
  await page.keyboard.press('Enter')
  await dialog.getByText('What new clips are').click()
  await dialog.getByText('2 parts of videos').waitFor()
  await dialog.getByText('1 picture', { exact: true }).waitFor()
  expect(await objectionsInBoth(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Import', exact: true }).press('Enter')
  await dialog.waitFor({ state: 'detached' })
})

step('a picture is shown, and does not play', async () => {
  const { page } = app
  await choose('still beach')
  const picture = page.getByRole('img', { name: 'Clip beach' })
  await eventually(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1440)
  expect(await page.getByRole('slider', { name: 'Time in the clip' }).count()).toBe(0)
  expect(await objectionsInBoth(page)).toEqual([])
})

// The film has a frame each 0.04 s: a player stands in the middle of one.
step('a part begins with its first frame, plays to its end and steps within it', async () => {
  const { page } = app
  await choose('second part')
  await page.getByText('1.50–2.00 s of its video').waitFor()
  await eventually(shown).toMatchObject({ second: 1.54, paused: true, ready: 4 })
  await page.getByRole('button', { name: 'Next frame' }).click()
  await eventually(async () => (await shown())?.second).toBeCloseTo(1.58)
  await page.getByRole('button', { name: 'Play or pause' }).click()
  await eventually(async () => (await shown())?.paused).toBe(false)
  await eventually(shown).toMatchObject({ second: 1.98, paused: true })
  await page.getByRole('button', { name: 'Next frame' }).click()
  expect((await shown())?.second).toBe(1.98)
  await choose('first part')
  await eventually(shown).toMatchObject({ second: 0.22, paused: true })
})

step('a player is heard where a person wants it', async () => {
  const { page } = app
  const isHeard = () => page.evaluate(() => document.querySelector('video')?.muted === false)
  expect(await isHeard()).toBe(false)
  await page.keyboard.press('Shift+V')
  await eventually(isHeard).toBe(true)
  await page.getByRole('button', { name: 'Sound', pressed: true }).click()
  await eventually(isHeard).toBe(false)
})

step('had no problem on the way', () => {
  expect(app.problems).toEqual([])
})
