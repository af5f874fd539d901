/**
 * A model on disk: `model.json` (what it is, its vocabulary) beside `parameters.safetensors` (its parameters
 * and the transform of its features) and, where corrections have made some, `gates.json`. A folder appears
 * whole or not at all.
 */
import { join } from 'node:path'
import * as z from 'zod'
import { captionerSettings, captionerKind } from '#contract'
import type { CaptionerKind } from '#contract'
import { replaceFolderAtomic, writeFileAtomic } from '../../formats/atomic.ts'
import { readWhole } from '../../formats/files.ts'
import { encodeSafetensors, readSafetensors } from '../../formats/safetensors.ts'
import type { FloatTensor } from '../../formats/safetensors.ts'
import { elementCount, sameShape } from '../graph/value.ts'
import { failures } from './failures.ts'
import { inputSizeOf } from './feature-transform.ts'
import { readGates, writeGates } from './gates.ts'
import type { Gates } from './gates.ts'
import type { FeatureTransform } from './feature-transform.ts'
import { parameterTable } from './parameters.ts'
import type { Architecture, Parameters } from './parameters.ts'
import { vocabularyOf } from './vocabulary.ts'
import type { Vocabulary } from './vocabulary.ts'

const FORMAT = 1

/** What the files of a model are called. */
export interface ModelFiles {
  description: string
  parameters: string
}
const FILES: ModelFiles = { description: 'model.json', parameters: 'parameters.safetensors' }

const MEAN = 'features.mean'
const SCALE = 'features.scale'
const PROJECTION = 'features.projection'

/** A trained captioner: all that captioning needs. */
export interface CaptionerModel {
  kind: CaptionerKind
  architecture: Architecture
  vocabulary: Vocabulary
  transform: FeatureTransform
  parameters: Parameters
  /** What corrections taught it beside its weights; null: nothing. */
  gates: Gates | null
}

const modelFile = z.object({
  format: z.literal(FORMAT),
  kind: captionerKind,
  settings: captionerSettings,
  frames: z.number().int().positive(),
  featureSize: z.number().int().positive(),
  topics: z.number().int().positive(),
  /** Of a trained model: the step of its training at which the parameters were these. */
  step: z.number().int().optional(),
  words: z.array(z.string()).min(4),
})

/**
 * Writes the model to the folder `directory`, replacing one that was there. `step`: of its training. Throws
 * DISK_FULL when it does not fit.
 */
export async function saveModel(directory: string, model: CaptionerModel, step?: number): Promise<void> {
  await replaceFolderAtomic(directory, (folder) => writeModelFiles(folder, model, step))
}

/** Writes a model's files into an existing folder. Throws DISK_FULL. */
export async function writeModelFiles(folder: string, model: CaptionerModel, step?: number): Promise<void> {
  const description = describeModel(model, step)
  await writeFileAtomic(join(folder, FILES.description), JSON.stringify(description, null, 1))
  await writeFileAtomic(join(folder, FILES.parameters), encodeSafetensors(modelTensors(model)))
  if (model.gates !== null) {
    await writeGates(folder, model.gates)
  }
}

/** A model but for its parameters and gates, as plain data. */
export function describeModel(model: CaptionerModel, step?: number): z.infer<typeof modelFile> {
  const { settings, frames, topics } = model.architecture
  return {
    format: FORMAT,
    kind: model.kind,
    settings,
    frames,
    featureSize: model.transform.mean.length,
    topics,
    ...(step !== undefined && { step }),
    words: [...model.vocabulary.words],
  }
}

/** A model's parameters and the arrays of its transform, by name. */
export function modelTensors({ parameters, transform }: CaptionerModel): Map<string, FloatTensor> {
  const { mean, scale, projection } = transform
  const F = mean.length
  const tensors = new Map(parameters)
  tensors.set(MEAN, { shape: [F], data: mean })
  tensors.set(SCALE, { shape: [F], data: scale })
  if (projection) {
    tensors.set(PROJECTION, { shape: [F, projection.length / F], data: projection })
  }
  return tensors
}

/**
 * Reads a model folder, whose files may have other names. Throws NOT_FOUND or BAD_INPUT, naming the file, when it is
 * missing or not whole.
 */
export async function loadModel(directory: string, files: ModelFiles = FILES): Promise<CaptionerModel> {
  const { kind, settings, frames, featureSize, topics, words } = await readDescription(
    join(directory, files.description),
  )
  const path = join(directory, files.parameters)
  const tensors = await readSafetensors(path)
  const take = (name: string, shape: readonly number[]): FloatTensor => {
    const tensor = tensors.get(name)
    if (!tensor || !sameShape(tensor.shape, shape) || tensor.data.length !== elementCount(shape)) {
      throw failures.modelDamaged({ path }, { cause: new Error(name) })
    }
    return tensor
  }
  const transform: FeatureTransform = {
    mean: take(MEAN, [featureSize]).data,
    scale: take(SCALE, [featureSize]).data,
    projection: tensors.has(PROJECTION) ? take(PROJECTION, [featureSize, settings.projection]).data : null,
  }
  const architecture: Architecture = {
    settings,
    frames,
    inputSize: inputSizeOf(transform),
    topics,
    vocabularySize: words.length,
  }
  const parameters: Parameters = new Map(
    [...parameterTable(architecture)].map(([name, { shape }]) => [name, take(name, shape)]),
  )
  const gates = await readGates(directory)
  return { kind, architecture, vocabulary: vocabularyOf(words), transform, parameters, gates }
}

async function readDescription(path: string): Promise<z.infer<typeof modelFile>> {
  const bytes = await readWhole(path).catch((cause: unknown) => {
    throw failures.modelUnreadable({ path }, { cause })
  })
  try {
    return modelFile.parse(JSON.parse(bytes.toString()))
  } catch (cause) {
    throw failures.modelDamaged({ path }, { cause })
  }
}
