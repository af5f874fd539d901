/** A model goes from one project to another through the window: exported there, and taken in here by keyboard. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { story } from '../story.ts'
import { sampleProject, startInBrowser } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objectionsInBoth } from './fixtures/axe.ts'
import { eventually } from './fixtures/eventually.ts'

let app: Application | null = null
let exported: string
afterAll(async () => {
  await app?.stop()
})

const press = async (...pressed: string[]): Promise<void> => {
  for (const key of pressed) {
    await app!.page.keyboard.press(key)
  }
}
const step = story('a model is exported, and taken into another project', { timeout: 600_000 })

step('the export has the card, the networks and the numbers', async () => {
  const project = await sampleProject('trained')
  exported = join(dirname(project), 'captioner')
  app = await startInBrowser(project)
  const { page, problems } = app
  await page.getByRole('option').first().waitFor()
  await press('g', 'e')
  await page.getByLabel('Into folder').fill(exported)
  await page.getByRole('main').getByRole('button', { name: 'Export', exact: true }).press('Enter')
  for (const name of [
    'README.md',
    'captioner.onnx',
    'frames.onnx',
    'model.safetensors',
    'tfjs/encoder/model.json',
  ]) {
    await page.getByRole('listitem').filter({ hasText: name }).waitFor()
    expect(existsSync(join(exported, name))).toBe(true)
  }
  expect(await objectionsInBoth(page)).toEqual([])
  expect(problems).toEqual([])
  await app.stop()
})

step('another project takes it in, and says where it is from', async () => {
  app = await startInBrowser(await sampleProject('imported'))
  const { page, problems } = app
  await page.getByRole('option').first().waitFor()
  await press('g', 'm')
  const dialog = page.getByRole('dialog')
  await eventually(async () => {
    if (!(await dialog.isVisible())) {
      await press('Shift+E')
    }
    return dialog.isVisible()
  }).toBe(true)
  await dialog.getByLabel('Folder', { exact: true }).fill(exported)
  expect(await objectionsInBoth(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Import', exact: true }).press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('option', { name: /^v1 imported/ }).waitFor()
  await page
    .getByRole('region', { name: 'The model' })
    .getByText('From the export captioner; it reads features of')
    .waitFor()
  expect(problems).toEqual([])
})
