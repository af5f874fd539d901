/** Backups, what takes how much, and a check, by keyboard as far as a person would. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { story } from '../story.ts'
import { PATIENCE, sampleProject, startInBrowser, vitrine } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objectionsInBoth } from './fixtures/axe.ts'

let app: Application
let project: string
beforeAll(async () => {
  project = await sampleProject('trained')
  app = await startInBrowser(project)
}, 300_000)
afterAll(async () => {
  await app.stop()
})
const step = story('a project is backed up, brought back, freed and checked', { timeout: 300_000 })
const bytesOnDisk = async () => ((await vitrine('check', project, '--storage')) as { bytes: number }).bytes
const edits = async () => {
  const history = (await vitrine('history', project)) as { edits: { label: string }[] }
  return history.edits.map(({ label }) => label)
}

step('a backup is made with a key, and named', async () => {
  const { page } = app
  await page.getByRole('navigation', { name: 'Views' }).locator('[aria-current=page]').waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('d')
  await page.getByRole('region', { name: 'Backups' }).waitFor()
  await page.keyboard.press('b')
  await page.getByRole('dialog').getByLabel('Name').fill('before the mistake')
  await page.keyboard.press('Enter')
  await page.getByRole('listitem').filter({ hasText: 'before the mistake' }).waitFor()
})

step('it is restored after a look at what would be gone, and what there was stays a backup', async () => {
  const { page } = app
  await vitrine('add-caption', project, 'a mistake', '--video', '1')
  const row = page.getByRole('listitem').filter({ hasText: 'before the mistake' })
  await row.getByRole('button', { name: /^Restore/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('1 edit would be gone').waitFor()
  await dialog.getByText('add a caption of clip0001').waitFor()
  expect(await edits()).toContain('add a caption of clip0001')
  expect(await objectionsInBoth(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Restore' }).click()
  await page.getByRole('listitem').filter({ hasText: 'before a restore' }).waitFor()
  expect(await edits()).not.toContain('add a caption of clip0001')
})

step('what can be made again is freed after a question', async () => {
  const { page } = app
  const before = await bytesOnDisk()
  await page.getByRole('button', { name: /^Free .* of Features/ }).click()
  await page
    .getByRole('dialog')
    .getByText(/can’t be used until they are computed again/)
    .waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Free' }).click()
  await page.getByRole('button', { name: /^Free .* of Features/ }).waitFor({ state: 'detached' })
  expect(await bytesOnDisk()).toBeLessThan(before)
})

step('a check says what is wrong', async () => {
  const { page } = app
  rmSync(join(project, 'models'), { recursive: true })
  await page.keyboard.press('k')
  const panel = page.getByRole('region', { name: 'Check and repair' })
  await panel.getByText(/The files of model 1 .* are gone/).waitFor({ timeout: PATIENCE })
  expect(await objectionsInBoth(page)).toEqual([])
  expect(app.problems).toEqual([])
})
