/** Whether the real training step runs on a device of this machine, and how fast. */
import { captionerSettings } from '#contract'
import type { DeviceHandlers } from '../engine-host/contract/devices.ts'
import type { EngineResult } from '../engine-host/contract/index.ts'
import type { Architecture } from './captioner/parameters.ts'
import { initialParameters } from './captioner/parameters.ts'
import { drawDropout } from './captioner/dropout.ts'
import { compileTrainingStep, stack } from './captioner/training/step.ts'
import type { TrainingStep } from './captioner/training/step.ts'
import { initialState } from './graph/optimizers.ts'
import { resolveDevice } from './graph/session.ts'
import type { DeviceName, Tensor } from './graph/session.ts'
import { elementCount } from './graph/value.ts'
import type { Input } from './graph/value.ts'
import { createRandom } from '../common/random.ts'
import { plainReason } from './plain-reason.ts'

/** Steps are taken for this many milliseconds, compilation and a first step aside. */
const PROBE_TIME = 1000
const MAX_STEPS = 100
const STEPS_PER_CALL = 4

/** The captioner of the default settings, on a minibatch that is small enough for the slowest device. */
const PROBE: Architecture = {
  settings: captionerSettings.parse({}),
  frames: 6,
  inputSize: 128,
  vocabularySize: 500,
  topics: 20,
}
const SHAPE = { clips: 2, captions: 2 }
const WORDS = 5

export const deviceHandlers: DeviceHandlers = {
  async 'devices.probe'({ device }) {
    try {
      return await probe(resolveDevice(device))
    } catch (error) {
      return { ok: false, reason: plainReason(error), stepMs: null }
    }
  },
}

async function probe(name: DeviceName): Promise<EngineResult<'devices.probe'>> {
  const step = await compileTrainingStep(PROBE, {
    size: SHAPE,
    buckets: [WORDS],
    lambda: PROBE.settings.lambda,
    device: name,
  })
  try {
    step.loop.load(initialState(initialParameters(PROBE, createRandom(1))))
    const losses: number[] = []
    const takeSteps = async (steps: number) => {
      const results = await step.run(
        0,
        losses.length,
        someMinibatches(step, steps),
        new Array<number>(steps).fill(1e-3),
      )
      losses.push(...results.map(({ loss }) => loss))
    }
    // The first step allocates, and compiles what a GPU compiles late.
    await takeSteps(1)
    const started = performance.now()
    await takeSteps(1)
    // As in training: several steps a call.
    while (performance.now() - started < PROBE_TIME && losses.length < MAX_STEPS) {
      await takeSteps(STEPS_PER_CALL)
    }
    const stepMs = (performance.now() - started) / (losses.length - 1)
    return losses.every(Number.isFinite)
      ? { ok: true, reason: null, stepMs }
      : { ok: false, reason: 'it computes losses that are not finite', stepMs: null }
  } finally {
    await step.release()
  }
}

/** What some steps are fed: the values don't matter, only their range. */
function someMinibatches({ shapes: [shape] }: TrainingStep, steps: number): Map<string, Tensor> {
  if (!shape) {
    throw new Error('the step has no shape')
  }
  const masks = drawDropout(PROBE, shape.masks, createRandom(2))
  const minibatch = (leaf: Input): Tensor['data'] => {
    const count = elementCount(leaf.shape)
    return (
      masks.get(leaf.name) ??
      (leaf.dtype === 'int64' ? new BigInt64Array(count).fill(5n) : new Float32Array(count).fill(0.5))
    )
  }
  const leaves: Input[] = [...Object.values(shape.batch), ...Object.values(shape.masks)]
  return new Map(
    leaves.map((leaf) => [leaf.name, stack(leaf, new Array<Tensor['data']>(steps).fill(minibatch(leaf)))]),
  )
}
