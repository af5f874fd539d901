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

/** Locks a folder, or opens its lock again. Throws where it was made with other settings. */
export async function takeLock(folder: string, settings: CaptionerSettings): Promise<Lock> {
  const path = join(folder, 'lock.json')
  const held = existsSync(path) ? (JSON.parse(await readFile(path, 'utf8')) as Lock) : null
  // Settings that there were not yet are what they are by default.
  const before = held && captionerSettings.parse(held.settings)
  const differing = Object.entries(settings).filter(
    ([name, value]) => before !== null && before[name as keyof CaptionerSettings] !== value,
  )
  if (differing.length > 0) {
    throw new Error(
      `${folder} was made with other settings (${differing.map(([name]) => name).join(', ')}): name another folder, or delete it`,
    )
  }
  const commit = currentCommit()
  const made = held?.made ?? []
  const lock = {
    settings,
    made: made.at(-1)?.commit === commit ? made : [...made, { commit, date: new Date().toISOString() }],
  }
  await writeFileAtomic(path, Buffer.from(`${JSON.stringify(lock, null, 2)}\n`))
  return lock
}

function currentCommit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
  const changed = git('status', '--porcelain', '--untracked-files=no', '--', ':/src-main', ':/bench')
  return `${git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : '+'}`
}
