/** A trained model as ONNX files that run anywhere, with short programs that caption with them. */
import { copyFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { decoding } from '#contract'
import { replaceFolderAtomic, writeFileAtomic } from '../../../formats/atomic.ts'
import { encodeSafetensors } from '../../../formats/safetensors.ts'
import type { EngineParams, EngineResult } from '../../../engine-host/contract/index.ts'
import { framesGraph } from '../../encoders/frames-graph.ts'
import { emitModel } from '../../graph/onnx.ts'
import type { Value } from '../../graph/value.ts'
import { resource } from '../../resources.ts'
import { captioningGraphs } from '../decoding/graphs.ts'
import { writeGates } from '../gates.ts'
import { describeModel, loadModel, modelTensors } from '../model-folder.ts'
import type { CaptionerModel, ModelFiles } from '../model-folder.ts'
import { clipGraph, memoryOfMoved } from './clip-graph.ts'
import { emitFrameCaptioner, emitGreedyCaptioner } from './greedy.ts'

const DECODING = decoding.parse({})
/** Files of resources/export, and what they are called in an export, whose README is main's. */
const PROGRAMS = { 'caption.py': 'caption.py', 'caption.mjs': 'caption.mjs', 'README.md': 'FILES.md' }
/** What the files are called that a model is read from again. */
export const EXPORTED: ModelFiles = { description: 'config.json', parameters: 'model.safetensors' }

/** Writes the export to the folder `to` (replacing it): see resources/export/README.md for what is in it, but for what
 * main knows of the model and writes beside it. */
export async function exportModel({
  modelDir,
  to,
  frames,
}: EngineParams<'captioner.export'>): Promise<EngineResult<'captioner.export'>> {
  const model = await loadModel(modelDir)
  const seen = frames === null ? null : await framesGraph(frames.descriptor, frames)
  await replaceFolderAtomic(to, async (folder) => {
    const write = (name: string, content: Uint8Array | string) => writeFileAtomic(join(folder, name), content)
    await writeNetworks(model, write)
    if (seen !== null && typeof seen !== 'string') {
      await write('frames.onnx', emitFrameCaptioner(model, seen))
    }
    if (model.gates !== null) {
      await writeGates(folder, model.gates)
    }
    await write('vocabulary.json', JSON.stringify(describe(model)))
    await write(EXPORTED.description, JSON.stringify(describeModel(model), null, 1))
    await writeFileAtomic(join(folder, EXPORTED.parameters), encodeSafetensors(modelTensors(model)))
    for (const [program, name] of Object.entries(PROGRAMS)) {
      await copyFile(resource('export', program), join(folder, name))
    }
  })
  return { files: await filesIn(to), framesLeftOut: typeof seen === 'string' ? seen : null }
}

async function writeNetworks(
  model: CaptionerModel,
  write: (name: string, content: Uint8Array) => Promise<void>,
): Promise<void> {
  const weights = modelTensors(model)
  const { step } = captioningGraphs(model.architecture, 1, DECODING.beam, null)
  await write('encoder.onnx', emitModel(encoderOutputs(model), weights))
  await write('decoder.onnx', emitModel(step, weights))
  await write('captioner.onnx', emitGreedyCaptioner(model))
  if (model.gates !== null) {
    await write('memory.onnx', emitModel(memoryOfMoved(model), weights))
  }
}

/** From one clip's raw features [n, F] and its mask [n] to all that decoding and reading topics need. */
function encoderOutputs(model: CaptionerModel): Record<string, Value> {
  const { v, topics, memory } = clipGraph(model)
  return { v, ...memory, topics }
}

/** What the programs have to know beside the networks. */
const describe = ({ architecture, vocabulary, transform }: CaptionerModel) => ({
  words: vocabulary.words,
  beam: DECODING.beam,
  lengthNormalisation: architecture.settings.lengthNormalisation,
  maxWords: architecture.settings.maxWords,
  frames: architecture.frames,
  featureSize: transform.mean.length,
  hiddenSize: architecture.settings.hiddenSize,
})

const filesIn = async (folder: string): Promise<{ name: string; bytes: number }[]> =>
  Promise.all(
    (await readdir(folder)).map(async (name) => ({ name, bytes: (await stat(join(folder, name))).size })),
  )
