/**
 * Ten minutes of work without a pause on one project: jobs one after the other, ten edits a second beside them.
 * Says what the processes come to hold, how long main is silent, how long an edit takes to be durable, and what
 * is wrong with the project afterwards.
 *
 *   npm run bench -- soak                  (with MINUTES=1 or SEED=2 in the environment: so long, other acts)
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { printMachine } from './lib/machine.ts'
import { megabytes, printTable } from './lib/table.ts'
import { crash } from '../test/crash/harness.ts'
import type { Line } from '../test/crash/journal.ts'

const MINUTES = Number(process.env['MINUTES'] ?? 10)
const SEED = Number(process.env['SEED'] ?? 1)
const LIFE = MINUTES * 60_000

interface Sample {
  seconds: number
  main: number
  heap: number
  engine: number
  longestSilence: number
}

const started = performance.now()
const samples: Sample[] = []
const editTimes: number[] = []
const begun = new Map<string, number>()
const jobs = new Map<string, number>()
let engine = 0

function hear(line: Line): void {
  if ('engine' in line) {
    engine = line.engine
  } else if ('job' in line) {
    jobs.set(line.job, (jobs.get(line.job) ?? 0) + 1)
  } else if ('memory' in line) {
    const { memory, heap, longestSilence } = line
    const seconds = (performance.now() - started) / 1000
    void residentBytes(engine).then((bytes) => {
      samples.push({ seconds, main: memory, heap, engine: bytes, longestSilence })
    })
  } else if ('key' in line) {
    timeEdit(line)
  }
}

/** Captions of an import are as slow as the import. */
function timeEdit({ key, made }: { key: string; made: boolean }): void {
  const since = begun.get(key)
  if (!made) {
    begun.set(key, performance.now())
  } else if (since !== undefined && !key.startsWith('caption/')) {
    editTimes.push(performance.now() - since)
  }
}

/** What a process holds, in bytes; NaN where there is no /proc, or no such process. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? NaN)
}

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))] ?? NaN
const median = (values: readonly number[]): number => percentile(values, 0.5)

printMachine()
const folder = await mkdtemp(join(tmpdir(), 'vitrine-soak-'))
try {
  const { acknowledged, faults } = await crash({
    folder,
    kills: 1,
    seed: SEED,
    pace: { shortestLife: LIFE, longestLife: LIFE, pause: 100 },
    onLine: hear,
  })
  const tenth = (part: number): Sample[] =>
    samples.slice(Math.floor((part * samples.length) / 10), Math.ceil(((part + 1) * samples.length) / 10))
  printTable(
    // The least that a heap holds within a while is what a collection leaves: what grows there is kept.
    ['tenth of the time', 'main MB', 'of it kept in the heap', 'engine MB', 'longest silence of main, ms'],
    Array.from({ length: 10 }, (_, part) => [
      String(part + 1),
      megabytes(median(tenth(part).map(({ main }) => main))),
      megabytes(Math.min(...tenth(part).map(({ heap }) => heap))),
      megabytes(median(tenth(part).map(({ engine }) => engine))),
      Math.max(...tenth(part).map(({ longestSilence }) => longestSilence)).toFixed(0),
    ]),
  )
  printTable(
    ['what', 'figure'],
    [
      ...[...jobs].map(([job, count]) => [`jobs: ${job}`, String(count)]),
      ['changes acknowledged', String(acknowledged)],
      ['an edit until it is durable, median, ms', median(editTimes).toFixed(1)],
      ['an edit, 99th percentile, ms', percentile(editTimes, 0.99).toFixed(1)],
      ['an edit, longest, ms', percentile(editTimes, 1).toFixed(1)],
      [
        'silence of main, 99th percentile of seconds, ms',
        percentile(
          samples.map(({ longestSilence }) => longestSilence),
          0.99,
        ).toFixed(0),
      ],
      ['faults', String(faults.length)],
    ],
  )
  faults.forEach((fault) => {
    console.log(fault)
  })
  process.exitCode = faults.length === 0 ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
