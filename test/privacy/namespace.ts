/** Runs commands in namespaces of their own, where what they try to send or to write is seen (watched.ts). */
import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Report } from './watched.ts'

const run = promisify(execFile)
/** Processes too: they end with the first of them. */
const NAMESPACES = ['--map-root-user', '--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
/** Far more than any of the tests needs; then its processes end. */
const TIMEOUT_MS = 230_000

/** Why no such namespaces can be made here, or null. */
export function whyNoNamespace(): string | null {
  if (process.platform !== 'linux') {
    return 'network namespaces are a feature of Linux'
  }
  try {
    execFileSync('unshare', [...NAMESPACES, 'ip', 'route', 'list'], { stdio: 'pipe' })
    return null
  } catch (error) {
    return `unshare and ip make no network namespace: ${error instanceof Error ? error.message.trim() : ''}`
  }
}

export interface Watched extends Report {
  /** Files in the user's home and in the temporary folder, from `folder`. */
  files: string[]
}

/**
 * Runs each of `commands` until one fails, with a home and a temporary folder of its own in `folder`, which
 * is all that they can write to.
 */
export async function watched(folder: string, commands: string[][]): Promise<Watched> {
  const [home, temporary] = [join(folder, 'home'), join(folder, 'tmp')]
  mkdirSync(home, { recursive: true })
  mkdirSync(temporary, { recursive: true })
  const report = join(folder, 'report.json')
  const script = join(import.meta.dirname, 'watched.ts')
  // Nothing of this machine's settings: variables may name other folders, or a proxy.
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    TMPDIR: temporary,
    VITRINE_BROWSER: process.env['VITRINE_BROWSER'],
  }
  const program = [process.execPath, script, report, folder, JSON.stringify(commands)]
  await run('unshare', [...NAMESPACES, ...program], {
    env,
    cwd: folder,
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  })
  const seen = JSON.parse(readFileSync(report, 'utf8')) as Report
  return { ...seen, files: [...filesIn(folder, 'home'), ...filesIn(folder, 'tmp')] }
}

const filesIn = (folder: string, name: string): string[] =>
  readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' })
    .map((path) => join(name, path))
    .filter((path) => !lstatSync(join(folder, path)).isDirectory())
