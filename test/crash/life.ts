/**
 * One life of the program, to be killed at any moment: it works on a project without a pause (a job after the
 * other, and edits beside them) and says on standard output what it is about to do and what is done, a line of
 * JSON each. What it said was done must be there after any death.
 *
 *   node --import scripts/sql-text.mjs test/crash/life.ts HOME PROJECT SAMPLE EXPORTS SEED PAUSE
 *
 * PAUSE: milliseconds between two edits.
 */
import { writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import type { Client } from '#contract'
import { VitrineError } from '../../src-main/common/failures.ts'
import { createRandom } from '../../src-main/common/random.ts'
import { compose } from '../../src-main/compose.ts'
import { startNodeEngine } from '../../src-main/engine-host/process.ts'
import { engineEntry } from '../../src-main/paths.ts'
import { createLocalClient } from '../../src-main/router.ts'
import { TINY } from '../project/workbench.ts'
import { MODEL } from './journal.ts'
import type { Line } from './journal.ts'

const NEURONS = 8
const EXPORTED = ['model', 'captions', 'topics', 'neurons'] as const
const VERDICTS = ['right', 'nearly', 'wrong', 'skip'] as const

const [home = '', project = '', sample = '', exportsFolder = '', seed = '', pause = ''] =
  process.argv.slice(2)
const random = createRandom(Number(seed))
const pick = <Value>(values: readonly Value[]): Value => values[random.below(values.length)]!
let made = 0
/** A text that no other act of any life has. */
const uniqueText = (): string => `life ${seed} act ${made++}`

// Not by a stream: what is said must have left this process before the next step.
const say = (line: Line): void => void writeSync(1, `${JSON.stringify(line)}\n`)

const app = compose({
  home,
  startEngine: (settings) => {
    const engine = startNodeEngine(engineEntry, settings)
    say({ engine: engine.pid ?? 0 })
    return engine
  },
  shell: 'command line',
})
const client: Client = createLocalClient(app)

await client.project.open({ path: project })
const clipIds = (await client.corpus.clips({ limit: 500 })).rows.map(({ id }) => id)
const trained = (await client.corpus.clips({ split: 'train' })).rows.map(({ id }) => id)
const captioned = (await client.review.list({ modelId: MODEL, limit: 500 })).rows.map(({ clipId }) => clipId)

/** Jobs, one after the other, for ever. */
async function work(): Promise<never> {
  for (;;) {
    const [name, job] = pick(Object.entries(JOBS))
    say({ job: name })
    await job().catch(unlessEngineDied)
  }
}

/** Edits, for ever. */
async function edit(): Promise<never> {
  for (;;) {
    await pick(EDITS)()
    await setTimeout(Number(pause))
  }
}

/** How this process fares, once a second. */
async function beat(): Promise<never> {
  const delays = monitorEventLoopDelay({ resolution: 5 })
  delays.enable()
  for (;;) {
    await setTimeout(1000)
    const { rss, heapUsed } = process.memoryUsage()
    say({ memory: rss, heap: heapUsed, longestSilence: delays.max / 1e6 })
    delays.reset()
  }
}

/** Says what becomes of `key` before and after `act`. */
async function saying(key: string, value: string, act: () => Promise<unknown>): Promise<void> {
  say({ key, value, made: false })
  await act()
  say({ key, value, made: true })
}

/** Why a job may fail: its engine was killed, or the job that it builds on was. */
const ALLOWED_FAILURES = ['ENGINE_DIED', 'NOT_READY']

/** A call that had the engine at work when that was killed is refused; it is no fault. */
function unlessEngineDied(error: unknown): void {
  if (!(error instanceof VitrineError) || error.code !== 'ENGINE_DIED') {
    throw error
  }
}

/** Waits for a job's end; returns whether it did what it was to do. */
async function finish(started: Promise<{ jobId: number }>): Promise<boolean> {
  const { jobId } = await started
  const job = await app.jobs.finished(jobId)
  if (job.state === 'failed' && !ALLOWED_FAILURES.includes(job.failure.code)) {
    say({ fault: `${job.title}: ${job.failure.message}` })
  }
  return job.state === 'done'
}

const JOBS: Record<string, () => Promise<unknown>> = {
  async import() {
    const captions = clipIds
      .filter(() => random.next() < 0.3)
      .map((clipId) => ({ clipId, text: uniqueText() }))
    const file = join(sample, `captions ${seed}.tsv`)
    const names = new Map((await client.corpus.clips({ limit: 500 })).rows.map(({ id, name }) => [id, name]))
    writeFileSync(file, captions.map(({ clipId, text }) => `${names.get(clipId)}\t${text}\n`).join(''))
    if (captions.length === 0) {
      return
    }
    captions.forEach(({ clipId, text }) => {
      say({ key: `caption/${text}`, value: String(clipId), made: false })
    })
    if (await finish(client.corpus.import({ videos: join(sample, 'clips'), captions: file }))) {
      captions.forEach(({ clipId, text }) => {
        say({ key: `caption/${text}`, value: String(clipId), made: true })
      })
    }
  },
  features: () => finish(client.corpus.computeFeatures({ frames: 2 + random.below(5), grid: 1 })),
  topics: () =>
    finish(client.topics.extract({ k: 4, iterations: 20, seed: random.below(9), minDocumentFrequency: 1 })),
  train: () => finish(client.training.train({ settings: { ...TINY, epochs: 3 }, device: 'cpu' })),
  captions: () => finish(client.review.generate({ split: 'test' })),
  neurons: () => finish(client.neurons.interpret({ shuffles: 1 })),
  async correct() {
    const clipId = pick(captioned)
    // The words of a training clip: the model can say them.
    const { captions } = await client.corpus.clip({ clipId: pick(trained) })
    const typed = captions[0]?.text ?? 'a red ball'
    const note = uniqueText()
    const queued = (await client.corrections.list()).filter(({ state }) => state === 'queued')
    if (!queued.some((correction) => correction.clipId === clipId)) {
      await saying(`correction/${note}`, String(clipId), () =>
        client.corrections.enqueue({ modelId: MODEL, clipId, typed, note }),
      )
    }
    await finish(client.corrections.learn({}))
    const [version] = (await client.training.models()).filter(({ state }) => state === 'proposed')
    if (version !== undefined) {
      await client.corrections.accept({ modelId: version.id })
    }
  },
  async export() {
    const what = pick(EXPORTED)
    const to = join(exportsFolder, `${what} ${random.below(3)}`)
    const isDone = await finish(client.exports.run({ what, modelId: MODEL, to, overwrite: true }))
    // What people say of captions, topics and neurons changes meanwhile; the model does not.
    if (isDone && what === 'model') {
      say({ exported: what, files: (await client.exports.last())?.files ?? [] })
    }
  },
}

const EDITS: (() => Promise<void>)[] = [
  () => {
    const clipId = pick(clipIds)
    const note = uniqueText()
    return saying(`note/${clipId}`, note, () => client.review.note({ clipId, note }))
  },
  () => {
    const clipId = pick(captioned)
    const verdict = pick(VERDICTS)
    return saying(`verdict/${clipId}`, verdict, () =>
      client.review.judge({ modelId: MODEL, clipIds: [clipId], verdict }),
    )
  },
  () => {
    const neuron = random.below(NEURONS)
    const label = uniqueText()
    return saying(`neuron/${neuron}`, label, () =>
      client.neurons.judge({
        modelId: MODEL,
        neuron,
        judgement: { verdict: 'agree', label, note: '' },
      }),
    )
  },
  () => {
    const clipId = pick(clipIds)
    const text = uniqueText()
    return saying(`caption/${text}`, String(clipId), () => client.corpus.addCaption({ clipId, text }))
  },
  () => {
    const note = uniqueText()
    return saying('model note', note, () => client.training.note({ modelId: MODEL, note }))
  },
]

say({ ready: true })
await Promise.all([work(), edit(), beat()])
