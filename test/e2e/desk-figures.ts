/**
 * What the desk of Review comes to on a project, in figures: how large the clip is and how many of people's captions are in
 * view at several sizes of the window; how long it takes from a verdict to the next caption and its frame; how many keys a
 * suggestion takes. Needs a build. It judges captions of a copy that it makes beside the project.
 *
 *   node test/e2e/desk-figures.ts [PROJECT] [FOLDER FOR PICTURES]      default: demo.vitrine, no pictures
 */
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { root, startInBrowser } from './fixtures/application.ts'

const SIZES = [
  [1440, 900],
  [1280, 720],
  [960, 540],
  [1920, 1080],
] as const
const VERDICTS = 30

const original = resolve(process.argv[2] ?? join(root, 'demo.vitrine'))
const pictures = process.argv[3] === undefined ? null : resolve(process.argv[3])
// Beside the project, so that its videos are found.
const project = join(dirname(original), `desk-figures-${process.pid}.vitrine`)
cpSync(original, project, { recursive: true })
process.once('exit', () => {
  rmSync(project, { recursive: true, force: true })
})

const app = await startInBrowser(project)
const { page } = app
page.setDefaultTimeout(180_000)
await page.getByRole('navigation', { name: 'Views' }).locator('[aria-current=page]').waitFor()
await page.keyboard.press('g')
await page.keyboard.press('r')
const words = page.getByRole('region', { name: 'The caption and what people said' })
await words
  .getByRole('button', { name: /probability/ })
  .first()
  .waitFor()
/** The first frame of the clip is here, and of those after it. */
const loaded = (clips: number): Promise<unknown> =>
  page.waitForFunction(
    (wanted) =>
      [...document.querySelectorAll('video')].filter((video) => video.readyState >= 2).length >= wanted,
    clips,
  )
await loaded(4)

console.log('window       clip         people’s captions in view')
for (const [width, height] of SIZES) {
  await page.setViewportSize({ width, height })
  await page.waitForTimeout(300)
  const [clip, seen, all] = await page.evaluate(() => {
    const stage = document.querySelector('[data-stage]')!.getBoundingClientRect()
    const video = document.querySelector<HTMLVideoElement>('video:not(.invisible)')!
    const scale = Math.min(stage.width / video.videoWidth, stage.height / video.videoHeight)
    const captions = [...document.querySelectorAll('[data-caption]')]
    const inView = captions.filter((caption) => {
      const { left, right, top, bottom } = caption.getBoundingClientRect()
      const isUncovered = ([x, y]: number[]): boolean =>
        caption.contains(document.elementFromPoint(x ?? 0, y ?? 0))
      return isUncovered([left + 1, top + 2]) && isUncovered([right - 1, bottom - 2])
    })
    const size = [video.videoWidth * scale, video.videoHeight * scale].map(Math.round).join('x')
    return [size, inView.length, captions.length] as const
  })
  console.log(`${`${width}x${height}`.padEnd(12)} ${clip.padEnd(12)} ${seen} of ${all}`)
  if (pictures !== null) {
    mkdirSync(pictures, { recursive: true })
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.waitForTimeout(300)
      await page.screenshot({ path: join(pictures, `desk-${width}-${colorScheme}.png`) })
    }
  }
}

await page.setViewportSize({ width: 1440, height: 900 })
const times: { caption: number; frame: number }[] = []
for (let i = 0; i < VERDICTS; i++) {
  // As somebody works who looks at each for a while.
  await loaded(2)
  await page.waitForTimeout(700)
  times.push(
    await page.evaluate(async () => {
      const state = () => ({
        clip: document.querySelector('h2')?.textContent,
        caption: document.querySelector('.model button') !== null,
        frame: (document.querySelector<HTMLVideoElement>('video:not(.invisible)')?.readyState ?? 0) >= 2,
      })
      const before = state().clip
      const begin = performance.now()
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '1', code: 'Digit1', bubbles: true }))
      let caption: number | null = null
      let frame: number | null = null
      while ((caption === null || frame === null) && performance.now() - begin < 10_000) {
        await new Promise(requestAnimationFrame)
        const now = state()
        const time = performance.now() - begin
        caption ??= now.clip !== before && now.caption ? time : null
        frame ??= now.clip !== before && now.frame ? time : null
      }
      return { caption: caption ?? Infinity, frame: frame ?? Infinity }
    }),
  )
  if ((await page.locator('[role=option][data-current]').getAttribute('aria-posinset')) === '24') {
    await page.getByRole('listbox', { name: /^Captions/ }).focus()
    await page.keyboard.press('Home')
    await page.waitForTimeout(1500)
  }
}
for (const what of ['caption', 'frame'] as const) {
  const sorted = times.map((time) => time[what]).sort((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(0)
  console.log(
    `from a verdict to the next ${what}, ms over ${VERDICTS}: median ${at(0.5)}, 90% ${at(0.9)}, longest ${at(1)}`,
  )
}
await app.stop()
