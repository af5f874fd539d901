/** The neuron map of a model on disk, beside its parameters: what interventions and views of neurons need. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { encodeSafetensors, readSafetensors } from '../../formats/safetensors.ts'
import type { FloatTensor } from '../../formats/safetensors.ts'
import { failures } from './failures.ts'

const FILE = 'neurons.safetensors'

/** What a map file holds. */
export interface NeuronMapFile {
  topics: number
  /** delta(j, k), [D, K]. */
  delta: Float32Array
  /**
   * The first neuron that is learnt; those before are the frame's features, which no correction can change.
   */
  firstLearnt: number
  /** A neuron's largest delta under shuffled topics, mean over the shuffles, [D]. */
  shuffled: Float32Array
  /** Mean of v-bar_j over the training clips that bear topic k, and over those that do not, [D, K]. */
  bearing: Float32Array
  absent: Float32Array
  /** The clips that the map was made of, [N], and their v-bar, [N, D]. */
  clipIds: Float32Array
  clipMeans: Float32Array
}

/** Writes the map into the model's folder. */
export async function writeNeuronMap(modelDir: string, map: NeuronMapFile): Promise<void> {
  const [D, K, N] = [map.shuffled.length, map.topics, map.clipIds.length]
  const tensors = new Map<string, FloatTensor>([
    ['delta', { shape: [D, K], data: map.delta }],
    ['first_learnt', { shape: [1], data: Float32Array.of(map.firstLearnt) }],
    ['shuffled', { shape: [D], data: map.shuffled }],
    ['bearing', { shape: [D, K], data: map.bearing }],
    ['absent', { shape: [D, K], data: map.absent }],
    ['clip_ids', { shape: [N], data: map.clipIds }],
    ['clip_means', { shape: [N, D], data: map.clipMeans }],
  ])
  await writeFileAtomic(join(modelDir, FILE), encodeSafetensors(tensors))
}

/** The stored map of a model. Throws NOT_READY when there is none yet. */
export async function readNeuronMap(modelDir: string): Promise<NeuronMapFile> {
  const path = join(modelDir, FILE)
  const exists = await stat(path).then(
    () => true,
    () => false,
  )
  if (!exists) {
    throw failures.notInterpreted()
  }
  const tensors = await readSafetensors(path)
  const take = (name: string): FloatTensor => {
    const tensor = tensors.get(name)
    if (!tensor) {
      throw failures.mapIncomplete({ path, tensor: name })
    }
    return tensor
  }
  const delta = take('delta')
  return {
    topics: delta.shape[1] ?? 0,
    delta: delta.data,
    firstLearnt: take('first_learnt').data[0] ?? 0,
    shuffled: take('shuffled').data,
    bearing: take('bearing').data,
    absent: take('absent').data,
    clipIds: take('clip_ids').data,
    clipMeans: take('clip_means').data,
  }
}
