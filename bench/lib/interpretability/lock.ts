/**
 * What a folder of figures was made with, in lock.json: the settings, which may not change, and by which commits of the
 * code and when its pieces were made.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { captionerSettings } from '#contract'
import type { CaptionerSettings } from '#contract'
import { writeFileAtomic } from '../../../src-main/formats/atomic.ts'

const FILE = 'lock.json'

interface Making {
  /** With `+` where files of the code differ from it. */
  commit: string
  date: string
}

export interface Lock {
  settings: CaptionerSettings
  /** The first making, and those that went on with other code. */
  made: Making[]
}

/** What a folder was made with; null: it is not locked. Throws where that were other settings. */
export async function readLock(folder: string, settings: CaptionerSettings): Promise<Lock | null> {
  const path = join(folder, FILE)
  if (!existsSync(path)) {
    return null
  }
  const lock = JSON.parse(await readFile(path, 'utf8')) as Lock
  // Settings that there were not yet are what they are by default.
  const held = captionerSettings.parse(lock.settings)
  const differing = Object.entries(settings).filter(
    ([name, value]) => held[name as keyof CaptionerSettings] !== value,
  )
  if (differing.length > 0) {
    throw new Error(
      `${folder} was made with other settings (${differing.map(([name]) => name).join(', ')}): name another folder, or delete it`,
    )
  }
  return lock
}

/** Locks a folder, or notes that it goes on, by which commit. Throws as `readLock`. */
export async function takeLock(folder: string, settings: CaptionerSettings): Promise<Lock> {
  const made = (await readLock(folder, settings))?.made ?? []
  const commit = currentCommit()
  const lock = {
    settings,
    made: made.at(-1)?.commit === commit ? made : [...made, { commit, date: new Date().toISOString() }],
  }
  await writeFileAtomic(join(folder, FILE), Buffer.from(`${JSON.stringify(lock, null, 2)}\n`))
  return lock
}

function currentCommit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
  const changed = git('status', '--porcelain', '--untracked-files=no', '--', ':/src-main', ':/bench')
  return `${git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : '+'}`
}
