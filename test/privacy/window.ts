/**
 * `node window.ts PROJECT`: lets `vitrine serve` open its own window, waits until that shows the project, and
 * closes it, as a person would. Run by nothing-leaves.test.ts, where what the browser tries is seen.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { debuggingPort } from '../debugging-port.ts'
import { installation } from '../../src-main/paths.ts'

const [project = ''] = process.argv.slice(2)
const profile = join(homedir(), '.vitrine', 'browser')

const child = spawn(process.execPath, [join(installation, 'out', 'main', 'cli.js'), 'serve', project], {
  env: { ...process.env, VITRINE_BROWSER: headlessBrowser(), DISPLAY: ':0' },
  stdio: 'inherit',
})
const exit = once(child, 'exit')
const port = await debuggingPort(profile, () => child.exitCode !== null)
const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`)
const page = browser.contexts()[0]?.pages()[0]
await page?.locator('img[src*="/media/thumbnail/"]').first().waitFor()
await page?.close()
const [code] = (await exit) as [number | null]
process.exit(code ?? 1)

/** The browser of this machine without a screen; everything else is as `vitrine serve` wants it. */
function headlessBrowser(): string {
  mkdirSync(profile, { recursive: true })
  const script = join(homedir(), 'browser.sh')
  const flags = '--headless=new --no-sandbox --disable-gpu --remote-debugging-port=0'
  writeFileSync(
    script,
    `#!/bin/sh\nexec "${process.env['VITRINE_BROWSER'] ?? '/usr/bin/chromium'}" ${flags} "$@"\n`,
    {
      mode: 0o755,
    },
  )
  return script
}
