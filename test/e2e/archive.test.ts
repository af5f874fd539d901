/** A project is packed with keys, and made again of the archive on the welcome page. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { story } from '../story.ts'
import { sampleProject, startInBrowser, temporaryFolder } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objectionsInBoth } from './fixtures/axe.ts'
import { eventually } from './fixtures/eventually.ts'

const place = temporaryFolder('archives')
let app: Application
let file: string
beforeAll(async () => {
  const project = await sampleProject('imported')
  file = join(place, `${project.split('/').at(-1)!}.zip`)
  app = await startInBrowser(project)
}, 300_000)
afterAll(async () => {
  await app.stop()
})
const step = story('a project goes into a file and comes out of it', { timeout: 300_000 })
const dialog = () => app.page.getByRole('dialog')

step('Export packs it, and says where it is', async () => {
  const { page } = app
  await page.getByRole('navigation', { name: 'Views' }).locator('[aria-current=page]').waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('e')
  const form = page.getByRole('form', { name: 'The whole project' })
  await form.getByLabel('Archive into', { exact: true }).fill(place)
  await page.getByRole('heading', { name: 'The whole project' }).click()
  await page.keyboard.press('Shift+A')
  await form.getByText(file).waitFor()
  expect(existsSync(file)).toBe(true)
  expect(await objectionsInBoth(page)).toEqual([])
})

step('what is no archive is refused in a sentence, and leaves nothing', async () => {
  const { page } = app
  const broken = join(place, 'broken.vitrine.zip')
  writeFileSync(broken, 'no zip')
  await page.keyboard.press('Control+k')
  await page.getByLabel('Find', { exact: true }).fill('Close the project')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Unpack an archive' }).waitFor()
  await page.keyboard.press('u')
  await dialog().getByLabel('Archive', { exact: true }).fill(broken)
  await dialog().getByLabel('Into folder', { exact: true }).fill(join(place, 'again'))
  await page.keyboard.press('Enter')
  await dialog()
    .getByText(/broken\.vitrine\.zip can't be unpacked/)
    .waitFor()
  expect(existsSync(join(place, 'again'))).toBe(false)
  expect(await objectionsInBoth(page)).toEqual([])
})

step('an archive is found in the picker, unpacked and opened', async () => {
  const { page } = app
  await dialog().getByLabel('Archive', { exact: true }).fill(place)
  await dialog()
    .getByRole('button', { name: /Browse for Archive/ })
    .click()
  const picker = page.getByRole('dialog', { name: 'Choose an archive' })
  await picker.getByRole('option', { name: file.split('/').at(-1)! }).click()
  await eventually(() => dialog().getByLabel('Archive', { exact: true }).inputValue()).toBe(file)
  await dialog().getByLabel('Into folder', { exact: true }).press('Enter')
  await page.getByRole('navigation', { name: 'Views' }).locator('[aria-current=page]').waitFor()
  expect(existsSync(join(place, 'again', `${file.split('/').at(-1)!.replace('.zip', '')}`, 'media'))).toBe(
    true,
  )
  expect(app.problems).toEqual([])
})
