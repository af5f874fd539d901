/** A trained model as ONNX files that run anywhere, with short programs that caption with them. */
import { copyFile, readdir, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { decoding } from '#contract'
import type { ActionHead } from '#contract'
import { replaceFolderAtomic, writeFileAtomic } from '../../../formats/atomic.ts'
import { makeFolder } from '../../../formats/files.ts'
import { encodeSafetensors } from '../../../formats/safetensors.ts'
import type { FloatTensor } from '../../../formats/safetensors.ts'
import type { EngineParams, EngineResult } from '../../../engine-host/contract/index.ts'
import { framesGraph } from '../../encoders/frames-graph.ts'
import { emitModel } from '../../graph/onnx.ts'
import { emitGraphModel, WEIGHTS_FILE } from '../../graph/tensorflow-graph-model.ts'
import type { Value } from '../../graph/value.ts'
import { resource } from '../../resources.ts'
import { captioningGraphs } from '../decoding/graphs.ts'
import { writeGates } from '../gates.ts'
import { describeModel, loadModel, modelTensors } from '../model-folder.ts'
import type { CaptionerModel, ModelFiles } from '../model-folder.ts'
import { CLASS_HEAD_FILE, classHeadTensors, classOutputs } from './class-head.ts'
import { codebookTensors } from './codebook-graph.ts'
import { clipGraph, memoryOfMoved } from './clip-graph.ts'
import { emitFrameCaptioner, emitGreedyCaptioner } from './greedy.ts'

const DECODING = decoding.parse({})
/** Files of resources/export, and what they are called in an export, whose README is main's. */
const PROGRAMS = {
  'caption.py': 'caption.py',
  'caption.mjs': 'caption.mjs',
  'captioner.mjs': 'captioner.mjs',
  'caption.html': 'caption.html',
  'README.md': 'FILES.md',
}
/** What the files are called that a model is read from again. */
export const EXPORTED: ModelFiles = { description: 'config.json', parameters: 'model.safetensors' }

/** Writes the export to the folder `to` (replacing it): see resources/export/README.md for what is in it, but for what
 * main knows of the model and writes beside it. */
export async function exportModel({
  modelDir,
  to,
  frames,
  classifier,
}: EngineParams<'captioner.export'>): Promise<EngineResult<'captioner.export'>> {
  const model = await loadModel(modelDir)
  const seen = frames === null ? null : await framesGraph(frames.descriptor, frames)
  await replaceFolderAtomic(to, async (folder) => {
    const write = async (
      name: string,
      content: Uint8Array | string | Iterable<Uint8Array>,
    ): Promise<void> => {
      await makeFolder(dirname(join(folder, name)))
      await writeFileAtomic(join(folder, name), content)
    }
    await writeNetworks(networksOf(model, classifier), write)
    await write('captioner.onnx', emitGreedyCaptioner(model))
    if (seen !== null && typeof seen !== 'string') {
      await write('frames.onnx', emitFrameCaptioner(model, seen))
    }
    if (model.gates !== null) {
      await writeGates(folder, model.gates)
    }
    if (classifier !== null) {
      await writeFileAtomic(join(folder, CLASS_HEAD_FILE), encodeSafetensors(classHeadTensors(classifier)))
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

/** As ONNX, and the same for TensorFlow.js, a folder each. */
async function writeNetworks(
  { networks, weights }: ReturnType<typeof networksOf>,
  write: (name: string, content: Uint8Array | string | Iterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  for (const [name, outputs] of Object.entries(networks)) {
    await write(`${name}.onnx`, emitModel(outputs, weights))
    const graph = emitGraphModel(outputs, weights)
    await write(`tfjs/${name}/model.json`, graph.json)
    await write(`tfjs/${name}/${WEIGHTS_FILE}`, graph.weights)
  }
}

/** The networks that the programs search with, and that which tells classes. */
function networksOf(
  model: CaptionerModel,
  classifier: ActionHead | null,
): { networks: Record<string, Record<string, Value>>; weights: ReadonlyMap<string, FloatTensor> } {
  const { step } = captioningGraphs(model.architecture, 1, DECODING.beam, null)
  return {
    networks: {
      encoder: encoderOutputs(model),
      decoder: step,
      ...(model.gates !== null && { memory: memoryOfMoved(model) }),
      ...(classifier !== null && { classes: classOutputs(model, classifier) }),
    },
    weights: new Map([
      ...modelTensors(model),
      ...codebookTensors(model),
      ...(classifier === null ? [] : classHeadTensors(classifier)),
    ]),
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

async function filesIn(folder: string): Promise<{ name: string; bytes: number }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  return Promise.all(
    paths.map(async (path) => ({
      name: relative(folder, path).replaceAll('\\', '/'),
      bytes: (await stat(path)).size,
    })),
  )
}
