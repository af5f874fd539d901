/**
 * What many tests start from: a small rendered corpus in a project, at several stages of the work. Each stage
 * is made once for the sources as they are, by the command line from the sources, kept in node_modules/.cache,
 * and copied for whoever asks: no test sees what another did.
 */
import { spawn } from 'node:child_process'
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
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

const root = dirname(import.meta.dirname)
const caches = join(root, 'node_modules', '.cache', 'vitrine-tests')

/** Clips of the corpus; all of them have captions and a split. */
export const CLIPS = 16
export const TOPICS = 6
export const FRAMES = 4

/** The network of the trained projects: it learns in seconds what corrections can then change. */
const SMALL_NETWORK = [
  'encoderSize=12',
  'hiddenSize=24',
  'attentionSize=8',
  'embeddingSize=12',
  'topicHiddenSize=12',
  'captionsPerClip=2',
  'learningRate=0.02',
  'projection=16',
]
const TRAINING = [
  '--device',
  'cpu',
  '--batch',
  '4',
  ...SMALL_NETWORK.flatMap((setting) => ['--set', setting]),
]

interface Recipe {
  after: Stage | null
  /** Command lines, run in a folder of their own, one after the other. */
  commands: string[][]
}

const RECIPES = {
  imported: {
    after: null,
    commands: [
      ['sample', 'sample', '--videos', String(CLIPS), '--seed', '3'],
      ['new', 'p.vitrine'],
      [
        ...['import', 'p.vitrine', '--videos', 'sample/clips'],
        ...['--captions', 'sample/captions.tsv', '--split', 'sample/split.tsv'],
      ],
    ],
  },
  /** Features and topics. */
  topics: {
    after: 'imported',
    commands: [
      ['features', 'p.vitrine', '--frames', String(FRAMES), '--grid', '1'],
      ['topics', 'p.vitrine', '-k', String(TOPICS), '--iterations', '60'],
    ],
  },
  /** A model, its captions of the test and validation splits, and its neuron map. */
  trained: {
    after: 'topics',
    commands: [
      ['train', 'p.vitrine', ...TRAINING, '--epochs', '12'],
      ['caption', 'p.vitrine'],
      ['caption', 'p.vitrine', '--split', 'val'],
      ['neurons', 'p.vitrine'],
    ],
  },
  /** A series of two models with greedy captions of the training split; the first has a neuron map. */
  series: {
    after: 'topics',
    commands: [
      ['train', 'p.vitrine', ...TRAINING, '--epochs', '6', '--seeds', '2'],
      ['caption', 'p.vitrine', '--model', '1', '--split', 'train', '--greedy'],
      ['caption', 'p.vitrine', '--model', '2', '--split', 'train', '--greedy'],
      ['neurons', 'p.vitrine', '--model', '1'],
    ],
  },
} as const satisfies Record<string, Recipe>

export type Stage = 'imported' | 'topics' | 'trained' | 'series'

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

/** The kept folder of a stage. Of several who ask at a time one makes it, and the others wait. */
async function madeOnce(stage: Stage): Promise<string> {
  const cache = join(caches, stampOfSources())
  const made = join(cache, stage)
  mkdirSync(cache, { recursive: true })
  while (!existsSync(made)) {
    const lock = `${made}.lock`
    if (takeLock(lock)) {
      try {
        // It may have been made between the look and the lock.
        if (!existsSync(made)) {
          await make(stage, made)
        }
      } finally {
        rmSync(lock, { force: true })
      }
    } else {
      await setTimeout(50)
    }
  }
  return made
}

async function make(stage: Stage, made: string): Promise<void> {
  const { after, commands }: Recipe = RECIPES[stage]
  const start = after === null ? null : await madeOnce(after)
  const folder = mkdtempSync(`${made}-`)
  try {
    if (start === null) {
      removeOlder(dirname(made))
    } else {
      cpSync(start, folder, { recursive: true })
    }
    for (const command of commands) {
      await vitrine(folder, command)
    }
    rmSync(join(folder, 'home', 'recent.json'), { force: true })
    renameSync(folder, made)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** Whether this process now has the lock; one whose process is gone is taken over. */
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

/** Runs a command of the command line, from the sources. */
async function vitrine(folder: string, args: string[]): Promise<void> {
  const sqlText = join(root, 'scripts', 'sql-text.mjs')
  const child = spawn(process.execPath, ['--import', sqlText, join(root, 'src-main', 'cli.ts'), ...args], {
    cwd: folder,
    env: { ...process.env, VITRINE_HOME: join(folder, 'home'), NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString()
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) {
    throw new Error(`vitrine ${args.join(' ')} ended with ${String(code)}:\n${complaint}`)
  }
}

/** Changes with every source file that is added, removed or edited, and with this file. */
function stampOfSources(): string {
  const sources = join(root, 'src-main')
  const hash = createHash('sha256')
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).map((name) => join(sources, name))
  for (const file of [...files.sort(), join(root, 'package-lock.json'), import.meta.filename]) {
    const { size, mtimeMs } = statSync(file)
    hash.update(`${file}\0${size}\0${mtimeMs}\n`)
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
