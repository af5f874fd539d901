/** The engine dies in mid-training: the window says what happened, stays alive, and the next run works. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PATIENCE, sampleProject, startInBrowser } from './fixtures/application.ts'

let app: Awaited<ReturnType<typeof startInBrowser>>
beforeAll(async () => {
  app = await startInBrowser(await sampleProject('trained'))
})
afterAll(async () => {
  await app.stop()
})

/** Goes to a view by its keys and waits until it is there. */
async function go(keys: string, title: string): Promise<void> {
  for (const key of keys) {
    await app.page.keyboard.press(key)
  }
  await app.page.getByRole('heading', { level: 1, name: title }).waitFor({ state: 'attached' })
}

async function train(epochs: string): Promise<void> {
  const { page } = app
  const start = page.getByRole('button', { name: 'Start training' }).first()
  await expect
    .poll(
      async () => {
        if (!(await start.isVisible())) {
          await page.keyboard.press('t')
        }
        return start.isVisible()
      },
      { timeout: PATIENCE, interval: 400 },
    )
    .toBe(true)
  await page.getByLabel('Epochs', { exact: true }).fill(epochs)
  await page.keyboard.press('Control+Enter')
}

it.skipIf(process.platform === 'win32')(
  'a killed engine fails the job, not the window',
  { timeout: 300_000 },
  async () => {
    const { page } = app
    await page.getByRole('option').first().waitFor()
    await go('gm', 'Training')
    await train('900')
    await page.getByRole('heading', { name: 'v2 interpretive' }).waitFor()
    await page.getByText('Loss a caption').first().waitFor()
    app.killEngine()
    await page
      .getByText(/The engine process was ended by signal SIGKILL/)
      .first()
      .waitFor()

    await go('gc', 'Corpus')
    await page.getByRole('option').first().waitFor()

    await go('gm', 'Training')
    await train('2')
    await page
      .getByText(/v3 interpretive/)
      .first()
      .waitFor()
    await page
      .getByRole('button', { name: 'Make current' })
      .and(page.locator('[aria-disabled=false]'))
      .waitFor()
    expect(app.problems).toEqual([])
  },
)
