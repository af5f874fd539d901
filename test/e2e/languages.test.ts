/** Captions in two languages: the one that the project works in is chosen, and what is known of each is shown. */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sampleProject, startInBrowser, vitrine } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objectionsInBoth } from './fixtures/axe.ts'

let app: Application

beforeAll(async () => {
  const project = await sampleProject('imported')
  const captions = join(dirname(project), 'languages.csv')
  writeFileSync(
    captions,
    'video,caption,language,author,source\nclip0001,A star rises.,English,11,clean\nclip0001,Zvezda vzhaja.,Slovene,12,clean\n',
  )
  await vitrine('import', project, '--captions', captions)
  app = await startInBrowser(project)
})
afterAll(() => app.stop())

test('another language is chosen, and undone, by the keyboard', { timeout: 120_000 }, async () => {
  const { page } = app
  await page.getByRole('option', { name: /clip0001/ }).click()
  const captions = page.getByRole('region', { name: 'Captions and topics' })
  const aside = captions.getByRole('heading', { name: '1 in other languages' }).locator('~ ul')
  await aside.getByText('Zvezda vzhaja.').waitFor()
  await captions.getByText('sl · 12 · clean').waitFor()
  expect(await objectionsInBoth(page)).toEqual([])

  const choice = page.getByLabel('Captions in')
  await choice.focus()
  await page.keyboard.type('Slovenian')
  await aside.getByText('A star rises.').waitFor()
  // Escape leaves the field, which would undo its own text.
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+z')
  await aside.getByText('Zvezda vzhaja.').waitFor()
})
