/** A Chromium-family browser's window as the application's window, apart from the user's own browsing. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { QUIET_SWITCHES } from './quiet-chromium.ts'

/**
 * Why no window can be opened here, or null. The launcher looks for a browser and names it in
 * VITRINE_BROWSER.
 */
export function whyNoBrowser(): string | null {
  if (!process.env['VITRINE_BROWSER']) {
    return 'no browser of the Chromium family was found (VITRINE_BROWSER can name one)'
  }
  const { DISPLAY, WAYLAND_DISPLAY } = process.env
  if (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY) {
    return 'this machine has no display'
  }
  return null
}

/**
 * Opens `address` in a window without tabs and address bar. `profile`: a folder that the browser may use as
 * its own.
 */
export function openWindow(address: string, profile: string): ChildProcess {
  const flags = [
    `--app=${address}`,
    `--user-data-dir=${profile}`,
    '--no-first-run',
    '--no-default-browser-check',
    '--window-size=1440,900',
    ...Object.entries(QUIET_SWITCHES).map(([name, value]) =>
      value === null ? `--${name}` : `--${name}=${value}`,
    ),
  ]
  // Chromium refuses to sandbox for root; --test-type keeps it from warning about that in every window.
  if (process.getuid?.() === 0) {
    flags.push('--no-sandbox', '--test-type')
  }
  return spawn(process.env['VITRINE_BROWSER'] ?? '', flags, { stdio: 'ignore' })
}
