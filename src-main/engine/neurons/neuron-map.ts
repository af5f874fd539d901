/** The neuron map of a model on disk, beside its parameters: what interventions and views of neurons need. */
import { copyFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileError, systemCode } from '../../common/files/file-errors.ts'
import type { AlignmentFigures } from '../../engine-host/contract/index.ts'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { encodeSafetensors, readSafetensors } from '../../formats/safetensors.ts'
import type { FloatTensor } from '../../formats/safetensors.ts'
import type { PairFigures } from './alignment/measure.ts'
import { failures } from './failures.ts'

const FILE = 'neurons.safetensors'
const FIGURES = ['precision', 'auc', 'p', 'q'] as const

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
  /** On clips that were held out, [D, K] each; null where there were none, and in maps of older versions. */
  alignment: PairFigures | null
}

/** What a pair of a neuron and a topic is found under in each array of an alignment; null where it was not tested. */
export function alignmentOfPair(
  { precision, auc, p, q }: PairFigures,
  pair: number,
): AlignmentFigures | null {
  return Number.isNaN(q[pair]!)
    ? null
    : { precision: precision[pair]!, auc: auc[pair]!, p: p[pair]!, q: q[pair]! }
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
    ...FIGURES.flatMap((figure): [string, FloatTensor][] =>
      map.alignment === null
        ? []
        : [[`alignment.${figure}`, { shape: [D, K], data: Float32Array.from(map.alignment[figure]) }]],
    ),
  ])
  await writeFileAtomic(join(modelDir, FILE), encodeSafetensors(tensors))
}

/** Gives a model with the neurons of another the other's map, if there is one. */
export async function copyNeuronMap(from: string, to: string): Promise<void> {
  await copyFile(join(from, FILE), join(to, FILE)).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') {
      throw fileError(error, join(to, FILE))
    }
  })
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
  const isAligned = tensors.has(`alignment.${FIGURES[0]}`)
  return {
    topics: delta.shape[1] ?? 0,
    delta: delta.data,
    firstLearnt: take('first_learnt').data[0] ?? 0,
    shuffled: take('shuffled').data,
    bearing: take('bearing').data,
    absent: take('absent').data,
    clipIds: take('clip_ids').data,
    clipMeans: take('clip_means').data,
    alignment: isAligned
      ? {
          precision: take('alignment.precision').data,
          auc: take('alignment.auc').data,
          p: take('alignment.p').data,
          q: take('alignment.q').data,
        }
      : null,
  }
}
