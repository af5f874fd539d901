/** Real clips in the window: each of MSR-VTT, MSVD, UCF11 and UCF101 plays, itself or as a copy that is made of it. */
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root, startInBrowser, temporaryFolder, vitrine } from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { eventually } from './fixtures/eventually.ts'

const DATA = resolve(root, process.env['VITRINE_DATA'] ?? '../shared/data')
const FOLDERS = ['msrvtt/clips', 'msvd/clips', 'actions']
const CLIP = /\.(mp4|avi|mpg)$/
const files = existsSync(DATA)
  ? FOLDERS.flatMap((folder) =>
      readdirSync(join(DATA, folder))
        .filter((name) => CLIP.test(name))
        .map((name) => ({ name, path: join(DATA, folder, name) })),
    )
  : []
/** Seconds within which the picture of each begins: some of MSVD begin with sound alone. */
const LATEST_START = 2.4

interface Shown {
  source: string
  second: number
  width: number
  frames: number
  contentType: string | null
  /** How bright the picture is at some places, 0 to 255. */
  picture: number[]
}

/** What the player of the page shows. */
const shown = async (app: Application): Promise<Shown | null> =>
  app.page.evaluate(async () => {
    const video = document.querySelector('video')
    if (video === null || video.readyState < 2) {
      return null
    }
    const canvas = new OffscreenCanvas(16, 12)
    const drawing = canvas.getContext('2d')!
    drawing.drawImage(video, 0, 0, 16, 12)
    const { data } = drawing.getImageData(0, 0, 16, 12)
    const head = await fetch(video.currentSrc, { method: 'HEAD' })
    return {
      source: video.currentSrc,
      second: video.currentTime,
      width: video.videoWidth,
      frames: video.getVideoPlaybackQuality().totalVideoFrames,
      contentType: head.headers.get('content-type'),
      picture: Array.from({ length: 16 * 12 }, (_, i) => data[4 * i] ?? 0),
    }
  })

describe.skipIf(files.length === 0)('real clips (skipped where the shared test data is missing)', () => {
  let app: Application
  const ids = new Map<string, number>()
  beforeAll(async () => {
    const folder = temporaryFolder('real')
    const clips = join(folder, 'clips')
    mkdirSync(clips)
    for (const { name, path } of files) {
      symlinkSync(path, join(clips, name))
    }
    const captions = join(folder, 'captions.tsv')
    writeFileSync(captions, files.map(({ name }) => `${name}\tsomebody does something\n`).join(''))
    const project = join(folder, 'real.vitrine')
    await vitrine('new', project)
    await vitrine('import', project, '--videos', clips, '--captions', captions)
    const list = (await vitrine('clips', project)) as { clips: { id: number; video: string }[] }
    for (const { id, video } of list.clips) {
      ids.set(video, id)
    }
    app = await startInBrowser(project)
    await app.page.getByRole('option').first().waitFor()
  })
  afterAll(async () => {
    await app.stop()
  })

  /** What the player showed last, in the test before. */
  let lastSource = ''

  /** What is shown when it holds for the first time. */
  async function shownWhen(holds: (shown: Shown) => boolean): Promise<Shown> {
    let held: Shown | null = null
    await eventually(async () => {
      held = await shown(app)
      return held !== null && holds(held)
    }).toBe(true)
    return held!
  }

  it.each(files)('$name plays', { timeout: 180_000 }, async ({ name }) => {
    const { page } = app
    const id = ids.get(name.replace(CLIP, ''))
    await page.evaluate((hash) => {
      location.hash = hash
    }, `#/corpus/${id}`)
    await page.getByRole('heading', { name: name.replace(CLIP, ''), exact: true }).waitFor()
    // The same player shows the clip before until this one is there.
    const first = await shownWhen(({ source, width }) => source !== lastSource && width > 0)
    lastSource = first.source
    await page.keyboard.press('k')
    const later = await shownWhen(({ second }) => second > first.second + LATEST_START)
    expect(later).toMatchObject({ source: first.source, contentType: 'video/mp4' })
    expect(later.frames).toBeGreaterThan(first.frames)
    // There is something to be seen, and it moves.
    expect(Math.max(...later.picture) - Math.min(...later.picture)).toBeGreaterThan(20)
    expect(later.picture).not.toEqual(first.picture)
    if (process.env['SHEET']) {
      await page.locator('video').screenshot({ path: join(process.env['SHEET'], `${name}.png`) })
    }
    await page.keyboard.press('k')
  })

  it('nothing went wrong on the way', () => {
    expect(app.problems).toEqual([])
  })
})
