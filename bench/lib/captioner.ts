/**
 * The captioner that the benchmarks train: the paper's encoder and input, and minibatches of random clips for
 * it.
 */
import { captionerSettings } from '#contract'
import type { BatchShape } from '../../src-main/engine/captioner/minibatch.ts'
import { initialParameters } from '../../src-main/engine/captioner/parameters.ts'
import type { Architecture, Parameters } from '../../src-main/engine/captioner/parameters.ts'
import { drawDropout } from '../../src-main/engine/captioner/dropout.ts'
import { compileTrainingStep, stack } from '../../src-main/engine/captioner/training/step.ts'
import type { StepShape } from '../../src-main/engine/captioner/training/step-graph.ts'
import type { TrainingStep } from '../../src-main/engine/captioner/training/step.ts'
import { END, PAD, START } from '../../src-main/engine/captioner/vocabulary.ts'
import { initialState } from '../../src-main/engine/graph/optimizers.ts'
import type { DeviceName, Tensor } from '../../src-main/engine/graph/runtime.ts'
import { dim } from '../../src-main/engine/graph/value.ts'
import { createRandom } from '../../src-main/common/random.ts'
import type { Random } from '../../src-main/common/random.ts'

/**
 * 28 frames of 1024 features as they are, 256 LSTM units a direction beside them, vocabulary 10,000, 100
 * topics.
 */
export const PAPER: Architecture = {
  settings: captionerSettings.parse({
    projection: 0,
    deltas: false,
    inputDropout: 0,
    encoderSize: 256,
    keepFeatures: true,
    hiddenSize: 512,
    attentionSize: 512,
    embeddingSize: 468,
    topicHiddenSize: 1536,
  }),
  frames: 28,
  inputSize: 1024,
  vocabularySize: 10_000,
  topics: 100,
}
export const PAPER_SHAPE: BatchShape = { clips: 8, captions: 8, words: 13 }

export const describe = (
  { settings, frames, inputSize, vocabularySize }: Architecture,
  { clips, captions, words }: BatchShape,
): string =>
  `${frames} frames x ${inputSize}, encoder ${settings.encoderSize} a direction, hidden ${settings.hiddenSize}, vocabulary ${vocabularySize.toLocaleString('en-US')}, ` +
  `${clips} clips x ${captions} captions of at most ${words} words`

/** With the default of four buckets, captions of one differ by about this many words. */
const BUCKET_WIDTH = 3

/** One minibatch: arrays by leaf name. */
type Minibatch = Map<string, Tensor['data']>

/**
 * `count` minibatches, dropout masks included. Every other clip has all frames, the rest from half of them
 * on; captions are as long as a length bucket's: all words (the end word included) down to BUCKET_WIDTH
 * fewer.
 */
export function randomBatches(
  architecture: Architecture,
  { batch, masks }: Pick<StepShape, 'batch' | 'masks'>,
  count: number,
): Minibatch[] {
  const random = createRandom(2)
  const [n, B] = [dim(batch.features, 0), dim(batch.features, 1)]
  const [T, R] = [dim(batch.words, 0), dim(batch.words, 1)]
  const K = dim(batch.topics, 1)
  const between = (low: number, high: number) => low + random.below(high - low + 1)
  return Array.from({ length: count }, () => {
    const frames = Array.from({ length: B }, (_, b) => (b % 2 === 0 ? n : between(Math.ceil(n / 2), n)))
    const lengths = Array.from({ length: R }, (_, r) =>
      r === 0 ? T : between(Math.max(1, T - BUCKET_WIDTH), T),
    )
    const arrays: Record<keyof StepShape['batch'], Tensor['data']> = {
      ...randomFeatures(frames, n, dim(batch.features, 2), random),
      ...randomCaptions(lengths, T, architecture.vocabularySize, random),
      topics: Float32Array.from({ length: B * K }, () => (random.next() < 0.03 ? 1 : 0)),
      captionWeight: new Float32Array(R).fill(1 / R),
    }
    const byLeafName = Object.entries(batch).map(([key, leaf]): [string, Tensor['data']] => [
      leaf.name ?? '',
      arrays[key as keyof typeof arrays],
    ])
    return new Map<string, Tensor['data']>([...byLeafName, ...drawDropout(architecture, masks, random)])
  })
}

/** Clips with so many frames each, padded to n, [n, B, F], and their mask, [n, B]. */
function randomFeatures(
  frames: readonly number[],
  n: number,
  F: number,
  random: Random,
): { features: Float32Array; frameMask: Float32Array } {
  const B = frames.length
  const features = new Float32Array(n * B * F)
  const frameMask = Float32Array.from({ length: n * B }, (_, i) =>
    Math.floor(i / B) < (frames[i % B] ?? 0) ? 1 : 0,
  )
  frameMask.forEach((valid, row) => {
    for (let j = 0; valid === 1 && j < F; j++) {
      features[row * F + j] = random.normal()
    }
  })
  return { features, frameMask }
}

/** Captions of so many words each, the end word included, padded to T, [T, R]. */
function randomCaptions(
  lengths: readonly number[],
  T: number,
  vocabularySize: number,
  random: Random,
): { words: BigInt64Array; targets: BigInt64Array; wordMask: Float32Array } {
  const R = lengths.length
  const words = new BigInt64Array(T * R).fill(BigInt(PAD))
  const targets = new BigInt64Array(T * R).fill(BigInt(PAD))
  const wordMask = new Float32Array(T * R)
  lengths.forEach((length, r) => {
    const caption = Array.from({ length: length - 1 }, () =>
      BigInt(END + 1 + Math.floor((vocabularySize - END - 1) * random.next() ** 3)),
    )
    for (let t = 0; t < length; t++) {
      words[t * R + r] = t === 0 ? BigInt(START) : caption[t - 1]!
      targets[t * R + r] = caption[t] ?? BigInt(END)
      wordMask[t * R + r] = 1
    }
  })
  return { words, targets, wordMask }
}

/** Minibatches as one call of the step takes them. */
export function stacked(
  { batch, masks }: Pick<StepShape, 'batch' | 'masks'>,
  batches: readonly Minibatch[],
): Map<string, Tensor> {
  const leaves = [...Object.values(batch), ...Object.values(masks)]
  return new Map(
    leaves.map((leaf) => [
      leaf.name ?? '',
      stack(
        leaf,
        batches.map((arrays) => arrays.get(leaf.name ?? '')!),
      ),
    ]),
  )
}

/**
 * The training step of one shape of minibatch, with its first state, and what a minibatch of it is made of.
 */
export async function compiledStep(
  architecture: Architecture,
  shape: BatchShape,
  device: DeviceName = 'cpu',
): Promise<{ step: TrainingStep; leaves: StepShape; parameters: Parameters }> {
  const step = await compileTrainingStep(architecture, {
    size: shape,
    buckets: [shape.words],
    lambda: architecture.settings.lambda,
    device,
  })
  const parameters = initialParameters(architecture, createRandom(1))
  step.loop.load(initialState(parameters))
  return { step, leaves: step.shapes[0]!, parameters }
}
