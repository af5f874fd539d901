/** An ONNX file becomes an encoder, is tried, and sees the clips; what the project goes by is chosen and taken back. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { tinyNetwork } from '../engine/encoders/tiny-network.ts'
import { story } from '../story.ts'
import { PATIENCE, sampleProject, startInBrowser, temporaryFolder, vitrine } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { objectionsInBoth } from './fixtures/axe.ts'

let app: Application
let network: string
let project: string
beforeAll(async () => {
  network = join(temporaryFolder('network'), 'Tiny Net.onnx')
  writeFileSync(network, tinyNetwork())
  project = await sampleProject('trained')
  app = await startInBrowser(project)
}, 300_000)
afterAll(async () => {
  await app.stop()
})
const step = story('an encoder is added, tried and computed with', { timeout: 300_000 })
const sets = () => app.page.getByRole('region', { name: 'Sets of features' })
const encoders = () => app.page.getByRole('region', { name: 'Encoders' })

step('the file is read before anything is kept, and refused in words where it is none', async () => {
  const { page } = app
  await page.getByRole('navigation', { name: 'Views' }).locator('[aria-current=page]').waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('f')
  await sets()
    .getByRole('row', { name: /current/ })
    .waitFor()
  await page.keyboard.press('n')
  const dialog = page.getByRole('dialog', { name: 'Add an encoder' })
  await dialog.getByLabel('ONNX file or model folder').fill(join(network, '..'))
  await dialog.getByRole('alert').waitFor()
  await dialog.getByLabel('ONNX file or model folder').fill(network)
  await dialog.getByText('float32, NCHW, 224×224').waitFor()
  await dialog.getByText('16 values a frame').waitFor()
  await dialog.getByRole('checkbox', { name: 'Features of map' }).check()
  await dialog.getByText('19 or 31 values a frame').waitFor()
  expect(await objectionsInBoth(page)).toEqual([])
  await dialog.getByLabel('Licence').fill('MIT')
  await page.keyboard.press('Enter')
  await encoders().getByText('tiny-net').waitFor()
})

step('a test shows what it sees, and how fast', async () => {
  const { page } = app
  await encoders().getByRole('button', { name: 'Try Tiny Net' }).click()
  const trial = page.getByRole('region', { name: 'Last test of Tiny Net' })
  await trial.getByRole('img').waitFor({ timeout: 2 * PATIENCE })
  await trial.getByRole('rowheader', { name: 'cpu' }).waitFor()
  await trial.getByText('is most like').first().waitFor()
  expect(await objectionsInBoth(page)).toEqual([])
})

step(
  'what it computes becomes the current set; another one is used and removed, and both are taken back',
  async () => {
    const { page } = app
    await encoders().getByRole('button', { name: 'Compute with Tiny Net' }).click()
    const dialog = page.getByRole('dialog', { name: 'Compute features' })
    await dialog.getByText(/16 clips to see/).waitFor()
    await dialog.getByLabel('Frames').fill('2')
    await page.keyboard.press('Enter')
    const tiny = sets().getByRole('row', { name: /^Tiny Net/ })
    await tiny.getByText('current').waitFor({ timeout: 2 * PATIENCE })
    // It is the current set from the beginning; the work goes on.
    await sets().getByRole('button', { name: 'Compute features', disabled: false }).waitFor()
    const builtIn = sets().getByRole('row', { name: /^SSD-MobileNetV2/ })
    await builtIn.getByRole('button', { name: /^Use/ }).click()
    await builtIn.getByText('current').waitFor()
    await tiny.getByRole('button', { name: /^Remove/ }).click()
    await tiny.waitFor({ state: 'detached' })
    await page.keyboard.press('Control+z')
    await tiny.waitFor()
    await page.keyboard.press('Control+z')
    await tiny.getByText('current').waitFor()
    expect(app.problems).toEqual([])
  },
)

step('what is set in the dialog stays, though another program changes the current set', async () => {
  const { page } = app
  const builtIn = page.locator('tr').filter({ hasText: 'SSD-MobileNetV2' })
  await page.keyboard.press('Shift+F')
  const dialog = page.getByRole('dialog', { name: 'Compute features' })
  await dialog.getByText('All clips have them').waitFor()
  await dialog.getByLabel('Frames').fill('7')
  await vitrine('feature-sets', project, '--use', '2')
  await builtIn.getByText('current').waitFor()
  expect(await dialog.getByLabel('Frames').inputValue()).toBe('7')
  await page.keyboard.press('Escape')
  await vitrine('undo', project)
  await builtIn.getByText('current').waitFor({ state: 'detached' })
})

step('what another program computed is previewed, imported, and joined with what is there', async () => {
  const { page } = app
  const folder = temporaryFolder('arrays')
  const clips = Array.from({ length: 20 }, (_, i) => `clip${String(i).padStart(4, '0')}`)
  for (const name of ['unknown', ...clips]) {
    writeFileSync(join(folder, `${name}.npy`), threeFrames(4))
  }
  await sets()
    .getByRole('button', { name: /^Import features/ })
    .click()
  const dialog = page.getByRole('dialog', { name: 'Import features' })
  await dialog.getByLabel('File or folder').fill(folder)
  await dialog.getByLabel('Title').fill('Theirs')
  await dialog.getByRole('button', { name: 'Preview' }).click()
  await dialog.getByText(/^features of 1\d clips, 3 frames of 4 values\.$/).waitFor()
  await dialog.getByText(/No clip is called .*unknown/).waitFor()
  expect(await objectionsInBoth(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Import', exact: true }).click()
  await sets()
    .getByRole('row', { name: /^Theirs current 3 frames, 4 values each/ })
    .waitFor()
  await sets()
    .getByRole('button', { name: /^Join features/ })
    .click()
  const joining = page.getByRole('dialog', { name: 'Join features' })
  await joining.getByRole('checkbox', { name: /^Theirs/ }).check()
  await joining.getByRole('checkbox', { name: /^Tiny Net/ }).check()
  expect(await objectionsInBoth(page)).toEqual([])
  await page.keyboard.press('Enter')
  await joining.getByText('They saw different frames').waitFor()
  await joining.getByRole('button', { name: 'Done' }).click()
  await sets()
    .getByRole('row', { name: /^Theirs \+ Tiny Net current 3 frames/ })
    .waitFor()
  expect(app.problems).toEqual([])
})

/** A .npy file of three frames, as NumPy writes it. */
function threeFrames(values: number): Uint8Array {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (3, ${values}), }`.padEnd(117) + '\n'
  const prefix = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0])
  const frames = Float32Array.from({ length: 3 * values }, (_, i) => i)
  return Buffer.concat([prefix, Buffer.from(header), new Uint8Array(frames.buffer)])
}
