/**
 * Every procedure of the contract, called with what no window would send (see schema-inputs.ts), on a project in
 * which everything is there. Each call must be answered or refused in a sentence, soon; jobs that it starts are
 * cancelled at once; and the project must be sound afterwards.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import * as z from 'zod'
import { contract } from '#contract'
import { CancelledError, VitrineError } from '../../src-main/common/failures.ts'
import { compose } from '../../src-main/compose.ts'
import type { Application } from '../../src-main/compose.ts'
import { startNodeEngine } from '../../src-main/engine-host/process.ts'
import { engineEntry } from '../../src-main/paths.ts'
import { createLocalClient } from '../../src-main/router.ts'
import { databaseFaults } from '../database-faults.ts'
import { prepareHome, prepareProject } from '../prepared.ts'
import { tinyModel } from '../hub/model.ts'
import { serveHub } from '../hub/server.ts'
import { inputsFor } from './schema-inputs.ts'
import type { Vocabulary } from './schema-inputs.ts'

/** When the caller thinks better of a call, in milliseconds. */
const PATIENCE = 3000
/** When a call must have ended at the latest: it has seen by then that nobody waits for it. */
const LONGEST_CALL = 60_000
/** Calls that a fresh copy of the project takes before the next one. */
const CALLS_A_PROJECT = 2500
/** They take long: they have their turn so many times more seldom. */
const RARE = 20
const RARE_PROCEDURES = new Set([
  'app.doctor',
  'app.events',
  'project.create',
  'storage.restore',
  'project.close',
  'project.open',
])

interface Call {
  path: string
  input: unknown
}

export interface FuzzReport {
  calls: number
  answered: number
  /** Refused for what the schema says of the input. */
  misfits: number
  /** Refused in a sentence of ours. */
  refused: number
  /** Jobs that were started and cancelled. */
  jobs: number
  faults: readonly string[]
}

type Counts = { -readonly [Name in keyof FuzzReport]: FuzzReport[Name] extends number ? number : string[] }

/** Makes `calls` calls. The same seed makes the same ones. */
export async function fuzzProcedures(calls: number, seed: number): Promise<FuzzReport> {
  const counts: Counts = { calls: 0, answered: 0, misfits: 0, refused: 0, jobs: 0, faults: [] }
  for (let from = 0; from < calls; from += CALLS_A_PROJECT) {
    await fuzzOneProject(Math.min(CALLS_A_PROJECT, calls - from), seed + from, counts)
  }
  return counts
}

async function fuzzOneProject(calls: number, seed: number, counts: Counts): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-fuzz-'))
  const before = process.cwd()
  const home = join(folder, 'home')
  // Texts that are taken for relative paths, and lead upwards, stay within the folder.
  const deep = join(folder, 'a', 'b', 'c', 'd')
  mkdirSync(deep, { recursive: true })
  const pipe = join(folder, 'pipe')
  makePipe(pipe)
  const { project, sample } = await prepareProject('trained', folder)
  await prepareHome(home)
  process.chdir(deep)
  // No call may reach the real hub; this one has models by two of the words that calls are made of.
  const hub = await serveHub({ a: tinyModel(), red: { 'config.json': Buffer.from('{') } })
  const { HF_ENDPOINT } = process.env
  process.env['HF_ENDPOINT'] = hub.endpoint
  const app = compose({
    home,
    startEngine: (settings) => startNodeEngine(engineEntry, settings),
    shell: 'command line',
  })
  try {
    const reopen = () =>
      app.services.project.open(
        { path: project, stopJobs: true },
        { signal: new AbortController().signal, who: 'Ann' },
      )
    await reopen()
    for (const call of callsFor(calls, seed, vocabularyOf(folder, sample, pipe))) {
      await make(app, call, counts)
      if (call.path.startsWith('project.')) {
        await reopen()
      }
    }
    counts.faults.push(...databaseFaults(project))
  } finally {
    await app.close()
    await hub.close()
    setEnvironment('HF_ENDPOINT', HF_ENDPOINT)
    process.chdir(before)
    await rm(folder, { recursive: true, force: true })
  }
}

function setEnvironment(name: string, value: string | undefined): void {
  if (value === undefined) {
    Reflect.deleteProperty(process.env, name)
  } else {
    process.env[name] = value
  }
}

const vocabularyOf = (folder: string, sample: string, pipe: string): Vocabulary => ({
  paths: [
    join(sample, 'clips'),
    join(sample, 'captions.tsv'),
    join(sample, 'split.tsv'),
    join(folder, 'new.vitrine'),
    join(folder, 'out'),
    join(folder, 'none', 'out'),
    join(sample, 'clips', 'clip0001.mp4'),
    pipe,
    '..',
    '.',
  ],
  words: [
    'a red ball',
    'clip0001',
    'red',
    'test',
    'train',
    '1',
    '0',
    'trained',
    'cpu',
    'Ann',
    'a',
    '-1',
    '1e9',
  ],
})

/** A pipe, at which whoever reads it would wait for ever; where there are none, an empty file. */
function makePipe(path: string): void {
  if (process.platform === 'win32') {
    writeFileSync(path, '')
  } else {
    execFileSync('mkfifo', [path])
  }
}

/** The calls, in order. */
function callsFor(calls: number, seed: number, vocabulary: Vocabulary): Call[] {
  const arbitraries = Object.entries(contract).flatMap(([noun, procedures]) =>
    Object.entries(procedures).map(([name, procedure]) => {
      const path = `${noun}.${name}`
      const inputs = inputsFor(procedure['~orpc'].inputSchema, vocabulary)
      return {
        weight: RARE_PROCEDURES.has(path) ? 1 : RARE,
        arbitrary: inputs.map((input): Call => ({ path, input })),
      }
    }),
  )
  return fc.sample(fc.oneof(...arbitraries), { numRuns: calls, seed })
}

/** Makes a call and counts what came of it. */
async function make(app: Application, { path, input }: Call, counts: Counts): Promise<void> {
  const [noun = '', name = ''] = path.split('.')
  const client = createLocalClient(app, AbortSignal.timeout(PATIENCE)) as unknown as Record<
    string,
    Record<string, (input: unknown) => Promise<unknown>>
  >
  counts.calls++
  const fault = (what: string): void => {
    counts.faults.push(`${path}(${fc.stringify(input)}): ${what}`)
  }
  try {
    const answer = await withinTime(client[noun]![name]!(input))
    counts.answered++
    await cancelStarted(app, answer, counts, fault)
  } catch (error) {
    if (error instanceof z.ZodError) {
      counts.misfits++
    } else if (error instanceof VitrineError) {
      counts.refused++
      if (!/[.!?]"?$/.test(error.message)) {
        fault(`this is no sentence: ${error.message}`)
      }
    } else if (!(error instanceof CancelledError)) {
      fault(error instanceof Error ? (error.stack ?? error.message) : String(error))
    }
  }
}

async function withinTime<Answer>(work: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error('no answer'))
    }, LONGEST_CALL)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

const jobStarted = z.object({ jobId: z.number() })

/** Cancels the job that a call has started; it may fail in the meantime, with a sentence. */
async function cancelStarted(
  app: Application,
  answer: unknown,
  counts: Counts,
  fault: (what: string) => void,
): Promise<void> {
  const started = jobStarted.safeParse(answer)
  if (!started.success) {
    return
  }
  counts.jobs++
  app.jobs.cancel(started.data.jobId)
  const job = await withinTime(app.jobs.finished(started.data.jobId))
  if (job.state === 'failed' && job.failure.code === 'BUG') {
    fault(job.failure.message)
  }
}
