/**
 * Every view in the pseudo-language, whose sentences stand in brackets: words outside of brackets that are neither data of the
 * project nor names of the field have been forgotten in the catalogues.
 */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { sampleProject, startInBrowser } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'

interface Forgotten {
  word: string
  text: string
}
/** What is used of the store. */
interface Stored {
  store: {
    clips: { all(): { id: number; name: string }[] }
    captions: { ofClip(clipId: number): { text: string }[] }
  }
  close(): void
}
const { openProject } = await vi.importActual<{ openProject: (path: string) => Stored }>(
  '../../src-main/store/index.ts',
)

/** Views, and the keys of the dialogs and panels that they open. */
const VIEWS: [view: string, keys: string[]][] = [
  ['corpus', ['i', 'q']],
  ['features', []],
  ['checks', []],
  ['topics', ['e', 'Shift+K', 's']],
  ['training', []],
  ['neurons', ['h', 'i']],
  ['review', ['q', 'Shift+C', 'Shift+B', 'Shift+A']],
  ['corrections', []],
  ['actions', []],
  ['export', []],
  ['storage', []],
]
/** Names of measures, keys, formats, encoders, files and splits, which no language changes. */
const NAMES = new Set(
  `bleu cider rouge meteor map auc iou npmi nll lda lstm npy csv tsv json srt webvtt vtt onnx coco msr vatex activitynet karpathy
  hugging face label studio mallet pyldavis ctrl shift enter esc del home end alt vitrine english language ucf hmdb cpu apache mit
  ssd mobilenetv backbone open images objectron centernet frames grid captions sample name caption train val test`.match(
    /\w+/g,
  ),
)

let app: Application
/** Words of captions and names, which are data. */
const captionWords = new Set<string>()

beforeAll(async () => {
  const project = await sampleProject('trained')
  const { store, close } = openProject(project)
  for (const { id, name } of store.clips.all()) {
    for (const text of [name, ...store.captions.ofClip(id).map((caption) => caption.text)]) {
      for (const word of wordsIn(text)) {
        captionWords.add(word)
      }
    }
  }
  close()
  app = await startInBrowser(project)
}, 600_000)
afterAll(() => app.stop())

const wordsIn = (text: string): string[] => text.toLowerCase().match(/[a-z]{3,}/g) ?? []

/** Words that are shown, or said to screen readers, outside of brackets. */
async function forgotten(): Promise<string[]> {
  const texts = await app.page.evaluate(() => {
    const attributes = ['aria-label', 'title', 'placeholder', 'alt']
    const isData = (element: Element): boolean =>
      element.closest('[translate=no], kbd, code, option[value=system]') !== null
    const shown = [...document.body.querySelectorAll('*')].filter(
      (element) =>
        !isData(element) &&
        (element.matches('option') || element.checkVisibility()) &&
        !element.matches('script, style'),
    )
    return shown.flatMap((element) => [
      ...[...element.childNodes]
        .filter((node) => node.nodeType === Node.TEXT_NODE)
        .map((node) => node.textContent ?? ''),
      ...attributes.map((name) => element.getAttribute(name) ?? ''),
    ])
  })
  const left: Forgotten[] = texts.flatMap((text) =>
    wordsIn(outside(text))
      .filter((word) => !NAMES.has(word) && !captionWords.has(word))
      .map((word) => ({ word, text: text.trim().slice(0, 80) })),
  )
  return [...new Set(left.map(({ word, text }) => `${word}: ${text}`))]
}

/** What of a text stands outside of all brackets. */
function outside(text: string): string {
  const shorter = text.replaceAll(/⟦[^⟦⟧]*⟧/g, '')
  return shorter === text ? text : outside(shorter)
}

it('finds no word outside of the catalogues', { timeout: 600_000 }, async () => {
  const { page } = app
  await page.evaluate(() => {
    localStorage.setItem('vitrine/language', 'pseudo')
  })
  await page.reload()
  await page.locator('nav [aria-current=page]').waitFor()
  const found: Record<string, string[]> = {}
  for (const [view, keys] of VIEWS) {
    await page.evaluate((hash) => {
      location.hash = hash
    }, `#/${view}`)
    await page.waitForFunction((name) => location.hash.startsWith(`#/${name}`), view)
    await page.waitForLoadState('networkidle')
    await page.waitForTimeout(700)
    found[view] = await forgotten()
    for (const key of keys) {
      await page.keyboard.press(key)
      await page.waitForTimeout(700)
      found[`${view} ${key}`] = await forgotten()
      await page.keyboard.press('Escape')
    }
  }
  for (const key of ['?', 'Control+k']) {
    await page.keyboard.press(key)
    await page.waitForTimeout(700)
    found[key] = await forgotten()
    await page.keyboard.press('Escape')
  }
  const known = new Set<string>()
  for (const [place, words] of Object.entries(found)) {
    found[place] = words.filter((word) => !known.has(word))
    for (const word of words) {
      known.add(word)
    }
  }
  expect(Object.fromEntries(Object.entries(found).filter(([, words]) => words.length > 0))).toEqual({})
})
