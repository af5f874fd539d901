/**
 * Kills the program again and again while it works on a project (see life.ts), and looks after each death
 * whether everything that was said to be done is there, the database is sound, no half file passes for a whole
 * one, and nothing is left lying about once the project was opened again.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { createRandom } from '../../src-main/common/random.ts'
import { compose } from '../../src-main/compose.ts'
import { startNodeEngine } from '../../src-main/engine-host/process.ts'
import { engineEntry } from '../../src-main/paths.ts'
import { createLocalClient } from '../../src-main/router.ts'
import type { Random } from '../../src-main/common/random.ts'
import { readSafetensors } from '../../src-main/formats/safetensors.ts'
import type { OpenProject } from '../../src-main/store/index.ts'
import { databaseFaults } from '../database-faults.ts'
import { prepareHome, prepareProject } from '../prepared.ts'
import { createJournal, MODEL } from './journal.ts'
import type { Journal, Line } from './journal.ts'

const SQL_TEXT = join(import.meta.dirname, '..', '..', 'scripts', 'sql-text.mjs')
const LIFE = join(import.meta.dirname, 'life.ts')

/** How long a life goes on after it is ready at the longest, and how long it waits between edits, in milliseconds. */
const KILLING_PACE: Pace = { shortestLife: 0, longestLife: 4000, pause: 2 }
const SHARE_OF_ENGINE_KILLS = 0.25
/** How long an engine may outlive its main process, in milliseconds. */
const ORPHAN_GRACE = 15_000
/** What a file is called while it is being written: see src-main/formats/atomic.ts. */
const TEMPORARY = /\.(tmp|old)$/

export interface CrashReport {
  kills: number
  /** Those of them that met the engine first. */
  engineKills: number
  /** Changes that were said to be made. */
  acknowledged: number
  /** How often each job was going on at the moment of death. */
  interrupted: Readonly<Record<string, number>>
  /** What was wrong, with the number of the life; empty: nothing. */
  faults: readonly string[]
}

interface Pace {
  shortestLife: number
  longestLife: number
  pause: number
}

interface CrashOptions {
  /** An empty folder. */
  folder: string
  kills: number
  seed: number
  pace?: Pace
  /** Told all that a life says. */
  onLine?: (line: Line) => void
  /** Told after each death. */
  onDeath?: (kill: number, faults: number) => void
}

/** What becomes of the project over all lives. */
interface Run {
  pace: Pace
  onLine: (line: Line) => void
  home: string
  project: string
  sample: string
  exports: string
  random: Random
  journal: Journal
  /** The size of each file of an export that comes out the same each time, by kind of export and file name. */
  exported: Map<string, Map<string, number>>
  interrupted: Record<string, number>
  faults: string[]
}

/** Kills the program `kills` times. The same seed leads to the same acts; when they are cut off is up to the clock. */
export async function crash({
  folder,
  kills,
  seed,
  pace = KILLING_PACE,
  onLine,
  onDeath,
}: CrashOptions): Promise<CrashReport> {
  const home = join(folder, 'home')
  const { project, sample } = await prepareProject('trained', folder)
  await prepareHome(home)
  const exports = join(folder, 'exports')
  mkdirSync(exports)
  const run: Run = {
    home,
    project,
    sample,
    exports,
    pace,
    onLine: onLine ?? (() => {}),
    random: createRandom(seed),
    journal: createJournal(),
    exported: new Map(),
    interrupted: {},
    faults: [],
  }
  let engineKills = 0
  for (let kill = 1; kill <= kills; kill++) {
    const killsEngine = run.random.next() < SHARE_OF_ENGINE_KILLS && kills > 1
    engineKills += Number(killsEngine)
    const faults = [...(await live(run, seed * 10_000 + kill, killsEngine)), ...(await examine(run))]
    // What a death broke stays broken: it is said once.
    const isNew = (fault: string): boolean => !run.faults.some((known) => known.endsWith(`: ${fault}`))
    run.faults.push(...faults.filter(isNew).map((fault) => `life ${kill}: ${fault}`))
    onDeath?.(kill, run.faults.length)
  }
  return {
    kills,
    engineKills,
    acknowledged: run.journal.acknowledged(),
    interrupted: run.interrupted,
    faults: run.faults,
  }
}

/** One life until its violent end; returns the faults that it met. */
async function live(run: Run, seed: number, killsEngine: boolean): Promise<string[]> {
  const { home, project, sample, exports } = run
  const life = spawn(
    process.execPath,
    ['--import', SQL_TEXT, LIFE, home, project, sample, exports, String(seed), String(run.pace.pause)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const engines: number[] = []
  const faults: string[] = []
  let job = 'none'
  const ready = Promise.withResolvers<boolean>()
  const hear = (line: Line): void => {
    run.onLine(line)
    run.journal.add(line)
    if ('ready' in line) {
      ready.resolve(true)
    } else if ('engine' in line) {
      engines.push(line.engine)
    } else if ('job' in line) {
      job = line.job
    } else if ('exported' in line) {
      run.exported.set(line.exported, new Map(line.files.map(({ name, bytes }) => [name, bytes])))
    } else if ('fault' in line) {
      faults.push(line.fault)
    }
  }
  const lines = createInterface({ input: life.stdout })
  lines.on('line', (text) => {
    hear(JSON.parse(text) as Line)
  })
  let errors = ''
  life.stderr.on('data', (chunk) => (errors += String(chunk)))
  const closed = new Promise<void>((resolve) => lines.once('close', resolve))
  const exited = new Promise<void>((resolve) => life.once('exit', resolve))
  life.once('exit', () => {
    ready.resolve(false)
  })
  if (await ready.promise) {
    await setTimeout(lifetime(run))
    const engine = engines.at(-1)
    if (killsEngine && engine !== undefined) {
      killIfAlive(engine)
      await setTimeout(lifetime(run))
    }
  }
  if (hasEnded(life)) {
    faults.push(`it ended by itself: ${errors}`)
  }
  run.interrupted[job] = (run.interrupted[job] ?? 0) + 1
  life.kill('SIGKILL')
  await Promise.all([closed, exited])
  await Promise.all(engines.map((engine) => endOf(engine, faults)))
  return faults
}

const lifetime = ({ random, pace: { shortestLife, longestLife } }: Run): number =>
  shortestLife + random.next() * (longestLife - shortestLife)

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has just been ended by the life itself.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Waits for the end of an engine whose main process is gone. */
async function endOf(engine: number, faults: string[]): Promise<void> {
  const until = Date.now() + ORPHAN_GRACE
  while (isAlive(engine)) {
    if (Date.now() > until) {
      faults.push('the engine outlived its main process')
      killIfAlive(engine)
    }
    await setTimeout(20)
  }
}

/** What is wrong with what a death left, and with the project once the program has opened it again. */
async function examine(run: Run): Promise<string[]> {
  const faults = databaseFaults(run.project)
  const app = compose({
    home: run.home,
    startEngine: (settings) => startNodeEngine(engineEntry, settings),
    shell: 'command line',
  })
  try {
    await createLocalClient(app).project.open({ path: run.project })
    const project = app.project()
    faults.push(
      ...lost(project, run.journal),
      ...unended(project),
      ...brokenFeatures(project),
      ...(await brokenModels(project)),
      ...leftovers(run.project),
      ...brokenExports(run),
    )
  } catch (error) {
    faults.push(`the project does not open: ${String(error)}`)
  } finally {
    await app.close()
  }
  return faults
}

/** Changes that were said to be made, and are not there. */
function lost({ store }: OpenProject, journal: Journal): string[] {
  const verdicts = store.verdicts.ofModel(MODEL)
  const judgements = store.neurons.judgements(MODEL)
  const clipsOfCaptions = new Map(
    [...store.captions.byClip()].flatMap(([clipId, captions]) => captions.map(({ text }) => [text, clipId])),
  )
  const clipsOfCorrections = new Map(store.corrections.list().map(({ note, clipId }) => [note, clipId]))
  const read = (key: string): string | null => {
    const [kind, name = ''] = key.split(/\/(.*)/s)
    switch (kind) {
      case 'note':
        return store.verdicts.notesOn(Number(name))[0]?.note ?? null
      case 'verdict':
        return verdicts.get(Number(name))?.[0]?.verdict ?? null
      case 'neuron':
        return judgements.get(Number(name))?.label ?? null
      case 'caption':
        return clipsOfCaptions.get(name)?.toString() ?? null
      case 'correction':
        return clipsOfCorrections.get(name)?.toString() ?? null
      default:
        return store.models.get(MODEL).note
    }
  }
  return [...journal.allowed()].flatMap(([key, allowed]) => {
    const value = read(key)
    return allowed.includes(value) ? [] : [`${key} is ${value} and not ${allowed.join(' or ')}`]
  })
}

/** Jobs of the dead that still count as running. */
const unended = ({ store }: OpenProject): string[] =>
  store.jobs
    .list()
    .filter(({ state }) => state === 'queued' || state === 'running')
    .map(({ title, state }) => `"${title}" is still ${state}`)

/** Feature files that are not what was stored of them. */
function brokenFeatures({ folder }: OpenProject): string[] {
  const db = new Sqlite(join(folder, 'project.sqlite'), { readonly: true })
  const rows = db.prepare<[], { path: string; sha256: string }>('SELECT path, sha256 FROM feature').all()
  db.close()
  return rows
    .filter(({ path, sha256 }) => digest(join(folder, path)) !== sha256)
    .map(({ path }) => `${path} is not what was computed`)
}

const digest = (path: string): string | null =>
  existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : null

/** Models that can't be read, and folders of models that are not there. */
async function brokenModels({ folder, store }: OpenProject): Promise<string[]> {
  const faults: string[] = []
  const models = store.models.list()
  for (const model of models) {
    switch (model.state) {
      case 'training':
        faults.push(`model ${model.id} is still in training`)
        break
      case 'ready':
      case 'proposed':
        try {
          await readSafetensors(join(folder, model.folder, 'parameters.safetensors'))
          JSON.parse(readFileSync(join(folder, model.folder, 'model.json'), 'utf8'))
        } catch (error) {
          faults.push(`model ${model.id} is ${model.state} and can't be read: ${String(error)}`)
        }
        break
    }
  }
  const known = new Set(models.map(({ id }) => String(id)))
  for (const kind of ['models', 'runs']) {
    for (const name of namesIn(join(folder, kind))) {
      if (!known.has(name)) {
        faults.push(`${kind}/${name} belongs to no model`)
      }
    }
  }
  return faults
}

const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : [])

/** Temporary files in the project, now that it was opened again. */
const leftovers = (folder: string): string[] =>
  readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => TEMPORARY.test(name))
    .map((name) => `${name} is left`)

/** Exported files that are there under their name and not whole. */
function brokenExports({ exports, exported }: Run): string[] {
  return readdirSync(exports, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name)
    const name = relative(exports, path)
    if (!entry.isFile() || name.split(/[/\\]/).some((part) => TEMPORARY.test(part))) {
      return []
    }
    return isWhole(path, exported.get(name.split(' ')[0] ?? '')?.get(entry.name))
      ? []
      : [`${name} is not whole`]
  })
}

/**
 * `bytes`: how long the file was in an earlier export. Arrays and graphs are as long each time; figures of another model are not,
 * so texts are read instead.
 */
function isWhole(path: string, bytes: number | undefined): boolean {
  const content = readFileSync(path)
  switch (extname(path)) {
    case '.json':
      return isJson(content.toString())
    case '.csv':
    case '.tsv':
    case '.md':
      return content.at(-1) === 0x0a
    default:
      return bytes === undefined || content.length === bytes
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
