/**
 * Keys and seconds of five acts of a working day, in a real browser and by the keyboard alone: from nothing to a trained
 * sample, 30 verdicts, one caption fixed, a neuron found by a word, two topics merged and parted again. Every press counts,
 * the letters of a typed word too. Seconds run from the first key to what it was pressed for on the screen: the program's
 * own, since nobody thinks between the keys. Needs a build.
 *
 *   node test/e2e/keys-and-seconds.ts
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator } from 'playwright-core'
import { startInBrowser } from './fixtures/application.ts'

const VERDICTS = 30
/** What the neuron that is looked for stands for. */
const WORD = 'red'
const MINUTES = 20

const place = mkdtempSync(join(tmpdir(), 'vitrine-keys-'))
process.once('exit', () => {
  rmSync(place, { recursive: true, force: true })
})
const app = await startInBrowser(null)
const { page } = app
page.setDefaultTimeout(MINUTES * 60_000)
const dialog = page.getByRole('dialog')

let keys = 0
async function press(...names: string[]): Promise<void> {
  for (const name of names) {
    keys++
    await page.keyboard.press(name)
  }
}
const type = (text: string): Promise<void> => press(...text)
const seen = (what: Locator): Promise<void> => what.first().waitFor()
const gone = (what: Locator): Promise<void> => what.first().waitFor({ state: 'detached' })

/** Prints how many keys an act takes, and seconds. */
async function measure(act: string, does: () => Promise<void>): Promise<void> {
  keys = 0
  const begin = performance.now()
  await does()
  const seconds = (performance.now() - begin) / 1000
  console.log(`${act.padEnd(44)} ${String(keys).padStart(4)} ${seconds.toFixed(1).padStart(9)}`)
}

console.log(`${'act'.padEnd(44)} keys   seconds`)
await seen(page.getByRole('button', { name: 'Open the finished sample' }))
await measure('from nothing to a trained sample', async () => {
  await press('s')
  // Else it is put where the person's files are.
  await dialog.getByLabel('Into folder').fill(place)
  await press('Enter')
  const work = page.getByRole('region', { name: 'All steps' })
  await seen(work)
  await gone(work)
})

// The training split has captions enough to judge thirty.
const review = page.getByRole('region', { name: 'The caption and what people said' })
const split = page.getByRole('combobox', { name: 'Split' })
await press('g', 'r')
await seen(review.getByRole('button', { name: /probability/ }))
await split.selectOption('train')
await press('Escape', 'c')
await seen(page.getByText(/^0 of \d{2,} judged/))
await seen(page.getByText(/^train, CIDEr/))
await seen(review.getByRole('button', { name: /probability/ }))
await measure(`judge ${VERDICTS}`, async () => {
  for (let verdict = 0; verdict < VERDICTS; verdict++) {
    await press('1')
  }
  await seen(page.getByText(new RegExp(`^${VERDICTS} of .* judged`)))
})

const fix = page.getByRole('region', { name: 'The fix' })
const suggestions = fix.getByRole('region', { name: 'Suggestions' })
await split.selectOption('val')
await press('Escape', 'f')
await gone(suggestions.getByText('Trying topics'))
while ((await suggestions.getByRole('button').count()) === 0) {
  await press('Escape', 'ArrowDown', 'f')
  await gone(suggestions.getByText('Trying topics'))
}
await press('Escape')
await gone(fix)
await measure('fix one caption, and keep the version', async () => {
  await press('f')
  await seen(suggestions.getByRole('button'))
  await press('1')
  await seen(fix.getByText(/^before: /))
  await press('Control+Enter')
  await seen(page.getByText('A correction waits for a verdict'))
  await press('g', 'o')
  await seen(page.getByRole('button', { name: 'Keep', exact: true }))
  await press('a')
  await seen(page.getByRole('button', { name: /^model.*corrected/ }))
})

await measure(`find a neuron by a word (${WORD})`, async () => {
  await press('Control+k')
  await type(`neuron ${WORD}`)
  await seen(page.getByRole('listbox', { name: 'Found' }).getByText(/^neuron \d+/i))
  await press('Enter')
  await seen(page.getByRole('region', { name: 'The neuron' }))
})

await press('g', 't')
const counted = page.getByText(/^\d+ topics$/).first()
await seen(page.getByRole('listbox', { name: 'Topics' }).getByRole('option'))
const before = parseInt(await counted.innerText())
const left = (count: number): Promise<void> => seen(page.getByText(`${count} topics`, { exact: true }))
await press('1', 'Home')
await measure('merge two topics, and undo it', async () => {
  await press('ArrowDown', 'x', 'ArrowUp', 'm')
  await left(before - 1)
  await press('Control+z')
  await left(before)
})
await app.stop()
