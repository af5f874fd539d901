/** Leaving a project while it works: nothing is stopped without a question, and what was is started again. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PATIENCE, sampleProject, startInBrowser, startInElectron } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objections } from './fixtures/axe.ts'
import { eventually } from './fixtures/eventually.ts'
import { story } from '../story.ts'

const TITLE = 'Train the interpretive captioner'

/** Starts a training, lets it come to a checkpoint, and holds it: so it is there until it is stopped. */
async function startTraining({ page }: Application): Promise<void> {
  await page.getByRole('option').first().waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('m')
  const form = page.getByRole('heading', { name: 'Train a model' })
  await eventually(async () => {
    await page.keyboard.press('t')
    return form.isVisible()
  }).toBe(true)
  await page.getByText('Network,').click()
  for (const [label, value] of [
    ['Epochs', '5000'],
    ['Encoder', '8'],
    ['Decoder', '24'],
  ] as const) {
    await page.getByLabel(label, { exact: true }).fill(value)
  }
  await page.keyboard.press('Control+Enter')
  await page.getByRole('heading', { name: 'v2 interpretive' }).click()
  await page.getByRole('slider', { name: /^CIDEr, validation/ }).waitFor()
  await page.keyboard.press('Shift+P')
  await page.getByRole('button', { name: /^train .* paused/ }).waitFor()
}

let app: Awaited<ReturnType<typeof startInBrowser>>
beforeAll(async () => {
  app = await startInBrowser(await sampleProject('trained'))
})
afterAll(async () => {
  expect(await app.stop()).toBe(0)
})

const step = story('a project is left while a training is at work', { timeout: 600_000 })

step('closing asks what is to become of it, and lets it go on', async () => {
  const { page } = app
  await startTraining(app)
  await page.keyboard.press('g')
  await page.keyboard.press('p')
  const dialog = page.getByRole('dialog', { name: 'Stop 1 job?' })
  await dialog.getByText(TITLE).waitFor()
  expect(await objections(page)).toEqual([])
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: /^train .* paused/ }).waitFor()
})

step('Ctrl-C says what still runs, and stops nothing yet', async () => {
  app.interrupt()
  await expect.poll(app.said, { timeout: PATIENCE }).toContain(`Not done yet: ${TITLE}. Press Ctrl-C again`)
  await app.page.getByRole('button', { name: /^train .* paused/ }).waitFor()
})

step('agreed to, it is stopped, and goes on by one key when the project is open again', async () => {
  const { page } = app
  await page.keyboard.press('g')
  await page.keyboard.press('p')
  await page.getByRole('button', { name: 'Stop and leave' }).click()
  await page.getByRole('button', { name: /^sample/ }).click()
  await page.getByText(/^This run was stopped, at step/).waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('j')
  await page.getByRole('button', { name: `Start again: ${TITLE}` }).waitFor()
  expect(await objections(page)).toEqual([])
  await page.keyboard.press('Escape')
  await page.keyboard.press('Shift+G')
  await page.getByText('Train model 2 on').first().waitFor()
  await page.getByText(/^This run was stopped/).waitFor({ state: 'detached' })
  await page.keyboard.press('Shift+X')
  await page.getByText(/^This run was stopped, at step/).waitFor()
  expect(app.problems).toEqual([])
})

it('Electron asks before it quits', { timeout: 600_000 }, async () => {
  const electron = await startInElectron(await sampleProject('trained'))
  await startTraining(electron)
  const question = await electron.quitAnswering(0)
  expect(question).toEqual({ message: `Not done yet: ${TITLE}.`, buttons: ['Let it go on', 'Stop and quit'] })
  await electron.page.getByRole('button', { name: /^train .* paused/ }).waitFor()
  expect((await electron.quitAnswering(1)).message).toBe(question.message)
  expect(await electron.stop()).toBe(0)
})
