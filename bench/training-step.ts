/**
 * The training step of the whole captioner, the paper's sizes, against the same model in PyTorch: same first
 * weights, same minibatches, same dropout masks. The losses of 50 steps must agree; captions a second are
 * compared. Dropout, frame and word masks, L_I, attention penalty, weight decay, clipping and Adam are all
 * in. The two take turns, some steps each, so that what else the machine does meets both; the fastest turn of
 * each counts.
 *
 * Then what an epoch of the preset `default` takes on corpora as large as real ones, dealt full and, beside that, as 8
 * clips times 8 captions with all words known.
 *
 *   npm run bench -- training-step
 */
import './lib/heap.ts'
import { compiledStep, describe, PAPER, PAPER_SHAPE, randomBatches, stacked } from './lib/captioner.ts'
import { printMachine } from './lib/machine.ts'
import { findTorch, startPeer, WITHOUT_TORCH } from './lib/peer.ts'
import { figure, percent, printTable } from './lib/table.ts'
import { clipsOfLengths, defaultArchitecture, REAL_LENGTHS } from './lib/real-lengths.ts'
import type { RealLengths } from './lib/real-lengths.ts'
import { captionCount } from '../src-main/engine/captioner/minibatch.ts'
import { initialParameters } from '../src-main/engine/captioner/parameters.ts'
import type { Architecture } from '../src-main/engine/captioner/parameters.ts'
import { initialState } from '../src-main/engine/graph/optimizers.ts'
import { createRandom } from '../src-main/common/random.ts'
import { batchSizeAndBuckets, planEpoch } from '../src-main/engine/captioner/training/sampler.ts'
import { compileTrainingStep } from '../src-main/engine/captioner/training/step.ts'
import { stepOperations } from '../src-main/engine/captioner/training/step-cost.ts'

const STEPS = 50
const TURN = 5
/** Forms of the peer (see peers/captioner.py) and the steps that each takes. */
const FORMS = { arranged: STEPS, grouped: 25, 'per caption': 15 }
const AGREEMENT = 1e-3
const LEARNING_RATE = 1e-3
const captions = PAPER_SHAPE.clips * PAPER_SHAPE.captions

const { step, leaves, parameters } = await compiledStep(PAPER, PAPER_SHAPE)
const batches = randomBatches(PAPER, leaves, STEPS)
const python = await findTorch()
const peer =
  python === null
    ? null
    : await startPeer(python, {
        architecture: PAPER,
        lambda: PAPER.settings.lambda,
        learningRate: LEARNING_RATE,
        parameters,
        batches: stacked(leaves, batches),
      })

const measured = { losses: new Array<number>(), milliseconds: Infinity }
const peers = new Map(
  Object.keys(FORMS).map((form) => [form, { losses: new Array<number>(), milliseconds: Infinity }]),
)
for (let done = 0; done < STEPS; done += TURN) {
  const feeds = stacked(leaves, batches.slice(done, done + TURN))
  const started = performance.now()
  const results = await step.run(0, done, feeds, new Array<number>(TURN).fill(LEARNING_RATE))
  measured.milliseconds = Math.min(measured.milliseconds, (performance.now() - started) / TURN)
  measured.losses.push(...results.map(({ loss }) => loss))
  for (const [form, total] of Object.entries(FORMS)) {
    const record = peers.get(form)
    if (!peer || !record || done >= total) {
      continue
    }
    const { losses, milliseconds } = await peer.run(form, TURN)
    record.losses.push(...losses)
    record.milliseconds = Math.min(record.milliseconds, milliseconds)
  }
}
await Promise.all([step.release(), peer?.close()])

printMachine()
console.log(
  `${describe(PAPER, PAPER_SHAPE)}: about ${figure(stepOperations(PAPER, PAPER_SHAPE) / 1e9)} GFLOP a step. Fastest of turns of ${TURN} steps.\n`,
)
const row = (name: string, ms: number) => [
  name,
  figure(ms),
  figure((1000 * captions) / ms),
  (ms / measured.milliseconds).toFixed(2),
]
printTable(
  ['', 'ms a step', 'captions/s', 'Vitrine is faster by'],
  [
    row('Vitrine', measured.milliseconds),
    ...(peer ? [...peers].map(([form, { milliseconds }]) => row(`PyTorch, ${form}`, milliseconds)) : []),
  ],
)
console.log(
  `\nloss ${measured.losses[0]?.toFixed(3)} at the first step, ${measured.losses.at(-1)?.toFixed(3)} at step ${STEPS}`,
)
if (peer === null) {
  console.log(WITHOUT_TORCH)
} else {
  const { blas } = peer
  console.log(
    blas
      ? `PyTorch ${peer.torch} on ${blas.version}, kernel ${blas.kernel}`
      : `PyTorch ${peer.torch}, NOT on OpenBLAS: its times say nothing (Debian: apt install libopenblas0-openmp)`,
  )
  for (const [form, { losses }] of peers) {
    const difference = Math.max(
      ...losses.map((loss, i) => Math.abs(loss - (measured.losses[i] ?? NaN)) / Math.abs(loss)),
    )
    const agrees = difference <= AGREEMENT
    if (!agrees) {
      process.exitCode = 1
    }
    console.log(
      `largest relative difference of the losses to "${form}" over ${losses.length} steps: ${difference.toExponential(1)}${agrees ? '' : `, MORE THAN ${AGREEMENT}`}`,
    )
  }
}

console.log(
  '\nThe preset default on corpora as large as real ones, fastest of turns of 2 steps of each length\n',
)
const epochs: string[][] = []
for (const corpus of REAL_LENGTHS) {
  const architecture = defaultArchitecture(corpus)
  const unfitted: Architecture = {
    ...architecture,
    vocabularySize: corpus.vocabulary.all,
    settings: { ...architecture.settings, batchCaptions: 0, batchClips: 8, captionsPerClip: 8 },
  }
  epochs.push(await measureEpoch(corpus, architecture, corpus.name))
  epochs.push(await measureEpoch(corpus, unfitted, '8 clips x 8 captions, all words'))
}
printTable(['', 'minibatch', 'words', 'places filled', 'captions/s', 'seconds an epoch'], epochs)

/** A row of the table: what an epoch takes, by the time of a step of each length. */
async function measureEpoch(
  corpus: RealLengths,
  architecture: Architecture,
  name: string,
): Promise<string[]> {
  const clips = clipsOfLengths(corpus)
  const { size, buckets } = batchSizeAndBuckets(architecture, clips)
  const plan = planEpoch({ clips, buckets, size, runLength: 1, seed: 1, epoch: 0 })
  const { lambda } = architecture.settings
  const measuredStep = await compileTrainingStep(architecture, { size, buckets, lambda, device: 'cpu' })
  measuredStep.loop.load(initialState(initialParameters(architecture, createRandom(1))))
  const secondsOf: number[] = []
  for (const [bucket, shape] of measuredStep.shapes.entries()) {
    const feeds = stacked(shape, randomBatches(architecture, shape, 2))
    let seconds = Infinity
    for (let turn = 0; turn < 3; turn++) {
      const started = performance.now()
      await measuredStep.run(bucket, 0, feeds, [0, 0])
      seconds = Math.min(seconds, (performance.now() - started) / 2000)
    }
    secondsOf.push(seconds)
  }
  await measuredStep.release()
  const dealt = plan.reduce((sum, { entries }) => sum + captionCount(entries), 0)
  const seconds = plan.reduce((sum, { bucket }) => sum + (secondsOf[bucket] ?? NaN), 0)
  return [
    name,
    `${size.clips} x ${size.captions}`,
    buckets.join(', '),
    percent(dealt / (plan.length * size.clips * size.captions)),
    figure(dealt / seconds),
    figure(seconds),
  ]
}
