/**
 * Whose neurons are read: a captioner's, by its encoder; or another system's, by the activations that came with it, which
 * are read as features are. Such a system is a captioner without an encoder and a decoder: v_i is what came in, and f is a
 * head that was trained on it here (probe.ts).
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { captionerSettings } from '#contract'
import { readSafetensors } from '../../formats/safetensors.ts'
import type { FloatTensor } from '../../formats/safetensors.ts'
import { batchSizeFor, GREEDY } from '../captioner/decoding/decoder.ts'
import type { ClipEncoder, Decoder, EncodedBatch } from '../captioner/decoding/decoder.ts'
import { FeatureReader } from '../captioner/features.ts'
import type { FeatureBatch } from '../captioner/features.ts'
import { withModel } from '../captioner/loaded-models.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import { parameterTensor } from '../captioner/parameters.ts'
import type { Architecture, Parameters } from '../captioner/parameters.ts'
import type { DeviceName } from '../graph/runtime.ts'
import { sameShape } from '../graph/value.ts'
import { failures } from './failures.ts'

/** The file of f beside a neuron map, where there is no model. */
export const PROBE_FILE = 'probe.safetensors'
const FRAMES = 'frames'

/** What turns clips into neurons, and neurons into topics. */
export interface NeuronSource extends ClipEncoder {
  model: Pick<CaptionerModel, 'architecture' | 'parameters'>
  decoder: ClipEncoder['decoder'] & Pick<Decoder, 'topics'>
}

interface SourceOptions {
  device: DeviceName
  batchSize?: number
  /** Frames of the longest clip, where that is known. */
  frames?: number
}

/** Runs `work` with the neurons of a model's folder. Throws as `loadModel`. */
export async function withNeurons<T>(
  modelDir: string,
  options: SourceOptions,
  work: (source: NeuronSource) => Promise<T>,
): Promise<T> {
  const path = join(modelDir, PROBE_FILE)
  const isProbed = await stat(path).then(
    () => true,
    () => false,
  )
  return isProbed
    ? withProbe(path, options, work)
    : withModel(modelDir, { decoding: GREEDY, ...options }, work)
}

/** The architecture of neurons that came from elsewhere: D of them, K topics, nothing else. */
export const probeArchitecture = (neurons: number, topics: number, frames: number): Architecture => ({
  settings: {
    ...captionerSettings.parse({ deltas: false }),
    // No encoder and no decoder: what sizes them is zero.
    encoderSize: 0,
    hiddenSize: 0,
    attentionSize: 0,
    embeddingSize: 0,
  },
  frames,
  inputSize: neurons,
  vocabularySize: 0,
  topics,
})

/** Whether neurons came from elsewhere. */
export const isProbe = ({ vocabularySize }: Architecture): boolean => vocabularySize === 0

/** What a probe's file holds. */
export const probeTensors = (parameters: Parameters, frames: number): Map<string, FloatTensor> =>
  new Map([...parameters, [FRAMES, { shape: [1], data: Float32Array.of(frames) }]])

async function withProbe<T>(
  path: string,
  { batchSize = batchSizeFor(GREEDY) }: SourceOptions,
  work: (source: NeuronSource) => Promise<T>,
): Promise<T> {
  const { frames, ...model } = await readProbe(path)
  const neurons = model.architecture.inputSize
  const reader = new FeatureReader(frames, {
    mean: new Float32Array(neurons),
    scale: new Float32Array(neurons).fill(1),
    projection: null,
  })
  try {
    return await work({ model, decoder: activationDecoder(model, batchSize), reader })
  } finally {
    await reader.release()
  }
}

/** The head of a file, and the most frames of a clip. Throws BAD_INPUT, naming the file, where it is not whole. */
async function readProbe(path: string): Promise<NeuronSource['model'] & { frames: number }> {
  const parameters = await readSafetensors(path)
  const shapeOf = (name: string): readonly number[] => parameters.get(name)?.shape ?? []
  const [D = 0, P = 0] = shapeOf('topics.hidden')
  const K = shapeOf('topics.output')[1] ?? 0
  const shapes = {
    'topics.hidden': [D, P],
    'topics.hidden_bias': [P],
    'topics.output': [P, K],
    'topics.output_bias': [K],
    [FRAMES]: [1],
  }
  for (const [tensor, shape] of Object.entries(shapes)) {
    if (!sameShape(shapeOf(tensor), shape) || shape.includes(0)) {
      throw failures.mapIncomplete({ path, tensor })
    }
  }
  const [frames = 1] = parameters.get(FRAMES)!.data
  return { architecture: probeArchitecture(D, K, frames), parameters, frames }
}

/** v is the features themselves; f is two small products, which need no device. */
function activationDecoder(
  { architecture, parameters }: NeuronSource['model'],
  batchSize: number,
): NeuronSource['decoder'] {
  const [n, D] = [architecture.frames, architecture.inputSize]
  return {
    batchSize,
    encode: ({ features, mask }: FeatureBatch): Promise<EncodedBatch> => {
      const v = new Float32Array(features.length)
      for (let t = 0; t < n; t++) {
        for (let b = 0; b < batchSize; b++) {
          const from = (t * batchSize + b) * D
          v.set(features.subarray(from, from + D), (b * n + t) * D)
        }
      }
      return Promise.resolve({ v, mask })
    },
    topics: (encoded) => {
      const means = Array.from({ length: batchSize }, (_, b) => meanOf(encoded, b, { n, D, batchSize }))
      return Promise.resolve({ means, scores: means.map((mean) => headScores(parameters, mean)) })
    },
  }
}

/** The mean of v over the frames of clip b, [D]. */
function meanOf(
  { v, mask }: EncodedBatch,
  b: number,
  { n, D, batchSize }: { n: number; D: number; batchSize: number },
): Float32Array {
  const sums = new Float64Array(D)
  let frames = 0
  for (let t = 0; t < n; t++) {
    if (mask[t * batchSize + b] === 1) {
      frames++
      for (let j = 0; j < D; j++) {
        sums[j]! += v[(b * n + t) * D + j]!
      }
    }
  }
  return Float32Array.from(sums, (sum) => sum / Math.max(1, frames))
}

/** f(v-bar), [K]: linear, ReLU, linear. */
export function headScores(parameters: Parameters, mean: Float32Array): number[] {
  const hidden = linear(parameters, mean, 'topics.hidden').map((x) => Math.max(0, x))
  return [...linear(parameters, hidden, 'topics.output')]
}

/** x W + b: [I] -> [O]. */
function linear(
  parameters: Parameters,
  x: ArrayLike<number>,
  name: 'topics.hidden' | 'topics.output',
): Float64Array {
  const { data: weights } = parameterTensor(parameters, name)
  const out = Float64Array.from(parameterTensor(parameters, `${name}_bias`).data)
  for (let i = 0; i < x.length; i++) {
    const value = x[i]!
    if (value !== 0) {
      for (let o = 0; o < out.length; o++) {
        out[o]! += value * weights[i * out.length + o]!
      }
    }
  }
  return out
}
