/**
 * Small helpers of the set-up: running programs, finding them on PATH, and remembering what could not be had.
 * Plain JavaScript that Node 18 runs, with no packages: it works before anything is installed.
 */
import { spawn } from 'node:child_process'
import { accessSync, constants, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** A step that failed: what happened and what to do about it. */
export class SetupError extends Error {
  /** @param {string} message @param {string} remedy */
  constructor(message, remedy) {
    super(message)
    this.remedy = remedy
  }
}

/** Says one line. On stderr, so that a command's own output stays clean. */
export const say = (line) => process.stderr.write(`${line}\n`)

/**
 * Runs a program to its end without showing its output.
 * @returns {Promise<{ok: boolean, output: string}>} its exit and what it wrote
 */
export function runQuietly(
  program,
  args,
  { env = process.env, cwd = root, seconds = 3600, shell = false } = {},
) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const append = (chunk) => {
      output = (output + chunk).slice(0, 100_000)
    }
    child.stdout.on('data', append)
    child.stderr.on('data', append)
    const timer = setTimeout(() => {
      output += `\nstopped after ${seconds} s`
      child.kill('SIGKILL')
    }, seconds * 1000)
    const finish = (ok) => {
      clearTimeout(timer)
      resolve({ ok, output: output.trim() })
    }
    child.on('error', (error) => {
      output += error.message
      finish(false)
    })
    child.on('close', (code) => finish(code === 0))
  })
}

/**
 * Runs a program in the foreground, as if it had been started itself: its output, its signals, its exit code.
 * @returns {Promise<number>} the exit code
 */
export function runInForeground(
  program,
  args,
  { env = process.env, cwd = process.cwd(), stdio = 'inherit' } = {},
) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio })
    // Ctrl-C reaches the child by the terminal; this process waits for its answer.
    const ignore = () => {}
    const forward = (signal) => child.kill(signal)
    process.on('SIGINT', ignore)
    process.on('SIGTERM', forward)
    process.on('SIGHUP', forward)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      process.off('SIGINT', ignore)
      process.off('SIGTERM', forward)
      process.off('SIGHUP', forward)
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1))
    })
  })
}

export function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** The first of `names` found on PATH, or null. */
export function findOnPath(...names) {
  const suffixes = process.platform === 'win32' ? ['.exe', '.cmd'] : ['']
  for (const name of names) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      for (const suffix of suffixes) {
        const path = join(folder, name + suffix)
        if (folder && isProgram(path)) {
          return path
        }
      }
    }
  }
  return null
}

export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}

const failuresFile = join(root, 'node_modules', '.cache', 'vitrine', 'unavailable.json')

/**
 * Why a download failed earlier, or null. Forgotten when packages are installed anew, or by `npm run setup --
 * --retry`.
 */
export const rememberedFailure = (download) => readJson(failuresFile)?.[download] ?? null

export function rememberFailure(download, reason) {
  mkdirSync(dirname(failuresFile), { recursive: true })
  writeFileSync(failuresFile, JSON.stringify({ ...readJson(failuresFile), [download]: reason }, null, 2))
}

export function forgetFailures() {
  mkdirSync(dirname(failuresFile), { recursive: true })
  writeFileSync(failuresFile, '{}')
}

/** Whether a server answers at all within five seconds; behind a proxy only a real download can tell. */
export async function canReach(url) {
  if (process.env.HTTPS_PROXY || process.env.https_proxy || process.env.ALL_PROXY) {
    return true
  }
  try {
    await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(5000) })
    return true
  } catch {
    return false
  }
}
