/** A trained model as ONNX files that run anywhere, with two short scripts that caption with them. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { decoding } from '#contract'
import { replaceFolderAtomic, writeFileAtomic } from '../../formats/atomic.ts'
import type { EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { emitModel } from '../graph/onnx.ts'
import * as ops from '../graph/ops.ts'
import { input } from '../graph/value.ts'
import type { Value } from '../graph/value.ts'
import { resource } from '../resources.ts'
import { captioningGraphs, memoryOutputs } from './decoding/graphs.ts'
import { createNetwork, decoderMemory, encode, meanOverFrames, topicScores } from './model.ts'
import { GATES_FILE, writeGates } from './gates.ts'
import { loadModel, modelTensors } from './model-folder.ts'
import { neuronCount } from './parameters.ts'
import type { CaptionerModel } from './model-folder.ts'

const DECODING = decoding.parse({})
const SCRIPTS = ['caption.py', 'caption.mjs', 'README.md']

/** Writes the export to the folder `to` (replacing it): see resources/export/README.md for what is in it. */
export async function exportModel({
  modelDir,
  to,
}: EngineParams<'captioner.export'>): Promise<EngineResult<'captioner.export'>> {
  const model = await loadModel(modelDir)
  const weights = modelTensors(model)
  const decoder = captioningGraphs(model.architecture, 1, DECODING.beam, null).step
  await replaceFolderAtomic(to, async (folder) => {
    await writeFileAtomic(join(folder, 'encoder.onnx'), emitModel(encoderOutputs(model), weights))
    await writeFileAtomic(join(folder, 'decoder.onnx'), emitModel(decoder, weights))
    await writeFileAtomic(join(folder, 'vocabulary.json'), JSON.stringify(describe(model)))
    if (model.gates !== null) {
      await writeFileAtomic(join(folder, 'memory.onnx'), emitModel(memoryOfMoved(model), weights))
      await writeGates(folder, model.gates)
    }
    for (const script of SCRIPTS) {
      await writeFileAtomic(join(folder, script), await readFile(resource('export', script)))
    }
  })
  const gateFiles = model.gates === null ? [] : ['memory.onnx', GATES_FILE]
  const names = ['encoder.onnx', 'decoder.onnx', 'vocabulary.json', ...gateFiles, ...SCRIPTS]
  return {
    files: await Promise.all(names.map(async (name) => ({ name, bytes: (await stat(join(to, name))).size }))),
  }
}

/** From one clip's raw features [n, F] and its mask [n] to all that decoding and reading topics need. */
function encoderOutputs({ architecture, transform }: CaptionerModel): Record<string, Value> {
  const { frames: n, inputSize } = architecture
  const F = transform.mean.length
  const network = createNetwork(architecture)
  const mask = ops.reshape(input('mask', [n]), [n, 1])
  const standardised = ops.multiply(
    ops.subtract(input('features', [n, F]), input('features.mean', [F])),
    input('features.scale', [F]),
  )
  const x = transform.projection
    ? ops.matmul(standardised, input('features.projection', [F, inputSize]))
    : standardised
  const v = encode(network, ops.reshape(ops.multiply(x, mask), [n, 1, inputSize]), mask)
  const vMean = meanOverFrames(v, mask)
  return {
    v,
    ...memoryOutputs(decoderMemory(network, v, vMean, mask)),
    topics: topicScores(network, vMean),
  }
}

/** From a clip's v [1, n, D], with neurons moved, and its mask [n] to what decoding needs. */
function memoryOfMoved({ architecture }: CaptionerModel): Record<string, Value> {
  const network = createNetwork(architecture)
  const mask = ops.reshape(input('mask', [architecture.frames]), [architecture.frames, 1])
  const v = input('v', [1, architecture.frames, neuronCount(architecture)])
  return memoryOutputs(decoderMemory(network, v, meanOverFrames(v, mask), mask))
}

/** What the scripts have to know beside the networks. */
const describe = ({ architecture, vocabulary, transform }: CaptionerModel) => ({
  words: vocabulary.words,
  beam: DECODING.beam,
  lengthNormalisation: architecture.settings.lengthNormalisation,
  maxWords: architecture.settings.maxWords,
  frames: architecture.frames,
  featureSize: transform.mean.length,
  hiddenSize: architecture.settings.hiddenSize,
})
