/** Both shells: the window loads, talks to main, shows media, and what must be refused is refused. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { debuggingPort } from '../debugging-port.ts'
import { objectionsInBoth } from './fixtures/axe.ts'
import {
  BROWSER,
  FLAGS,
  PATIENCE,
  root,
  sampleProject,
  startInBrowser,
  startInElectron,
  temporaryFolder,
} from './fixtures/application.ts'
import type { Application } from './fixtures/application.ts'
import { eventually } from './fixtures/eventually.ts'

let project: string
beforeAll(async () => {
  project = await sampleProject()
})

/** The application of a shell, for the tests of a group. */
function started<App extends Application>(start: (project: string) => Promise<App>): () => App {
  let app: App
  beforeAll(async () => {
    app = await start(project)
  })
  afterAll(async () => {
    expect(await app.stop()).toBe(0)
  })
  return () => app
}

/** What a browser's window adds to the addresses of media, as its pictures have it; nothing in Electron. */
const mediaKey = async (page: Page): Promise<string> => {
  const source = await page.locator('img[src*="/media/thumbnail/"]').first().getAttribute('src')
  return new URL(source ?? '', page.url()).search
}

/** What is the same in every shell. */
function testsOfAnyShell(current: () => Application): void {
  let app: Application
  beforeAll(() => {
    app = current()
  })

  it('shows the project that it was given, without a problem', async () => {
    await app.page.getByText('sample', { exact: false }).first().waitFor()
    await app.page.waitForFunction(() => document.querySelector('h1, h2')?.textContent !== '')
    expect(await app.page.title()).toContain('Vitrine')
    expect(app.problems).toEqual([])
  })

  it('serves thumbnails, and videos that seek', async () => {
    const key = await mediaKey(app.page)
    const media = await app.page.evaluate(async (query) => {
      const thumbnail = await fetch(`/media/thumbnail/1${query}`)
      const part = await fetch(`/media/video/1${query}`, { headers: { range: 'bytes=10-19' } })
      const video = document.createElement('video')
      video.muted = true
      video.src = `/media/video/1${query}`
      await new Promise((resolve, reject) => {
        video.onloadeddata = resolve
        video.onerror = () => {
          reject(new Error(video.error?.message))
        }
      })
      video.currentTime = video.duration * 0.75
      await new Promise((resolve) => {
        video.onseeked = resolve
      })
      return {
        thumbnail: [thumbnail.status, thumbnail.headers.get('content-type')],
        part: [
          part.status,
          (await part.arrayBuffer()).byteLength,
          part.headers.get('content-range')?.replace(/\d+$/, 'N'),
        ],
        video: [video.videoWidth > 0, video.currentTime > video.duration / 2],
      }
    }, key)
    expect(media).toEqual({
      thumbnail: [200, 'image/jpeg'],
      part: [206, 10, 'bytes 10-19/N'],
      video: [true, true],
    })
  })

  it('runs nothing that is not its own, and has no Node', async () => {
    const page = await app.page.evaluate(async () => {
      const blocked: string[] = []
      document.addEventListener('securitypolicyviolation', (event) => {
        blocked.push(event.effectiveDirective)
      })
      document.body.append(
        Object.assign(document.createElement('script'), { textContent: 'window.injected = true' }),
      )
      document.body.append(
        Object.assign(document.createElement('style'), { textContent: 'body { display: none }' }),
      )
      await fetch('http://127.0.0.1:9/').catch(() => null)
      // What was blocked is told of later; after some seconds it is as it is.
      for (let waits = 0; new Set(blocked).size < 3 && waits < 500; waits++) {
        await new Promise((resolve) => {
          setTimeout(resolve, 20)
        })
      }
      let evaluates = true
      try {
        new Function('return 1')
      } catch {
        evaluates = false
      }
      return {
        blocked: [...new Set(blocked)].sort(),
        injected: 'injected' in window,
        evaluates,
        node: 'process' in window || 'require' in window,
      }
    })
    expect(page).toEqual({
      blocked: ['connect-src', 'script-src-elem', 'style-src-elem'],
      injected: false,
      evaluates: false,
      node: false,
    })
  })

  it('reloads into the same state', async () => {
    const { hash } = new URL(app.page.url())
    await app.page.reload()
    await app.page.getByText('sample', { exact: false }).first().waitFor()
    expect(new URL(app.page.url()).hash).toBe(hash)
  })
}

describe('in a browser', () => {
  const app = started(startInBrowser)
  testsOfAnyShell(app)

  it('shows nobody else media, and gives no other program on this machine what would let it in', async () => {
    const { page, address } = app()
    expect((await fetch(new URL('/media/thumbnail/1', address ?? ''))).status).toBe(403)
    const received: IncomingHttpHeaders[] = []
    const stranger = createServer((request, response) => {
      received.push(request.headers)
      response.end('<title>A stranger</title>')
    })
    stranger.listen(0, '127.0.0.1')
    await once(stranger, 'listening')
    const other = await page.context().newPage()
    await other.goto(`http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`)
    expect(received[0]).toMatchObject({ host: expect.any(String) as string })
    expect(received[0]).not.toHaveProperty('cookie')
    expect(await page.context().cookies()).toEqual([])
    await other.close()
    stranger.closeAllConnections()
    stranger.close()
  })

  it('lets a window in by an address once, says what to do otherwise, and then lets it in by itself', async () => {
    const { page, address, anotherAddress } = app()
    // A context of its own has no other windows to ask.
    const elsewhere = await page.context().browser()!.newContext()
    const second = await elsewhere.newPage()
    second.setDefaultTimeout(PATIENCE)
    await second.goto(address ?? '')
    await second.getByText('Press Enter in the terminal').waitFor()
    expect(await objectionsInBoth(second)).toEqual([])
    const third = await elsewhere.newPage()
    third.setDefaultTimeout(PATIENCE)
    await third.goto(await anotherAddress())
    await third.getByText('sample', { exact: false }).first().waitFor()
    expect(third.url()).not.toContain('token')
    await second.getByText('sample', { exact: false }).first().waitFor()
    await elsewhere.close()
  })

  it('opens further windows from the window, and follows a link into a new tab', async () => {
    const { page } = app()
    await page.keyboard.press('Control+k')
    const opened = page.context().waitForEvent('page')
    await page.getByRole('option', { name: 'Open another window' }).click()
    const another = await opened
    await another.getByText('sample', { exact: false }).first().waitFor()
    await another.close()
    const tab = await page.context().newPage()
    await tab.goto(new URL('/#/topics', page.url()).href)
    await tab.getByText('sample', { exact: false }).first().waitFor()
    await tab.close()
  })

  it('lets the open window back in when the server was started again, without a reload', async () => {
    const { page, problems, restart } = app()
    await page.evaluate(() => {
      document.body.dataset['visit'] = 'first'
    })
    const lost = page.getByText('The connection to Vitrine is lost.').first()
    const key = await mediaKey(page)
    await restart(() => lost.waitFor())
    await lost.waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.body.dataset['visit'])).toBe('first')
    // Its pictures have the key of the new server.
    await eventually(() => mediaKey(page)).not.toBe(key)
    expect(
      await page.evaluate(
        async (query) => (await fetch(`/media/thumbnail/1${query}`)).status,
        await mediaKey(page),
      ),
    ).toBe(200)
    // The browser notes a lost connection as a problem.
    problems.splice(0)
  })
})

describe('in Electron', () => {
  const app = started(startInElectron)
  testsOfAnyShell(app)

  it('keeps every page in the sandbox, and Chromium from calling anybody', () => {
    const { webPreferences, settings } = app()
    expect(webPreferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false })
    expect(settings).toMatchObject({ sandboxed: true, spellChecker: false })
    expect(settings.switches).toMatchObject({
      'host-resolver-rules': expect.stringMatching(/^MAP \* ~NOTFOUND/) as string,
      'no-proxy-server': null,
      'disable-component-update': null,
    })
  })

  it('stays where it is, and opens no other window', async () => {
    const { page } = app()
    const address = page.url()
    const pages = page.context().pages().length
    await page.evaluate(() => {
      location.href = 'http://127.0.0.1:9/'
    })
    await page.evaluate(() => {
      location.href = '/assets/elsewhere.html'
    })
    const opened = await page.evaluate(() => window.open('/') !== null)
    // A popup that is allowed would stay.
    await eventually(() => Promise.resolve(page.context().pages().length)).toBe(pages)
    expect({ opened, address: page.url() }).toEqual({ opened: true, address })
    expect(await page.evaluate(() => document.title)).toContain('Vitrine')
    app().problems.splice(0)
  })

  it('opens what another instance was started with, wherever that was', async () => {
    const other = await sampleProject()
    const handing = await startInElectron('sample.vitrine', dirname(other))
    expect(handing.settings.handedOver).toEqual({ project: other })
    expect(await handing.stop()).toBe(0)
    app().tell({ secondInstance: { project: other } })
    const path = app().page.getByTitle(other)
    await path.first().waitFor()
  })
})

it('shows a page again that crashed, and ends when it crashes again and again', async () => {
  const app = await startInElectron(project)
  app.tell('crash')
  await app.page.waitForEvent('load')
  await app.page.getByText('sample', { exact: false }).first().waitFor()
  app.tell('crash')
  await app.page.waitForEvent('load')
  app.tell('crash')
  expect(await app.ended()).toBe(0)
  expect(app.errors()).toContain('its window crashed again and again')
})

it('starts at the welcome page when nothing was open', async () => {
  const app = await startInBrowser(null)
  await app.page.getByRole('button', { name: /create a project/i }).waitFor()
  expect(app.problems).toEqual([])
  expect(await app.stop()).toBe(0)
})

it('leaves no process or half-written file behind', async () => {
  const alone = await sampleProject()
  const app = await startInBrowser(alone)
  await app.page.getByText('sample', { exact: false }).first().waitFor()
  expect(existsSync(join(alone, 'project.sqlite-wal'))).toBe(true)
  expect(await app.stop()).toBe(0)
  await expect(fetch(app.address ?? '')).rejects.toThrow()
  expect(existsSync(join(alone, 'project.sqlite-wal'))).toBe(false)
})

it('opens its own window, and ends when that is closed', async () => {
  const home = temporaryFolder('home')
  const browser = join(home, 'browser.sh')
  writeFileSync(browser, `#!/bin/sh\nexec "${BROWSER}" ${FLAGS.join(' ')} --remote-debugging-port=0 "$@"\n`, {
    mode: 0o755,
  })
  const child = spawn(
    process.execPath,
    [join(root, 'out', 'main', 'cli.js'), 'serve', await sampleProject()],
    {
      env: { ...process.env, VITRINE_HOME: home, VITRINE_BROWSER: browser, DISPLAY: ':0', NODE_OPTIONS: '' },
      stdio: 'ignore',
    },
  )
  const exit = once(child, 'exit')
  // The profile is the one that serve gave it.
  const port = await debuggingPort(join(home, 'browser'), () => child.exitCode !== null)
  const window = await chromium.connectOverCDP(`http://127.0.0.1:${port}`)
  const page = window.contexts()[0]?.pages()[0]
  await page?.getByText('sample', { exact: false }).first().waitFor()
  expect(page?.url()).not.toContain('token')
  await page?.close()
  expect(await exit).toEqual([0, null])
})
