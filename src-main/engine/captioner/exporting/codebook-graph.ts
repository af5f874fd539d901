/**
 * The codebook of corrected clips (gates.ts) as values of a graph, so that an exported encoder shifts neurons as the
 * program does. E clips in the codebook.
 */
import type { FloatTensor } from '../../../formats/safetensors.ts'
import * as ops from '../../graph/ops.ts'
import { constant, dim, input } from '../../graph/value.ts'
import type { Value } from '../../graph/value.ts'
import type { CaptionerModel } from '../model-folder.ts'
import { neuronCount } from '../parameters.ts'

/** Numbers of a model's codebook, by the names of graphs' inputs; none where it has no clips. */
export function codebookTensors({ architecture, gates }: CaptionerModel): Map<string, FloatTensor> {
  const exempt = gates?.exempt ?? []
  if (exempt.length === 0) {
    return new Map()
  }
  const [E, D] = [exempt.length, neuronCount(architecture)]
  const isOfEachFrame = exempt.some(({ shift }) => shift !== null && shift.length > D)
  const frames = isOfEachFrame ? architecture.frames : 1
  return new Map<string, FloatTensor>([
    ['codebook.keys', stacked([E, D], (e) => exempt[e]!.key)],
    ['codebook.radius', { shape: [E], data: Float32Array.from(exempt, ({ radius }) => radius) }],
    ['codebook.shift', stacked([E, frames * D], (e) => shiftOfFrames(exempt[e]!.shift, D, frames))],
  ])
}

function stacked([E, size]: [number, number], rowOf: (e: number) => ArrayLike<number>): FloatTensor {
  const rows = new Float32Array(E * size)
  for (let e = 0; e < E; e++) {
    rows.set(rowOf(e), e * size)
  }
  return { shape: [E, size], data: rows }
}

/** A shift of all frames alike or of some frames, as one of so many frames, [frames * D]; nothing where there is none. */
function shiftOfFrames(shift: Float32Array | null, D: number, frames: number): Float32Array {
  const rows = new Float32Array(frames * D)
  const given = shift ?? new Float32Array(0)
  for (let start = 0; start < (given.length === D ? rows.length : given.length); start += D) {
    rows.set(given.length === D ? given : given.subarray(start, start + D), start)
  }
  return rows
}

/** As `knownAs`, [1, E]: 1 for the clip of the codebook that v-bar [1, D] is of; null: there is no codebook. */
export function knownAs(model: CaptionerModel, vMean: Value): Value | null {
  const leaves = codebookLeaves(model)
  if (leaves === null) {
    return null
  }
  const { keys, radius } = leaves
  const E = radius.shape[0]!
  const distances = ops.sqrt(ops.sum(ops.square(ops.subtract(keys, vMean)), [1]))
  const farther = ops.subtract(ops.reshape(distances, [E, 1]), ops.reshape(distances, [1, E]))
  const isNearest = not(ops.positive(ops.sum(ops.positive(farther), [1])))
  const isWithin = not(ops.positive(ops.subtract(distances, radius)))
  // Keys that are equally near share it.
  const nearest = ops.divide(isNearest, ops.maximum(ops.sum(isNearest), constant(1)))
  return ops.reshape(ops.multiply(nearest, isWithin), [1, E])
}

/** What is added to the neurons of a clip with v-bar [1, D]: in all frames alike, [1, 1, D], or in each, [1, n, D]; null: nothing of any clip. */
export function shiftOf(model: CaptionerModel, vMean: Value): Value | null {
  const known = knownAs(model, vMean)
  if (known === null) {
    return null
  }
  const shift = ops.matmul(known, codebookLeaves(model)!.shift)
  const D = dim(vMean, 1)
  return ops.reshape(shift, [1, dim(shift, 1) / D, D])
}

function codebookLeaves(model: CaptionerModel): Record<'keys' | 'radius' | 'shift', Value> | null {
  const tensors = codebookTensors(model)
  const leaf = (name: string): Value => input(name, tensors.get(name)!.shape)
  return tensors.size === 0
    ? null
    : { keys: leaf('codebook.keys'), radius: leaf('codebook.radius'), shift: leaf('codebook.shift') }
}

const not = (flag: Value): Value => ops.affine(flag, -1, 1)
