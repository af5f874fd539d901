/**
 * Pictures of every view at three sizes of the window, in both themes, to be looked at: NAME-WIDTH-THEME.png. Needs a build
 * and a project in which all steps are done.
 *
 *   node test/e2e/every-view.ts [PROJECT] [FOLDER]      default: demo.vitrine every-view
 */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { root, startInBrowser } from './fixtures/application.ts'

const VIEWS = [
  ...['project', 'corpus', 'features', 'checks', 'topics', 'training', 'neurons', 'review', 'corrections'],
  ...['actions', 'export', 'storage'],
]
const SIZES = [
  { width: 1280, height: 720 },
  { width: 1440, height: 900 },
  { width: 1920, height: 1080 },
]
const project = resolve(process.argv[2] ?? join(root, 'demo.vitrine'))
const folder = resolve(process.argv[3] ?? 'every-view')
mkdirSync(folder, { recursive: true })

const app = await startInBrowser(project)
const { page } = app
page.setDefaultTimeout(120_000)
await page.getByRole('navigation', { name: 'Views' }).locator('[aria-current=page]').waitFor()

for (const name of VIEWS) {
  await page.evaluate((hash) => {
    location.hash = hash
  }, `#/${name}`)
  for (const size of SIZES) {
    await page.setViewportSize(size)
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme })
      await settled()
      await page.screenshot({ path: join(folder, `${name}-${size.width}-${colorScheme}.png`) })
    }
  }
}
console.log(app.problems.length === 0 ? 'No problem on the way.' : app.problems.join('\n'))
await app.stop()

/** Data, pictures and the clip are there. */
async function settled(): Promise<void> {
  await page.mouse.move(0, 0)
  await page.waitForTimeout(700)
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll('img')].every((image) => image.complete) &&
      [...document.querySelectorAll('video')].every((video) => video.readyState >= 2),
  )
}
