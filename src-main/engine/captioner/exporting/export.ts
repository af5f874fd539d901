/** A trained model as ONNX files that run anywhere, with two short scripts that caption with them. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { decoding } from '#contract'
import { replaceFolderAtomic, writeFileAtomic } from '../../../formats/atomic.ts'
import type { EngineParams, EngineResult } from '../../../engine-host/contract/index.ts'
import { emitModel } from '../../graph/onnx.ts'
import type { Value } from '../../graph/value.ts'
import { resource } from '../../resources.ts'
import { captioningGraphs } from '../decoding/graphs.ts'
import { GATES_FILE, writeGates } from '../gates.ts'
import { loadModel, modelTensors } from '../model-folder.ts'
import type { CaptionerModel } from '../model-folder.ts'
import { clipGraph, memoryOfMoved } from './clip-graph.ts'
import { emitGreedyCaptioner } from './greedy.ts'

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
    await writeFileAtomic(join(folder, 'captioner.onnx'), emitGreedyCaptioner(model))
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
  const names = [
    'encoder.onnx',
    'decoder.onnx',
    'captioner.onnx',
    'vocabulary.json',
    ...gateFiles,
    ...SCRIPTS,
  ]
  return {
    files: await Promise.all(names.map(async (name) => ({ name, bytes: (await stat(join(to, name))).size }))),
  }
}

/** From one clip's raw features [n, F] and its mask [n] to all that decoding and reading topics need. */
function encoderOutputs(model: CaptionerModel): Record<string, Value> {
  const { v, topics, memory } = clipGraph(model)
  return { v, ...memory, topics }
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
