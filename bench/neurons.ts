/**
 * Prediction difference maximization: every neuron against every topic over 1,200 clips, as the product
 * computes it, against the formula as it is printed: one forward pass of f over all clips for every silenced
 * neuron, as one product in the same runtime. Some neurons' passes are timed; the fastest, times all neurons,
 * is what is compared. Both give the same differences.
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
import type { ClipSet } from '../src-main/engine/neurons/prediction-difference.ts'
import { createRandom } from '../src-main/common/random.ts'

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
const x = input('x', [CLIPS, D])
const weights = new Map(
  ['topics.hidden', 'topics.hidden_bias', 'topics.output'].map((name) => [name, model.parameters.get(name)!]),
)
const [hidden, bias, output] = [...weights].map(([name, { shape }]) => input(name, shape))
const forward = await compile(
  { scores: ops.matmul(ops.relu(ops.add(ops.matmul(x, hidden!), bias!)), output!) },
  { weights },
)
const rows = new Float32Array(CLIPS * D)
means.forEach((mean, i) => {
  rows.set(mean, i * D)
})
const scoresOf = async () => floats(await forward.run({ x: tensorFor(x, rows) }), 'scores')
const whole = await scoresOf()
const neurons = Array.from({ length: MEASURED }, (_, i) => Math.floor((i * D) / MEASURED))
let difference = 0
let fastest = Infinity
for (const neuron of neurons) {
  const started = performance.now()
  means.forEach((_, i) => {
    rows[i * D + neuron] = 0
  })
  const silenced = await scoresOf()
  const delta = new Float64Array(K)
  const counts = new Uint32Array(K)
  topics.forEach((own, i) => {
    for (const k of own) {
      delta[k]! += whole[i * K + k]! - silenced[i * K + k]!
      counts[k]!++
    }
  })
  fastest = Math.min(fastest, performance.now() - started)
  means.forEach((mean, i) => {
    rows[i * D + neuron] = mean[neuron]!
  })
  delta.forEach((sum, k) => {
    difference = Math.max(difference, Math.abs(sum / Math.max(1, counts[k]!) - bearing[neuron * K + k]!))
  })
}
await forward.release()
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
const largest = bearing.reduce((most, delta) => Math.max(most, Math.abs(delta)), 0)
console.log(
  `\nlargest difference to the forward passes: ${difference.toExponential(1)} where the largest delta is ${largest.toExponential(1)}`,
)
