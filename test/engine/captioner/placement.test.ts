/**
 * What runs where on a GPU: nothing of the training step on the CPU but the layout of word ids, and errors
 * that name what is missing.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import onnxProto from 'onnx-proto'
import { beforeEach, describe, expect, it } from 'vitest'
import { trainingStepGraph } from '../../../src-main/engine/captioner/training/step-graph.ts'
import { requireKernels } from '../../../src-main/engine/graph/kernels.ts'
import { nodeKinds } from '../../../src-main/engine/graph/node-kinds.ts'
import { emitModel } from '../../../src-main/engine/graph/onnx.ts'
import * as ops from '../../../src-main/engine/graph/ops.ts'
import type { DeviceName } from '../../../src-main/engine/graph/session.ts'
import { input } from '../../../src-main/engine/graph/value.ts'
import type { Value } from '../../../src-main/engine/graph/value.ts'
import { ort } from '../../../src-main/engine/onnx-runtime.ts'
import { whyNoGpu } from '../graph/software-gpu.ts'
import { tinySettings } from './tiny.ts'

/** Every output of the real training step. */
function trainingOutputs(): Record<string, Value> {
  const architecture = {
    settings: tinySettings({
      keepFeatures: true,
      labelSmoothing: 0.1,
      gateDropout: 0.3,
      attentionPenaltyForm: 'batch-sum',
    }),
    frames: 4,
    inputSize: 6,
    vocabularySize: 12,
    topics: 3,
  }
  const { body } = trainingStepGraph(architecture, { clips: 2, captions: 2, words: 3 }, 0.1)
  return {
    ...Object.fromEntries(body.state.map(({ current, next }) => [`next.${current.name}`, next])),
    ...body.collect,
  }
}

/**
 * Operations that webgpu leaves to the CPU although they read what the GPU computed, in the model as emitted
 * for `device`.
 */
async function readsBack(outputs: Readonly<Record<string, Value>>, device: DeviceName): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-placement-'))
  try {
    const optimizedModelFilePath = join(folder, 'placed.onnx')
    const session = await ort.InferenceSession.create(emitModel(outputs, undefined, device), {
      executionProviders: ['webgpu'],
      logSeverityLevel: 3,
      optimizedModelFilePath,
    })
    await session.release()
    const { graph } = onnxProto.onnx.ModelProto.decode(await readFile(optimizedModelFilePath))
    const nodes = graph?.node ?? []
    const copied = new Set(
      nodes.flatMap(({ opType, output }) => (opType === 'MemcpyToHost' ? (output ?? []) : [])),
    )
    return nodes.flatMap(({ opType, input: inputs }) =>
      inputs?.some((name) => copied.has(name)) ? [opType ?? ''] : [],
    )
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('on webgpu', () => {
  beforeEach(({ skip }) => {
    if (whyNoGpu !== null) {
      skip(whyNoGpu)
    }
  })

  it('nothing of the training step goes back to the CPU', async () => {
    expect(await readsBack(trainingOutputs(), 'webgpu')).toEqual([])
  })

  it('the same test sees what does, in the step as it is emitted for the CPU', async () => {
    expect(await readsBack(trainingOutputs(), 'cpu')).toEqual(['LogSoftmax'])
  })

  it('an operation without a kernel is an error that names it', async () => {
    const kinds = nodeKinds([ops.tanh(ops.logSoftmax(input('a', [2, 3])))], 'cpu')
    await expect(requireKernels(kinds, 'webgpu')).rejects.toThrow(
      'The device webgpu lacks the operation LogSoftmax.',
    )
  })
})
