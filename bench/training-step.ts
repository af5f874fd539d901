/**
 * The training step of the whole captioner, the paper's sizes, against the same model in PyTorch: same first
 * weights, same minibatches, same dropout masks. The losses of 50 steps must agree; captions a second are
 * compared. Dropout, frame and word masks, L_I, attention penalty, weight decay, clipping and Adam are all
 * in. The two take turns, some steps each, so that what else the machine does meets both; the fastest turn of
 * each counts.
 *
 *   npm run bench -- training-step
 */
import './lib/heap.ts'
import { compiledStep, describe, PAPER, PAPER_SHAPE, randomBatches, stacked } from './lib/captioner.ts'
import { printMachine } from './lib/machine.ts'
import { findTorch, startPeer, WITHOUT_TORCH } from './lib/peer.ts'
import { figure, printTable } from './lib/table.ts'
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
