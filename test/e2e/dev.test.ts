/**
 * `npm run dev`: the window from its sources, over a main that restarts; nobody gets in who would not
 * otherwise.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { BROWSER, FLAGS, PATIENCE, root, sampleProject, temporaryFolder } from './fixtures/application.ts'
import { CLIPS } from '../prepared.ts'
import { eventually } from './fixtures/eventually.ts'

let dev: ChildProcess
let address: string
let browser: Browser
let page: Page
const printed: string[] = []
/** Looks edited for a while: its content stays, and in the end its time. */
const touched = join(root, 'src-main', 'serve.ts')
const { atime, mtime } = statSync(touched)
const problems: string[] = []

beforeAll(async () => {
  dev = spawn(process.execPath, [join(root, 'scripts', 'dev.mjs'), await sampleProject(), '--port', '0'], {
    env: { ...process.env, VITRINE_HOME: temporaryFolder('home'), NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  address = await printedAddress()
  browser = await chromium.launch({ executablePath: BROWSER, args: FLAGS })
  page = await browser.newPage()
  page.setDefaultTimeout(PATIENCE)
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      problems.push(message.text())
    }
  })
  await page.goto(address)
  await page.getByText(`${CLIPS} clips`).first().waitFor()
})
afterAll(async () => {
  await browser.close()
  dev.kill('SIGINT')
  expect(await once(dev, 'exit')).toEqual([0, null])
  utimesSync(touched, atime, mtime)
})

it('shows the project from the sources, with its media, under a policy that its page keeps', async () => {
  expect(await thumbnailStatus()).toBe(200)
  const response = await page.request.get(new URL(address).origin)
  expect(response.headers()['content-security-policy']).toContain("script-src 'self';")
  expect(problems).toEqual([])
})

it('starts main anew when its sources change, and the page stays and connects again', async () => {
  await page.evaluate(() => {
    document.body.dataset['visit'] = 'first'
  })
  const lost = page.getByText('The connection to Vitrine is lost.').first()
  utimesSync(touched, new Date(), new Date())
  await lost.waitFor()
  await lost.waitFor({ state: 'detached' })
  expect(await page.evaluate(() => document.body.dataset['visit'])).toBe('first')
  await eventually(thumbnailStatus).toBe(200)
  // The browser notes a lost connection as a problem.
  problems.splice(0)
})

it('lets nobody to main without the token, and nobody to other files', async () => {
  const { origin } = new URL(address)
  expect((await fetch(`${origin}/media/thumbnail/1`)).status).toBe(403)
  expect((await fetch(`${origin}/@fs${join(root, 'package.json')}`)).status).toBe(403)
})

/** The status of the first picture, asked for as the window does. */
const thumbnailStatus = async (): Promise<number> => {
  const source = await page.locator('img[src*="/media/thumbnail/"]').first().getAttribute('src')
  return page.evaluate(async (url) => (await fetch(url)).status, source ?? '')
}

function printedAddress(): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: dev.stderr! }).on('line', (line) => {
      printed.push(line)
      const match = /^Vitrine is at (\S+)$/.exec(line)
      if (match !== null) {
        resolve(match[1]!)
      }
    })
    dev.once('exit', () => {
      reject(new Error(`It ended:\n${printed.join('\n')}`))
    })
  })
}
