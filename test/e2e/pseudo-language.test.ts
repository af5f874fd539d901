/**
 * Every view and dialog in the pseudo-language, with data and without, whose sentences stand in brackets: words outside of brackets that are neither data of the
 * project nor names of the field have been forgotten in the catalogues.
 */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { sampleProject, startInBrowser, temporaryFolder, vitrine } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { eachDialog } from './fixtures/dialogs.ts'

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

const { VIEWS } = await vi.importActual<{ VIEWS: readonly { name: string }[] }>(
  '../../src-renderer/views/index.ts',
)
/** Keys that unfold panels of a view. */
const PANELS: Record<string, string[]> = {
  corpus: ['q'],
  topics: ['s'],
  neurons: ['h'],
  review: ['q', 't', 'f'],
}
/** Names of measures, keys, formats, encoders, files and splits, which no language changes. */
const NAMES = new Set(
  `bleu cider rouge meteor map auc iou npmi nll lda lstm npy csv tsv json srt webvtt vtt onnx coco msr vatex activitynet karpathy
  hugging face label studio mallet pyldavis ctrl shift enter esc del home end alt vitrine english language ucf hmdb cpu apache mit
  ssd mobilenetv backbone open images objectron centernet frames grid captions sample name caption train val test webgpu cuda dml coreml imagenet dino blip`.match(
    /\w+/g,
  ),
)

/** Examples of what a file, or a model of the hub, is called. */
const FILE = /^[\w-]+(\.\w+|\/[\w-]+)$/

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
      element.closest('[translate=no], [lang=en]:not(html), kbd, code, option[value=system]') !== null
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
    wordsIn(FILE.test(text) ? '' : outside(text))
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

/** What was forgotten where, each word where it is seen first. */
async function walk(seen: Set<string>): Promise<Record<string, string[]>> {
  const { page } = app
  const known = new Set<string>()
  const found: Record<string, string[]> = {}
  const look = async (place: string): Promise<void> => {
    const words = (await forgotten()).filter((word) => !known.has(word))
    words.forEach((word) => known.add(word))
    if (words.length > 0) {
      found[place] = words
    }
  }
  for (const { name } of VIEWS) {
    await page.evaluate((hash) => {
      location.hash = hash
    }, `#/${name}`)
    await page.waitForFunction((view) => location.hash.startsWith(`#/${view}`), name)
    await rest()
    await look(name)
    for (const key of PANELS[name] ?? []) {
      await page.keyboard.press(key)
      await rest()
      await look(`${name} ${key}`)
      await page.keyboard.press('Escape')
    }
    await eachDialog(page, seen, async (id) => {
      await rest()
      await look(`${name}: ${id}`)
    })
  }
  await page.keyboard.press('Control+k')
  await rest()
  await look('palette')
  await page.keyboard.press('Escape')
  return found
}
async function rest(): Promise<void> {
  await app.page.waitForLoadState('networkidle')
  await app.page.waitForTimeout(500)
}
async function speakPseudo(): Promise<void> {
  await app.page.evaluate(() => {
    localStorage.setItem('vitrine/language', 'pseudo')
  })
  await app.page.reload()
  await app.page.locator('nav [aria-current=page]').waitFor()
}

it('finds no word outside of the catalogues', { timeout: 900_000 }, async () => {
  await speakPseudo()
  const seen = new Set<string>()
  expect(await walk(seen)).toEqual({})
  // So many that none can be open to nobody.
  expect(seen.size).toBeGreaterThan(20)
})

it('finds none where there is no data', { timeout: 900_000 }, async () => {
  await app.stop()
  const project = join(temporaryFolder('empty'), 'empty.vitrine')
  await vitrine('new', project)
  app = await startInBrowser(project)
  await speakPseudo()
  expect(await walk(new Set())).toEqual({})
})
