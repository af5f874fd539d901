/**
 * The compiled training step of the whole captioner, the paper's sizes: one call of K steps against K calls of one step,
 * in the same run. Prints a table and the ratio; dropout, masks, clipping and Adam included.
 *
 *   npm run bench [-- STEPS]        STEPS: minibatches a call (4)
 */
import { captionerSettings } from '../src-main/contract/index.ts'
import { initialParameters } from '../src-main/engine/captioner/parameters.ts'
import type { Architecture } from '../src-main/engine/captioner/parameters.ts'
import { compileTrainingStep, drawDropout, stack, stepOperations } from '../src-main/engine/captioner/step.ts'
import type { TrainingStep } from '../src-main/engine/captioner/step.ts'
import { START } from '../src-main/engine/captioner/vocabulary.ts'
import { initialState } from '../src-main/engine/graph/optimizers.ts'
import type { Tensor } from '../src-main/engine/graph/session.ts'
import { elementCount } from '../src-main/engine/graph/value.ts'
import { createRandom } from '../src-main/engine/random.ts'

const SHAPE = { clips: 8, captions: 8, words: 13 }
const PAPER: Architecture = {
  settings: captionerSettings.parse({ projection: 0, deltas: false, inputDropout: 0, encoderSize: 256, keepFeatures: true, hiddenSize: 512, attentionSize: 512, embeddingSize: 468, topicHiddenSize: 1536 }),
  frames: 28, inputSize: 1024, vocabularySize: 10_000, topics: 100,
}
const CALLS = 3

const steps = Number(process.argv[2] ?? 4)
if (!Number.isInteger(steps) || steps < 1) throw new Error(`STEPS is a whole number from 1, not "${process.argv[2]}"`)

/** Random minibatches: what is in them does not change how long a step takes. */
function feedsOf(step: TrainingStep, count: number): Map<string, Tensor> {
  const random = createRandom(1)
  const { features, frameMask, topics, words, targets, wordMask, captionWeight } = step.batch
  const floats = (size: number, draw: () => number) => Float32Array.from({ length: size }, draw)
  const ids = (size: number) => BigInt64Array.from({ length: size }, () => BigInt(START + random.below(PAPER.vocabularySize - START)))
  const feeds = new Map<string, Tensor>()
  const put = (leaf: typeof features, draw: (size: number) => Tensor['data']) => {
    feeds.set(leaf.name ?? '', stack(leaf, Array.from({ length: count }, () => draw(elementCount(leaf.shape)))))
  }
  put(features, (size) => floats(size, () => random.normal()))
  put(topics, (size) => floats(size, () => (random.next() < 0.03 ? 1 : 0)))
  for (const leaf of [words, targets]) put(leaf, ids)
  for (const leaf of [frameMask, wordMask]) put(leaf, (size) => floats(size, () => 1))
  put(captionWeight, (size) => floats(size, () => 1 / size))
  for (const mask of Object.values(step.masks)) put(mask, () => drawDropout(PAPER, { hidden: mask }, random).get(mask.name ?? '') ?? new Uint8Array(0))
  return feeds
}

async function milliseconds(perCall: number): Promise<number> {
  const step = await compileTrainingStep(PAPER, SHAPE, PAPER.settings.lambda, 'cpu')
  step.loop.load(initialState(initialParameters(PAPER, createRandom(1))))
  const feeds = feedsOf(step, perCall)
  const rates = new Array<number>(perCall).fill(1e-3)
  await step.run(0, feeds, rates)
  const calls = CALLS * Math.ceil(steps / perCall)
  const started = performance.now()
  for (let call = 0; call < calls; call++) await step.run(perCall * (call + 1), feeds, rates)
  const elapsed = performance.now() - started
  await step.release()
  return elapsed / (calls * perCall)
}

const captions = SHAPE.clips * SHAPE.captions
const gigaOperations = stepOperations(PAPER, SHAPE) / 1e9
const row = (name: string, ms: number) => {
  console.log(`${name.padEnd(24)} ${ms.toFixed(0).padStart(6)} ms a step ${((1000 * captions) / ms).toFixed(0).padStart(6)} captions/s ${((1000 * gigaOperations) / ms).toFixed(0).padStart(6)} GFLOP/s`)
}
console.log(`28 frames x 1024, hidden 512, vocabulary 10,000, ${SHAPE.clips} clips x ${SHAPE.captions} captions, about ${gigaOperations.toFixed(0)} GFLOP a step`)
const looped = await milliseconds(steps)
row(`${steps} steps a call`, looped)
const single = await milliseconds(1)
row('1 step a call', single)
console.log(`ratio ${(single / looped).toFixed(2)}`)
