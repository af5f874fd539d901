/**
 * One seed, one small run of the real training step (dropout, masks, clipping, two lengths of captions):
 * every device that can run here gives the losses of ONNX Runtime on the CPU.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { initialParameters } from '../../../src-main/engine/captioner/parameters.ts'
import type { Architecture } from '../../../src-main/engine/captioner/parameters.ts'
import { drawDropout } from '../../../src-main/engine/captioner/dropout.ts'
import { compileTrainingStep, stack } from '../../../src-main/engine/captioner/training/step.ts'
import { initialState } from '../../../src-main/engine/graph/optimizers.ts'
import type { DeviceName, Tensor } from '../../../src-main/engine/graph/runtime.ts'
import { elementCount } from '../../../src-main/engine/graph/value.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import { keepGpuOpen, whyNoGpu } from '../graph/software-gpu.ts'
import { tinySettings } from './tiny.ts'

keepGpuOpen()

const STEPS = 20
/** Steps a call, so that state crosses calls, and goes from one compiled body to the other. */
const CALLS = [
  [0, 4],
  [1, 3],
  [1, 1],
  [0, 12],
] as const
const LENGTHS = [4, 3]

const architectureOf = (optimizer: 'adam' | 'adadelta'): Architecture => ({
  settings: tinySettings({
    optimizer,
    learningRate: optimizer === 'adam' ? 0.01 : 1,
    keepFeatures: true,
    dropout: 0.3,
    inputDropout: 0.2,
    clipNorm: 2,
    labelSmoothing: 0.1,
    // The authors' form beside the authors' optimizer.
    ...(optimizer === 'adadelta' && { gateDropout: 0.3, attentionPenaltyForm: 'batch-sum' }),
  }),
  frames: 4,
  inputSize: 6,
  vocabularySize: 12,
  topics: 3,
})

/** The losses of a run on a device. */
async function run(optimizer: 'adam' | 'adadelta', device: DeviceName): Promise<number[]> {
  const architecture = architectureOf(optimizer)
  const step = await compileTrainingStep(architecture, {
    size: { clips: 3, captions: 2 },
    buckets: LENGTHS,
    lambda: 0.1,
    device,
  })
  step.loop.load(initialState(initialParameters(architecture, createRandom(2))))
  const random = createRandom(3)
  const losses: number[] = []
  for (const [bucket, count] of CALLS) {
    const shape = step.shapes[bucket]
    if (!shape) {
      throw new Error(`no bucket ${bucket}`)
    }
    const { features, frameMask, topics, words, targets, wordMask, captionWeight } = shape.batch
    const feeds = new Map<string, Tensor>()
    const put = (leaf: typeof features, draw: (position: number) => number) => {
      feeds.set(
        leaf.name,
        stack(
          leaf,
          Array.from({ length: count }, () => {
            const values = Array.from({ length: elementCount(leaf.shape) }, (_, i) => draw(i))
            return leaf.dtype === 'int64' ? BigInt64Array.from(values, BigInt) : Float32Array.from(values)
          }),
        ),
      )
    }
    put(features, () => random.normal())
    // The last frame of the last clip is padding, and captions have different lengths.
    put(frameMask, (i) => (i === 4 * 3 - 1 ? 0 : 1))
    put(topics, () => random.below(2))
    for (const leaf of [words, targets]) {
      put(leaf, () => random.below(12))
    }
    put(wordMask, (i) => (Math.floor(i / 6) <= 1 + (i % 6) ? 1 : 0))
    put(captionWeight, () => 1 / 6)
    for (const mask of Object.values(shape.masks)) {
      const drawn = Array.from(
        { length: count },
        () => drawDropout(architecture, { hidden: mask }, random).get(mask.name) ?? new Uint8Array(0),
      )
      feeds.set(mask.name, stack(mask, drawn))
    }
    losses.push(
      ...(
        await step.run(
          bucket,
          losses.length,
          feeds,
          new Array<number>(count).fill(architecture.settings.learningRate),
        )
      ).map(({ loss }) => loss),
    )
  }
  await step.release()
  return losses
}

describe.each(['adam', 'adadelta'] as const)('twenty training steps with %s', (optimizer) => {
  let expected: number[] = []
  beforeAll(async () => {
    expected = await run(optimizer, 'cpu')
  })
  afterAll(() => {
    expect(expected).toHaveLength(STEPS)
  })

  it.for(['webgpu', 'tfjs-wasm', 'tfjs-cpu'] as const)(
    'have the same losses on %s',
    { timeout: 240_000 },
    async (device, { skip }) => {
      if (device === 'webgpu' && whyNoGpu !== null) {
        skip(whyNoGpu)
      }
      const got = await run(optimizer, device)
      got.forEach((loss, step) => {
        expect(
          Math.abs(loss / (expected[step] ?? NaN) - 1),
          `step ${step + 1}: ${loss} against ${expected[step]}`,
        ).toBeLessThan(1e-3)
      })
      expect(got).toHaveLength(STEPS)
      expect(new Set(got).size).toBe(STEPS)
    },
  )
})
