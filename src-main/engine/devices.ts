/** Whether the real training step runs on a device of this machine, and how fast. */
import { listSupportedBackends } from 'onnxruntime-node'
import { captionerSettings, toFailure } from '../contract/index.ts'
import type { EngineHandlers, EngineResult } from './contract.ts'
import type { Architecture } from './captioner/parameters.ts'
import { initialParameters } from './captioner/parameters.ts'
import { compileTrainingStep, drawDropout } from './captioner/step.ts'
import { initialState } from './graph/optimizers.ts'
import { resolveDevice } from './graph/session.ts'
import type { DeviceName, Tensor } from './graph/session.ts'
import { TENSORFLOW_DEVICES } from './graph/tensorflow-library.ts'
import { elementCount } from './graph/value.ts'
import { createRandom } from './random.ts'

/** Steps are taken for this many milliseconds, compilation and a first step aside. */
const TIME = 1000
const MOST_STEPS = 200
const SHAPE = { clips: 2, captions: 4 }
const WORDS = 8

/** A small captioner: the same operations as a large one. */
const PROBE: Architecture = {
  settings: captionerSettings.parse({ encoderSize: 32, hiddenSize: 64, attentionSize: 32, embeddingSize: 32, topicHiddenSize: 32 }),
  frames: 8, inputSize: 64, vocabularySize: 200, topics: 8,
}

export const deviceHandlers: Pick<EngineHandlers, 'devices.probe'> = {
  async 'devices.probe'({ device }) {
    const name = resolveDevice(device)
    const isTensorFlow = TENSORFLOW_DEVICES.some((own) => own === name)
    if (!isTensorFlow && !listSupportedBackends().some((backend) => (backend.name as string) === name)) {
      return { ok: false, reason: 'not part of the ONNX Runtime installed here', stepMs: null }
    }
    try {
      return await probe(name)
    } catch (error) {
      return { ok: false, reason: plainReason(error), stepMs: null }
    }
  },
}

async function probe(name: DeviceName): Promise<EngineResult<'devices.probe'>> {
  const step = await compileTrainingStep(PROBE, SHAPE, [WORDS], PROBE.settings.lambda, name)
  try {
    step.loop.load(initialState(initialParameters(PROBE, createRandom(1))))
    const random = createRandom(2)
    const [shape] = step.shapes
    const feeds = new Map<string, Tensor>()
    for (const leaf of Object.values(shape?.batch ?? {})) {
      const count = elementCount(leaf.shape)
      feeds.set(leaf.name ?? '', { shape: [1, ...leaf.shape], data: leaf.dtype === 'int64' ? new BigInt64Array(count).fill(5n) : new Float32Array(count).fill(0.5) })
    }
    for (const mask of Object.values(shape?.masks ?? {})) {
      feeds.set(mask.name ?? '', { shape: [1, ...mask.shape], data: drawDropout(PROBE, { hidden: mask }, random).get(mask.name ?? '') ?? new Uint8Array(0) })
    }
    const losses: number[] = []
    const take = async () => { losses.push(...(await step.run(0, losses.length, feeds, [1e-3])).map(({ loss }) => loss)) }
    // The first step allocates, and compiles what a GPU compiles late.
    await take()
    const started = performance.now()
    do await take()
    while (performance.now() - started < TIME && losses.length < MOST_STEPS)
    const stepMs = (performance.now() - started) / (losses.length - 1)
    return losses.every(Number.isFinite) ? { ok: true, reason: null, stepMs } : { ok: false, reason: 'it computes losses that are not finite', stepMs: null }
  } finally {
    await step.release()
  }
}

/** What people can use of a failure: the remedy of TensorFlow's, the end of ONNX Runtime's, which begins with the place in its source. */
function plainReason(error: unknown): string {
  const { message, remedy } = toFailure(error)
  const reason = message.trim().split(': ').at(-1) ?? message
  return remedy?.startsWith('Fetch') ? `${reason}. ${remedy}` : reason
}
