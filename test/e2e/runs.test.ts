/**
 * Training runs from the keyboard: one is held, let go on, stopped, resumed from its checkpoint to the end,
 * scored and compared; then a series. axe looks at each of their states.
 */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect } from 'vitest'
import { PATIENCE, sampleProject, startInBrowser } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objections } from './fixtures/axe.ts'
import { story } from '../story.ts'

let app: Application
/** Steps of the whole run, as its progress tells. */
let steps: string | undefined

beforeAll(async () => {
  app = await startInBrowser(await sampleProject('trained'))
})
afterAll(async () => {
  await app.stop()
})

const fill = (label: string, value: string): Promise<void> =>
  app.page.getByLabel(label, { exact: true }).fill(value)
/** Opens the form by its key, once the view that listens to it is there. */
async function openForm(): Promise<void> {
  const form = app.page.getByRole('heading', { name: 'Train a model' })
  await expect
    .poll(
      async () => {
        if (!(await form.isVisible())) {
          await app.page.keyboard.press('t')
        }
        return form.isVisible()
      },
      { interval: 400, timeout: PATIENCE },
    )
    .toBe(true)
}
/** How far the running job is, in percent of its steps. */
const share = async (): Promise<number> =>
  Number(await app.page.getByRole('progressbar').first().getAttribute('aria-valuenow'))

const step = story('a run is held, stopped, resumed, scored, compared and deleted', { timeout: 600_000 })

step('trains with settings of one’s own, which are marked and can be taken back', async () => {
  const { page } = app
  await page.getByRole('option').first().waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('m')
  await openForm()
  await fill('Dropout', '1.5')
  await page.getByText('a number, 0 to 0.9').waitFor()
  expect(await objections(page)).toEqual([])
  await page.getByRole('button', { name: 'Dropout back to 0.5' }).click()
  expect(await page.getByLabel('Dropout', { exact: true }).inputValue()).toBe('0.5')
  await page.getByLabel('Schedule', { exact: true }).selectOption('plateau')
  await page.getByLabel('Plateau patience').waitFor()
  await page.getByLabel('Schedule', { exact: true }).selectOption('cosine')
  await page.getByLabel('Plateau patience').waitFor({ state: 'detached' })

  await page.getByText('Network,').click()
  for (const [label, value] of [
    ['Epochs', '240'],
    ['Check every', '20'],
    ['Encoder', '8'],
    ['Decoder', '24'],
    ['Attention', '16'],
    ['Word embedding', '16'],
    ['Topic head', '16'],
  ] as const) {
    await fill(label, value)
  }
  await page.getByRole('button', { name: '7 settings changed' }).waitFor()
  await page.keyboard.press('Control+Enter')
  await page.getByRole('heading', { name: 'v2 interpretive' }).waitFor()
  await page.getByRole('slider', { name: /^NLL a caption/ }).waitFor()
})

step('is held and goes on', async () => {
  const { page } = app
  await page.getByRole('heading', { name: 'v2 interpretive' }).click()
  await page.keyboard.press('Shift+P')
  await page.getByRole('button', { name: /^train .* paused/ }).waitFor()
  await page.getByRole('listbox', { name: 'Models' }).getByText('paused').waitFor()
  steps = / of ([\d,]+) steps/.exec(await page.getByText(/^paused .* steps/).innerText())?.[1]
  // The call under way is still finished.
  const progress = async (): Promise<number> => {
    const before = await share()
    await page.waitForTimeout(800)
    return (await share()) - before
  }
  await expect.poll(progress, { timeout: PATIENCE }).toBe(0)
  const held = await share()
  expect(await objections(page)).toEqual([])
  await page.keyboard.press('Shift+P')
  await expect.poll(share, { timeout: PATIENCE }).toBeGreaterThan(held)
})

step('is stopped, resumed from its checkpoint, and runs to its end', async () => {
  const { page } = app
  // Once it has been validated, there is something to keep; fewer checks than its patience, so it runs to the
  // end.
  await page.getByRole('slider', { name: /^CIDEr, validation/ }).waitFor()
  await page.keyboard.press('Shift+X')
  await page.getByText(/^This run was stopped, at step/).waitFor()
  await page.getByRole('button', { name: 'Use the best so far' }).waitFor()
  expect(await objections(page)).toEqual([])
  const [, stoppedAt] = /at step (\d+)/.exec(await page.getByText(/^This run was stopped/).innerText()) ?? []
  await page.keyboard.press('r')
  await page.getByText(/^This run was stopped/).waitFor({ state: 'detached' })
  await page
    .getByRole('button', { name: 'Make current' })
    .and(page.locator('[aria-disabled=false]'))
    .waitFor()
  expect(Number(stoppedAt)).toBeGreaterThan(0)
  await page.getByText(`, ${steps ?? '?'} steps,`).waitFor()
})

step('is scored, METEOR and intervals included, and compared', async () => {
  const { page } = app
  const model = page.getByRole('region', { name: 'The model' })
  await page.keyboard.press('c')
  const meteor = model.getByRole('row', { name: /^METEOR/ })
  await meteor.waitFor()
  await model.getByRole('columnheader', { name: '95% interval' }).waitFor()
  expect(await meteor.innerText()).toMatch(/METEOR\s+0\.\d{3}\s+0\.\d{3} to 0\.\d{3}/)
  await page.keyboard.press('w')
  await page.keyboard.press('v')
  await page.keyboard.press('Escape')
  await model.getByRole('heading', { name: /^Against v1 interpretive, val split/ }).waitFor()
  await model.getByRole('columnheader', { name: 'p', exact: true }).waitFor()
  await model.getByText('Curves of v2, v1').waitFor()
  expect(await objections(page)).toEqual([])
})

step('is taken away: scores as text, a curve as a picture, from the keyboard', async () => {
  const { page } = app
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  const model = page.getByRole('region', { name: 'The model' })
  await model.getByRole('button', { name: /^Copy or save: Scores, val split, v2/ }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('menuitem', { name: 'Copy as Markdown' }).waitFor()
  expect(await objections(page)).toEqual([])
  await page.keyboard.press('Enter')
  const copied = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText())
  await expect.poll(copied).toMatch(/^metric\tmodel\t95% low\t95% high\tfixed caption\nBLEU-1\t0\.\d+\t/)

  await model.getByRole('slider', { name: 'smoothing' }).focus()
  await page.keyboard.press('ArrowRight')
  await model.getByText('0.05', { exact: true }).waitFor()
  const saved = page.waitForEvent('download')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('Copy or save: NLL a caption')
  await page.getByRole('option', { name: /Copy or save: NLL a caption/ }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('menuitem', { name: /^Save as SVG/ }).click()
  const file = await saved
  expect(file.suggestedFilename()).toBe('nll-a-caption-v2-v1.svg')
  const picture = readFileSync(await file.path(), 'utf8')
  expect(picture).toContain('v2 validation')
  expect(picture).not.toMatch(/var\(|oklch|class=|href/)
  const png = page.waitForEvent('download')
  await model.getByRole('button', { name: /^Copy or save: CIDEr, validation/ }).click()
  await page.getByRole('menuitem', { name: /^Save as PNG/ }).click()
  expect(
    readFileSync(await (await png).path())
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG')

  // Both were trained by other settings; the other is taken away again.
  await model.getByRole('row', { name: /^Epochs 240/ }).waitFor()
  await model.getByRole('button', { name: 'Take v1 interpretive away' }).click()
  await model.getByRole('heading', { name: 'Settings where they differ' }).waitFor({ state: 'detached' })
  // The focus is in the field, where letters choose.
  await page.keyboard.press('Escape')
})

step('stands with the other seeds of its series', async () => {
  const { page } = app
  await openForm()
  await fill('Seeds', '2')
  await fill('Epochs', '2')
  await page.keyboard.press('Control+Enter')
  const head = page.getByRole('option', { name: /^Series of 2, seeds 1 to 2/ })
  await head.click({ timeout: 60_000 })
  const series = page.getByRole('region', { name: 'The series' })
  const cider = series.getByRole('row', { name: /^CIDEr [0-9]/ })
  await expect
    .poll(() => cider.innerText(), { timeout: 60_000 })
    .toMatch(/^CIDEr\s+\d\.\d{3}\s+±\d\.\d{3}\s+\d\.\d{3}\s+\d\.\d{3}$/)
  expect(await objections(page)).toEqual([])
})

step('goes to the trash, and for good after a question', async () => {
  const { page } = app
  const models = page.getByRole('listbox', { name: 'Models' })
  await models.getByRole('option', { name: /seed 2/ }).click()
  await page.getByRole('heading', { name: /^v4/ }).waitFor()
  await page.keyboard.press('Delete')
  await models.getByRole('option', { name: /seed 2/ }).waitFor({ state: 'detached' })
  const trash = models.getByRole('option', { name: /^Trash/ })
  await trash.click()
  await page.getByRole('button', { name: /^Delete v4 .* for good/ }).focus()
  await page.keyboard.press('Enter')
  const question = page.getByRole('dialog', { name: /^Delete v4 .* for good/ })
  await question.getByText('What was said of it stays').waitFor()
  // Enter alone keeps it.
  await page.keyboard.press('Enter')
  await question.waitFor({ state: 'detached' })
  await page.keyboard.press('Enter')
  await question.waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await trash.waitFor({ state: 'detached' })
  expect(app.problems).toEqual([])
})
