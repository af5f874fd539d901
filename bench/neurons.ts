/**
 * Prediction difference maximization: every neuron against every topic over 1,200 clips, as the product
 * computes it, against the formula as it is printed: one forward pass of f over all clips for every silenced
 * neuron, as one product in the same runtime. Some neurons' passes are timed; the fastest, times all neurons,
 * is what is compared. Both give the same differences.
 *
 * Held-out alignment: 512 neurons against 100 topics, over 10,000 held-out clips and 10,000 training clips; part
 * by part, as it reports its progress.
 *
 *   npm run bench -- neurons
 */
import { PAPER } from './lib/captioner.ts'
import { printMachine } from './lib/machine.ts'
import { figure, printTable } from './lib/table.ts'
import { bestOf } from './lib/timing.ts'
import type { CaptionerModel } from '../src-main/engine/captioner/model-folder.ts'
import { initialParameters, neuronCount } from '../src-main/engine/captioner/parameters.ts'
import { vocabularyOf } from '../src-main/engine/captioner/vocabulary.ts'
import * as ops from '../src-main/engine/graph/ops.ts'
import { compile } from '../src-main/engine/graph/runtime.ts'
import { floats, tensorFor } from '../src-main/engine/graph/session.ts'
import { input } from '../src-main/engine/graph/value.ts'
import { predictionDifference } from '../src-main/engine/neurons/prediction-difference.ts'
import { DRAWS, measureAlignment } from '../src-main/engine/neurons/alignment/measure.ts'
import { bearingOf } from '../src-main/engine/neurons/alignment/ranking.ts'
import type { ClipSet } from '../src-main/engine/neurons/prediction-difference.ts'
import { createRandom } from '../src-main/common/random.ts'
import { engineContext } from '../test/engine/context.ts'

const CLIPS = 1200
const TOPICS_A_CLIP = 3
/** Neurons whose forward passes are timed. */
const MEASURED = 24

const D = neuronCount(PAPER)
const P = PAPER.settings.topicHiddenSize
const K = PAPER.topics
const random = createRandom(1)
const model: CaptionerModel = {
  kind: 'interpretive',
  architecture: PAPER,
  vocabulary: vocabularyOf(['', '', '', '']),
  parameters: initialParameters({ ...PAPER, vocabularySize: 4 }, random),
  transform: { mean: new Float32Array(D), scale: new Float32Array(D), projection: null },
  gates: null,
}
// Frame features have a deviation of 1 before the mean over the frames is taken, LSTM states lie between -1
// and 1.
const means = Array.from({ length: CLIPS }, () =>
  Float32Array.from({ length: D }, (_, j) =>
    j < PAPER.inputSize ? 0.6 * random.normal() : Math.tanh(0.5 * random.normal()),
  ),
)
const topics = means.map(() => random.shuffle(Array.from({ length: K }, (_, k) => k)).slice(0, TOPICS_A_CLIP))
const zero = new Float32Array(D)
const { signal } = new AbortController()

const run = (sets: ClipSet[]) =>
  predictionDifference(model, means, { reference: zero, sets, device: 'cpu', signal })
const [bearing = zero] = await run([topics])
const milliseconds = {
  bearing: await bestOf(3, () => run([topics])),
  shuffled: await bestOf(2, () =>
    run([topics, ...Array.from({ length: 5 }, () => random.shuffle([...topics]))]),
  ),
  all: await bestOf(2, () => run(['all'])),
}

/** f of all clips, the weights built in. */
async function compileForward() {
  const x = input('x', [CLIPS, D])
  const weights = new Map(
    ['topics.hidden', 'topics.hidden_bias', 'topics.output'].map((name) => [
      name,
      model.parameters.get(name)!,
    ]),
  )
  const [hidden, bias, output] = [...weights].map(([name, { shape }]) => input(name, shape))
  const session = await compile(
    { scores: ops.matmul(ops.relu(ops.add(ops.matmul(x, hidden!), bias!)), output!) },
    { weights },
  )
  return {
    scoresOf: async (rows: Float32Array) => floats(await session.run({ x: tensorFor(x, rows) }), 'scores'),
    release: () => session.release(),
  }
}

/**
 * By forward passes for some of the neurons: how long the fastest took, and how far their differences are from
 * the product's.
 */
async function measureForwardPasses(): Promise<{ fastest: number; difference: number }> {
  const forward = await compileForward()
  const rows = new Float32Array(CLIPS * D)
  means.forEach((mean, i) => {
    rows.set(mean, i * D)
  })
  const intact = await forward.scoresOf(rows)
  let [fastest, difference] = [Infinity, 0]
  for (let i = 0; i < MEASURED; i++) {
    const neuron = Math.floor((i * D) / MEASURED)
    const started = performance.now()
    means.forEach((_, clip) => {
      rows[clip * D + neuron] = 0
    })
    const deltas = meanFalls(intact, await forward.scoresOf(rows))
    fastest = Math.min(fastest, performance.now() - started)
    means.forEach((mean, clip) => {
      rows[clip * D + neuron] = mean[neuron]!
    })
    deltas.forEach((delta, k) => {
      difference = Math.max(difference, Math.abs(delta - bearing[neuron * K + k]!))
    })
  }
  await forward.release()
  return { fastest, difference }
}

/** By topic, how far its score falls in the clips that bear it, [K]; scores are [CLIPS, K]. */
function meanFalls(before: Float32Array, after: Float32Array): Float64Array {
  const sums = new Float64Array(K)
  const counts = new Uint32Array(K)
  topics.forEach((columns, clip) => {
    for (const k of columns) {
      sums[k]! += before[clip * K + k]! - after[clip * K + k]!
      counts[k]!++
    }
  })
  return sums.map((sum, k) => sum / Math.max(1, counts[k]!))
}

const { fastest, difference } = await measureForwardPasses()
const naive = fastest * D

printMachine()
console.log(
  `${figure(D)} neurons, ${K} topics, ${figure(CLIPS)} clips with ${TOPICS_A_CLIP} topics each, f with ${figure(P)} hidden units\n`,
)
const row = (name: string, ms: number) => [name, figure(ms / 1000, 2), `${(naive / ms).toFixed(0)}`]
printTable(
  ['', 'seconds', 'times faster'],
  [
    row(`a forward pass for every neuron (fastest of ${MEASURED}, times ${figure(D)})`, naive),
    row('means over the clips that bear a topic', milliseconds.bearing),
    row('the same and under 5 shuffles of the topics', milliseconds.shuffled),
    row('means over all clips', milliseconds.all),
  ],
)
const largest = bearing.reduce((magnitude, delta) => Math.max(magnitude, Math.abs(delta)), 0)
console.log(
  `\nlargest difference to the forward passes: ${difference.toExponential(1)} where the largest delta is ${largest.toExponential(1)}`,
)

const ALIGNED = { neurons: 512, topics: 100, clips: 10_000 }

/** Neurons that are zero in half of the clips, and topics that some of them answer to. */
function alignedClips() {
  const neurons = Array.from({ length: ALIGNED.neurons }, () =>
    Float32Array.from({ length: ALIGNED.clips }, () => Math.max(0, random.normal())),
  )
  const columns = Array.from({ length: ALIGNED.topics }, (_, k) => k)
  const topicsOf = Array.from({ length: ALIGNED.clips }, (_, clip) => {
    const chosen = random.shuffle([...columns]).slice(0, TOPICS_A_CLIP)
    for (const k of chosen) {
      neurons[k]![clip]! += 1
    }
    return chosen
  })
  return { neurons, bearing: bearingOf(topicsOf, ALIGNED.topics) }
}

/** Seconds of each part of the alignment. */
async function timeAlignment(): Promise<Map<string, number>> {
  const parts = new Map<string, number>()
  const clips = { train: alignedClips(), heldOut: alignedClips() }
  let last = performance.now()
  await measureAlignment(clips, 1, {
    ...engineContext(),
    progress: ({ phase }) => {
      const now = performance.now()
      parts.set(phase, (parts.get(phase) ?? 0) + (now - last) / 1000)
      last = now
    },
  })
  return parts
}

console.log(
  `\nHeld-out alignment of ${figure(ALIGNED.neurons)} neurons with ${ALIGNED.topics} topics over ${figure(ALIGNED.clips)} held-out and as many training clips, ${figure(DRAWS)} random rankings for each number of clips\n`,
)
const parts = await timeAlignment()
const total = [...parts.values()].reduce((sum, seconds) => sum + seconds, 0)
printTable(
  ['', 'seconds'],
  [...parts, ['all', total] as const].map(([phase, seconds]) => [phase, figure(seconds, 1)]),
)
