/**
 * What many tests start from: a small rendered corpus in a project, at several stages of the work. Each stage is
 * made once for the sources as they are, kept in node_modules/.cache, and copied for whoever asks: no test sees
 * what another did.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'

const root = dirname(import.meta.dirname)
const caches = join(root, 'node_modules', '.cache', 'vitrine-tests')
const maker = join(import.meta.dirname, 'prepare-stage.ts')

/** Clips of the corpus; all of them have captions and a split. */
export const CLIPS = 16
export const TOPICS = 6
export const FRAMES = 4

/** Each stage, and the one that it goes on from. */
const BEFORE = {
  /** Clips and captions. */
  imported: null,
  /** Features and topics. */
  topics: 'imported',
  /** A model, its captions of the test and validation splits, and its neuron map. */
  trained: 'topics',
  /** A series of two models with greedy captions of the training split; the first has a neuron map. */
  series: 'topics',
} as const
export type Stage = keyof typeof BEFORE

export interface Prepared {
  project: string
  /** The rendered corpus: `clips`, `captions.tsv`, `split.tsv`, `actions`. */
  sample: string
}

/** Copies a stage into `folder`: a project of the given name beside its corpus. */
export async function prepareProject(stage: Stage, folder: string, name = 'p'): Promise<Prepared> {
  const made = await madeOnce(stage)
  const prepared = { project: join(folder, `${name}.vitrine`), sample: join(folder, 'sample') }
  cpSync(join(made, 'p.vitrine'), prepared.project, { recursive: true })
  cpSync(join(made, 'sample'), prepared.sample, { recursive: true })
  return prepared
}

/** Puts the built frame encoder into a user's folder of Vitrine, so that it is not built again. */
export async function prepareHome(home: string): Promise<void> {
  cpSync(join(await madeOnce('topics'), 'home', 'encoders'), join(home, 'encoders'), { recursive: true })
}

/** Where the stages for these sources are kept; the sources are read once in a process. */
let cacheOfSources: string | null = null

/** The kept folder of a stage. Of several who ask at a time one makes it, and the others wait. */
async function madeOnce(stage: Stage): Promise<string> {
  const cache = (cacheOfSources ??= join(caches, stampOfSources()))
  const made = join(cache, stage)
  mkdirSync(cache, { recursive: true })
  while (!existsSync(made)) {
    const lock = `${made}.lock`
    if (!takeLock(lock)) {
      await setTimeout(50)
      continue
    }
    try {
      // It may have been made between the look and the lock.
      if (!existsSync(made)) {
        await make(stage, made)
      }
    } finally {
      rmSync(lock, { force: true })
    }
  }
  return made
}

async function make(stage: Stage, made: string): Promise<void> {
  const before = BEFORE[stage]
  const start = before === null ? null : await madeOnce(before)
  const folder = mkdtempSync(`${made}-`)
  try {
    if (start === null) {
      removeOlder(dirname(made))
    } else {
      cpSync(start, folder, { recursive: true })
    }
    const sqlText = join(root, 'scripts', 'sql-text.mjs')
    const env = { ...process.env, NODE_OPTIONS: '' }
    await promisify(execFile)(process.execPath, ['--import', sqlText, maker, stage], { cwd: folder, env })
    renameSync(folder, made)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Whether this process now has the lock; that of a process that is gone is removed. */
function takeLock(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    removeIfOrphaned(lock)
    return false
  }
}

function removeIfOrphaned(lock: string): void {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') {
      rmSync(lock, { force: true })
    }
  }
}

/**
 * Changes with every source file that is added, removed or edited, and with what makes the stages. By content: a
 * test of `npm run dev` only touches a source.
 */
function stampOfSources(): string {
  const sources = join(root, 'src-main')
  const hash = createHash('sha256')
  const files = readdirSync(sources, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  for (const file of [...files, join(root, 'package-lock.json'), import.meta.filename, maker]) {
    hash.update(`${file}\0`).update(readFileSync(file))
  }
  return hash.digest('hex').slice(0, 16)
}

function removeOlder(cache: string): void {
  for (const older of readdirSync(caches)) {
    if (join(caches, older) !== cache) {
      rmSync(join(caches, older), { recursive: true, force: true })
    }
  }
}
