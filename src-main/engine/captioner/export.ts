/** A trained model as ONNX files that run anywhere, with two short scripts that caption with them. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { decoding } from '#contract'
import { replaceFolderAtomic, writeFileAtomic } from '../../formats/atomic.ts'
import type { EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { emitModel } from '../graph/onnx.ts'
import type { Weights } from '../graph/onnx.ts'
import * as ops from '../graph/ops.ts'
import { input } from '../graph/value.ts'
import { resource } from '../resources.ts'
import { captioningGraphs } from './graphs.ts'
import { decoderMemory, encode, meanOverFrames, topicScores } from './model.ts'
import { loadModel } from './model-folder.ts'
import { parameterLeaves } from './parameters.ts'

const DECODING = decoding.parse({})
const SCRIPTS = ['caption.py', 'caption.mjs', 'README.md']

/** Writes the export to the folder `to` (replacing it): see resources/export/README.md for what is in it. */
export async function exportModel({
  modelDir,
  to,
}: EngineParams<'captioner.export'>): Promise<EngineResult<'captioner.export'>> {
  const model = await loadModel(modelDir)
  const { architecture, vocabulary, transform } = model
  const { frames: n, inputSize, settings } = architecture
  const F = transform.mean.length
  const weights: Weights = new Map([
    ...model.parameters,
    ['features.mean', { shape: [F], data: transform.mean }],
    ['features.scale', { shape: [F], data: transform.scale }],
    ...(transform.projection
      ? [['features.projection', { shape: [F, inputSize], data: transform.projection }] as const]
      : []),
  ])

  const leaves = parameterLeaves(architecture)
  const mask = ops.reshape(input('mask', [n]), [n, 1])
  const normalised = ops.multiply(
    ops.subtract(input('features', [n, F]), input('features.mean', [F])),
    input('features.scale', [F]),
  )
  const x = transform.projection
    ? ops.matmul(normalised, input('features.projection', [F, inputSize]))
    : normalised
  const v = encode(architecture, leaves, ops.reshape(ops.multiply(x, mask), [n, 1, inputSize]), mask)
  const vMean = meanOverFrames(v, mask)
  const memory = decoderMemory(leaves, v, vMean, mask)
  const encoder = {
    v,
    frame_keys: memory.frameKeys,
    frame_gates: memory.frameGates,
    frame_output: memory.frameOutput,
    frame_bias: memory.frameBias,
    hidden: memory.hidden,
    memory: memory.memory,
    topics: topicScores(architecture, leaves, vMean),
  }
  const description = {
    words: vocabulary.words,
    beam: DECODING.beam,
    lengthNormalisation: DECODING.lengthNormalisation,
    maxWords: settings.maxWords,
    frames: n,
    featureSize: F,
    hiddenSize: settings.hiddenSize,
  }
  const names = ['encoder.onnx', 'decoder.onnx', 'vocabulary.json', ...SCRIPTS]
  await replaceFolderAtomic(to, async (folder) => {
    await writeFileAtomic(join(folder, 'encoder.onnx'), emitModel(encoder, weights))
    await writeFileAtomic(
      join(folder, 'decoder.onnx'),
      emitModel(captioningGraphs(architecture, 1, DECODING.beam, null).step, weights),
    )
    await writeFileAtomic(join(folder, 'vocabulary.json'), JSON.stringify(description))
    for (const script of SCRIPTS) {
      await writeFileAtomic(join(folder, script), await readFile(resource('export', script)))
    }
  })
  return {
    files: await Promise.all(names.map(async (name) => ({ name, bytes: (await stat(join(to, name))).size }))),
  }
}
