/**
 * A corpus of 41,000 clips with 20 captions each, trained for some hundred steps by the real engine process,
 * a validation over 500 clips and a checkpoint included: the most memory that it ever holds, how long it
 * takes to begin, steps a second, and what reading features costs. Every clip is a path of its own, so next
 * to nothing is found in the reader's cache; the paths lead to 200 files, so they come from the system's page
 * cache and not from the disk. What reading costs is seen by training once more with all clips' features in
 * one file, which the reader holds: same arithmetic, nothing to read.
 *
 *   npm run bench -- large-corpus
 */
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { printMachine } from './lib/machine.ts'
import { figure, megabytes, percent, printTable } from './lib/table.ts'
import { captionerSettings } from '#contract'
import type { CaptionerSettings } from '#contract'
import { CancelledError } from '../src-main/common/failures.ts'
import { createEngineClient } from '../src-main/engine-host/client.ts'
import type { CaptionedClip, EngineProgress } from '../src-main/engine-host/contract/index.ts'
import { startNodeEngine } from '../src-main/engine-host/process.ts'
import { createRandom } from '../src-main/common/random.ts'
import { encodeNpy } from '../src-main/formats/npy.ts'

const CLIPS = 41_000
const FILES = 200
const CAPTIONS = 20
const WORDS = 10_000
const [FRAMES, FEATURES, TOPICS] = [28, 1024, 100]
const VALIDATION = 500
/** Epochs until the validation. */
const CHECK_EVERY = 1 / 64
/** The first steps come while buckets are still compiled. */
const WARM = 60
/** Steps after the validation, while its checkpoint is written. */
const AFTER = 10
const ENTRY = fileURLToPath(new URL('../src-main/engine/main.ts', import.meta.url))

const CONFIGURATIONS: Record<string, CaptionerSettings> = {
  "paper's input, 28 x 1024": captionerSettings.parse({
    checkEvery: CHECK_EVERY,
    epochs: 1,
    projection: 0,
    deltas: false,
    inputDropout: 0,
    topicHiddenSize: 1536,
  }),
  'default, projected to 28 x 128': captionerSettings.parse({ checkEvery: CHECK_EVERY, epochs: 1 }),
}

const random = createRandom(1)
const folder = await mkdtemp(join(tmpdir(), 'vitrine-corpus-'))

/** A word for a number: frequent ones are short. */
const word = (id: number): string => `w${id.toString(36)}`

async function writeCorpus(): Promise<CaptionedClip[]> {
  await mkdir(join(folder, 'clips'))
  for (let file = 0; file < FILES; file++) {
    const frames = FRAMES - (file % 4)
    await writeFile(
      join(folder, `${file}.npy`),
      encodeNpy(
        [frames, FEATURES],
        Float32Array.from({ length: frames * FEATURES }, () => random.normal()),
      ),
    )
  }
  const clips: CaptionedClip[] = []
  for (let id = 0; id < CLIPS; id++) {
    const features = join(folder, 'clips', `${id}.npy`)
    await symlink(join(folder, `${id % FILES}.npy`), features)
    const captions = Array.from({ length: CAPTIONS }, () =>
      Array.from({ length: 5 + random.below(9) }, () => word(Math.floor(WORDS * random.next() ** 3))).join(
        ' ',
      ),
    )
    clips.push({ id, features, topics: [0, 1, 2].map((k) => (id + 7 * k * k) % TOPICS), captions })
  }
  return clips
}

interface Measured {
  /** Seconds until the first step was taken, and steps a second from the warm ones on. */
  begin: number
  rate: number
  peak: number | null
}

/** When a run stops: with the step before the first validation, or some steps after it. */
type End = 'before validation' | 'after validation'

/** Trains up to an end, and cancels the run. */
async function train(clips: CaptionedClip[], settings: CaptionerSettings, end: End): Promise<Measured> {
  let pid: number | undefined
  const engine = createEngineClient(() => {
    const child = startNodeEngine(ENTRY)
    pid = child.pid
    return child
  })
  const controller = new AbortController()
  const stopwatch = createStopwatch(end)
  let peak: Promise<number | null> = Promise.resolve(null)
  try {
    await engine.call(
      'captioner.train',
      {
        kind: 'interpretive',
        settings,
        frames: FRAMES,
        topicCount: TOPICS,
        train: clips.slice(VALIDATION),
        validation: clips.slice(0, VALIDATION),
        modelDir: join(folder, 'model'),
        runDir: join(folder, 'run'),
        resume: false,
        device: 'cpu',
        seed: 1,
      },
      {
        signal: controller.signal,
        onProgress(progress) {
          if (stopwatch.hasEnded(progress) && !controller.signal.aborted) {
            peak = peakMemory(pid)
            void peak.then(() => controller.abort())
          }
        },
      },
    )
  } catch (error) {
    if (!(error instanceof CancelledError)) {
      throw error
    }
  } finally {
    await engine.close()
    await rm(join(folder, 'run'), { recursive: true, force: true })
  }
  return { ...stopwatch.result(), peak: await peak }
}

/** Times a run from its progress. */
function createStopwatch(end: End) {
  const started = performance.now()
  let [begin, lastStep] = [NaN, 0]
  const marks = { warm: { time: NaN, step: NaN }, validation: { time: NaN, step: NaN } }
  return {
    /** Takes the time; whether the run has come to its end. */
    hasEnded({ phase, done: step, total }: EngineProgress): boolean {
      if (phase !== 'training' || step === lastStep || total === null) {
        return false
      }
      lastStep = step
      const mark = { time: performance.now(), step }
      const validation = Math.round(CHECK_EVERY * total)
      if (Number.isNaN(begin)) {
        begin = (mark.time - started) / 1000
      }
      if (step <= WARM) {
        marks.warm = mark
      }
      if (step <= validation) {
        marks.validation = mark
      }
      return step >= (end === 'after validation' ? validation + AFTER : validation)
    },
    result() {
      const { warm, validation } = marks
      return { begin, rate: (1000 * (validation.step - warm.step)) / (validation.time - warm.time) }
    },
  }
}

/** The most memory that a process has held so far, in bytes; null where the system does not say. */
async function peakMemory(pid: number | undefined): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kibibytes = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]
  return kibibytes === undefined ? null : 1024 * Number(kibibytes)
}

try {
  printMachine()
  const clips = await writeCorpus()
  const [first] = clips
  if (!first) {
    throw new Error('no clips')
  }
  const allInOne = clips.map((clip) => ({ ...clip, features: first.features }))
  const bytes = CLIPS * FRAMES * FEATURES * 4
  console.log(
    `${figure(CLIPS)} clips, ${figure(CLIPS * CAPTIONS)} captions, ${figure(bytes / 2 ** 30, 1)} GB of features; of the steps before the validation those after ${WARM} are timed\n`,
  )
  const rows: string[][] = []
  for (const [name, settings] of Object.entries(CONFIGURATIONS)) {
    const fromFiles = await train(clips, settings, 'after validation')
    const fromMemory = await train(allInOne, settings, 'before validation')
    rows.push([
      name,
      fromFiles.peak === null ? 'unknown' : megabytes(fromFiles.peak),
      figure(fromFiles.begin),
      figure(fromFiles.rate, 2),
      figure(fromMemory.rate, 2),
      percent(Math.max(0, 1 - fromFiles.rate / fromMemory.rate)),
    ])
  }
  printTable(
    ['', 'peak memory', 's to the first step', 'steps/s', 'nothing to read', 'lost to reading'],
    rows,
  )
} finally {
  await rm(folder, { recursive: true })
}
