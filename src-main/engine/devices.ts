/** What ONNX Runtime offers on this machine: every device, whether the real training step runs on it, and how fast. */
import { listSupportedBackends } from 'onnxruntime-node'
import { captionerSettings } from '../contract/index.ts'
import type { EngineHandlers } from './contract.ts'
import type { Architecture } from './captioner/parameters.ts'
import { initialParameters } from './captioner/parameters.ts'
import { compileTrainingStep } from './captioner/step.ts'
import { initialState } from './graph/optimizers.ts'
import { DEVICES } from './graph/session.ts'
import type { DeviceName, Tensor } from './graph/session.ts'
import { elementCount } from './graph/value.ts'
import { createRandom } from './random.ts'

const STEPS = 4
const SHAPE = { clips: 2, captions: 4, words: 8 }

/** A small captioner: the same operations as a large one. */
const PROBE: Architecture = {
  settings: captionerSettings.parse({ encoderSize: 32, hiddenSize: 64, attentionSize: 32, embeddingSize: 32, topicHiddenSize: 32 }),
  frames: 8, inputSize: 64, vocabularySize: 200, topics: 8,
}

export const deviceHandlers: Pick<EngineHandlers, 'devices.probe'> = {
  async 'devices.probe'() {
    const bundled = new Set(listSupportedBackends().map(({ name }) => name as string))
    const devices = []
    for (const name of DEVICES) {
      if (!bundled.has(name)) devices.push({ name, ok: false, reason: 'not part of the ONNX Runtime installed here', stepMs: null })
      else devices.push(await probe(name))
    }
    return { devices }
  },
}

async function probe(name: DeviceName): Promise<{ name: string; ok: boolean; reason: string | null; stepMs: number | null }> {
  try {
    const step = await compileTrainingStep(PROBE, SHAPE, [SHAPE.words], PROBE.settings.lambda, name)
    step.loop.load(initialState(initialParameters(PROBE, createRandom(1))))
    const [shape] = step.shapes
    const feeds = new Map<string, Tensor>()
    for (const leaf of [...Object.values(shape?.batch ?? {}), ...Object.values(shape?.masks ?? {})]) {
      const count = STEPS * elementCount(leaf.shape)
      const data = leaf.dtype === 'int64' ? new BigInt64Array(count).fill(5n) : leaf.dtype === 'uint8' ? new Uint8Array(count).fill(1) : new Float32Array(count).fill(0.5)
      feeds.set(leaf.name ?? '', { shape: [STEPS, ...leaf.shape], data })
    }
    const rates = new Array<number>(STEPS).fill(1e-3)
    await step.run(0, 0, feeds, rates)
    const started = performance.now()
    const losses = await step.run(0, STEPS, feeds, rates)
    const stepMs = (performance.now() - started) / STEPS
    await step.release()
    if (!losses.every(({ loss }) => Number.isFinite(loss))) return { name, ok: false, reason: 'it computes losses that are not finite', stepMs: null }
    return { name, ok: true, reason: null, stepMs }
  } catch (error) {
    return { name, ok: false, reason: plainReason(error), stepMs: null }
  }
}

/** The end of ONNX Runtime's message: what comes before it is the place in its source. */
function plainReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.trim().split(': ').at(-1) ?? message
}
