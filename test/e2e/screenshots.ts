/**
 * All pictures of the docs, retaken: `npm run screenshots`. The project that `npm run demo` left, in every view, in dark; one
 * in light. It works on a copy, whose corrections, names and findings are its own; the same project gives the same
 * pictures, but for times of day.
 *
 *   npm run screenshots -- [PROJECT] [FOLDER]      default: demo.vitrine docs/images
 */
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { root, startInBrowser, vitrine } from './fixtures/application.ts'

const original = resolve(process.argv[2] ?? join(root, 'demo.vitrine'))
const folder = resolve(process.argv[3] ?? join(root, 'docs', 'images'))
if (!existsSync(original)) {
  console.error(
    `${original} is not there. Run npm run demo first, or name a project in which all steps are done.`,
  )
  process.exit(1)
}
mkdirSync(folder, { recursive: true })

/** Paths are seen in the pictures: the same in every run. Clips lie beside the project. */
const desk = join(tmpdir(), 'vitrine-pictures')
rmSync(desk, { recursive: true, force: true })
mkdirSync(desk)
const project = join(desk, basename(original))
cpSync(original, project, { recursive: true })
const sample = join(dirname(original), 'demo-sample')
if (existsSync(sample)) {
  cpSync(sample, join(desk, 'demo-sample'), { recursive: true })
}
// For Review's other captions, and for the last export, which says where it lies.
await vitrine('caption', project, '--n-best', '5')
await vitrine('export', project, '--what', 'model', '--to', join(desk, 'demo-export'))

const app = await startInBrowser(project)
const { page } = app

/** Goes to a view, waits for its data and saves what is seen. */
async function picture(name: string, view: string, part: string, text = ''): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash
  }, `#/${view}`)
  await page.getByRole('region', { name: part }).getByText(text).first().waitFor()
  await settled()
  await page.screenshot({ path: join(folder, `${name}.png`) })
}
/** Pictures are loaded, charts drawn, tooltips gone. */
async function settled(): Promise<void> {
  await page.mouse.move(0, 0)
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll('img')].every((image) => image.complete) &&
      [...document.querySelectorAll('video')].every((video) => video.readyState >= 2),
    null,
    { timeout: 120_000 },
  )
  await page.waitForTimeout(1500)
  await page.waitForLoadState('networkidle')
}

page.setDefaultTimeout(120_000)
await page.emulateMedia({ colorScheme: 'dark' })
await picture('corpus', 'corpus', 'Captions and topics')
await picture('features', 'features', 'Features')
await page.evaluate(() => {
  location.hash = '#/export'
})
await page.getByRole('heading', { name: 'Export', level: 2 }).waitFor()
await settled()
await page.screenshot({ path: join(folder, 'export.png') })
await picture('storage', 'storage', 'On the disk', 'MB')

// Topics: the one of chasing in the list, on the map, and about to be split.
await page.evaluate(() => {
  location.hash = '#/topics'
})
await page.getByRole('option', { name: /chas/ }).first().click()
await page.getByRole('listbox', { name: 'Clips of the topic' }).getByText(/chas/).first().waitFor()
await settled()
await page.screenshot({ path: join(folder, 'topics.png') })
await page.keyboard.press('v')
await page.getByRole('listbox', { name: 'Map of topics' }).getByRole('option').first().waitFor()
await settled()
await page.screenshot({ path: join(folder, 'topics-map.png') })
await page.keyboard.press('v')
await page.keyboard.press('s')
await page.getByRole('listbox', { name: 'Words of part 2' }).getByRole('option').first().waitFor()
await settled()
await page.screenshot({ path: join(folder, 'topics-split.png') })
await page.keyboard.press('Escape')

await page.keyboard.press('Shift+K')
await page.getByLabel('Numbers of topics').fill('10 20 28 40')
await page.keyboard.press('Enter')
await page.getByRole('button', { name: 'Extract 40' }).waitFor()
await settled()
await page.screenshot({ path: join(folder, 'topics-sweep.png') })
await page.keyboard.press('Escape')

// Captions that were checked, some of them decided of; and the history of it, signed.
await page.evaluate(() => {
  location.hash = '#/checks'
})
await page
  .getByRole('button', { name: /^Check/ })
  .first()
  .waitFor()
await settled()
await page.keyboard.press('c')
await page.getByRole('listbox', { name: 'Findings' }).getByRole('option').first().waitFor()
await settled()
await page.screenshot({ path: join(folder, 'checks.png') })
await page.keyboard.press('f')
await page.getByLabel('The caption as it is to be').waitFor()
await page.keyboard.press('Enter')
await page.getByText(/^undo: fix a caption/).waitFor()
await page.keyboard.press('Control+k')
await page.keyboard.type('your name')
await page.keyboard.press('Enter')
await page.getByLabel('Edits are signed').fill('Ada Lovelace')
await page.keyboard.press('Enter')
await page.keyboard.press('Escape')
await page.keyboard.press('a')
await page.getByText(/^undo: accept a caption/).waitFor()
await page.keyboard.press('d')
await page.getByText(/^undo: drop a caption/).waitFor()
await page.keyboard.press('Control+z')
await page.getByText(/^redo: drop a caption/).waitFor()
await page.keyboard.press('g')
await page.keyboard.press('y')
await page
  .getByRole('listbox', { name: /^Edits/ })
  .getByRole('option')
  .first()
  .waitFor()
await settled()
await page.screenshot({ path: join(folder, 'history.png') })
await page.keyboard.press('Escape')

await picture('training', 'training/1', 'The model')
await page.getByLabel('Beside it').selectOption({ label: 'v2 baseline' })
await picture('comparison', 'training/1', 'The model', 'Against v2 baseline, test split')
await page.getByRole('button', { name: 'Take v2 baseline away' }).click()
// The focus is in a menu now, which would take the key for a letter.
await page.getByLabel('Beside it').blur()
await page.keyboard.press('t')
await page.getByLabel('Lambda', { exact: true }).fill('0.2')
await page.getByRole('heading', { name: 'Train a model', level: 2 }).click()
await settled()
await page.screenshot({ path: join(folder, 'training-form.png') })
await page.keyboard.press('Escape')
await picture('neurons', 'neurons', 'The neuron', 'Clips that excite it most')
await page.keyboard.press('h')
await settled()
await page.screenshot({ path: join(folder, 'neurons-heat.png') })
await page.keyboard.press('h')
await picture('corrections', 'corrections', 'The correction')
await picture('actions', 'actions', 'The comparison')

// Review with a fix open: the first clip of the queue whose caption changes when a topic that it misses is
// added.
await picture('review', 'review', 'The caption and what people said')
const fix = page.getByRole('region', { name: 'The fix' })
for (let row = 0; row < 20; row++) {
  await page.getByRole('listbox', { name: 'Captions' }).getByRole('option').nth(row).click()
  if (!(await fix.isVisible())) {
    await page.keyboard.press('f')
  }
  await fix.getByRole('button', { name: /^Add / }).first().click()
  await fix.getByText(/neurons? moved/).waitFor()
  await page.waitForTimeout(1000)
  if (!(await fix.getByText('as before').isVisible())) {
    break
  }
}
await page.keyboard.press('s')
await fix.getByRole('region', { name: 'Suggestions' }).waitFor()
await settled()
const review = page.getByRole('region', { name: 'The caption and what people said' })
await review
  .getByRole('button', { name: /probability/ })
  .nth(2)
  .hover()
await page.screenshot({ path: join(folder, 'fix.png') })
await page.emulateMedia({ colorScheme: 'light' })
await page.waitForTimeout(400)
await page.screenshot({ path: join(folder, 'fix-light.png') })

await page.emulateMedia({ colorScheme: 'dark' })
await page.keyboard.press('Escape')
await page.keyboard.press('Shift+O')
await page.getByRole('menuitem', { name: /Close/ }).click()
await page.getByRole('heading', { name: 'Recent projects' }).waitFor()
await settled()
await page.screenshot({ path: join(folder, 'welcome.png') })

console.log(app.problems.length === 0 ? `The pictures are in ${folder}.` : app.problems.join('\n'))
await app.stop()
rmSync(desk, { recursive: true })
