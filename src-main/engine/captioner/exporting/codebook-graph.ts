/**
 * The codebook of corrected clips (gates.ts) as values of a graph, so that an exported encoder shifts neurons as the
 * program does. E clips in the codebook.
 */
import type { FloatTensor } from '../../../formats/safetensors.ts'
import * as ops from '../../graph/ops.ts'
import { constant, input } from '../../graph/value.ts'
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
  const rows = (rowOf: (e: number) => readonly number[]): FloatTensor => ({
    shape: [E, D],
    data: Float32Array.from(exempt.flatMap((_, e) => rowOf(e))),
  })
  const nothing = Array.from({ length: D }, () => 0)
  return new Map<string, FloatTensor>([
    ['codebook.keys', rows((e) => exempt[e]!.key)],
    ['codebook.radius', { shape: [E], data: Float32Array.from(exempt, ({ radius }) => radius) }],
    ['codebook.shift', rows((e) => exempt[e]!.shift ?? nothing)],
  ])
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

/** What is added to the neurons of a clip with v-bar [1, D], [1, D]; null: nothing of any clip. */
export function shiftOf(model: CaptionerModel, vMean: Value): Value | null {
  const known = knownAs(model, vMean)
  return known && ops.matmul(known, codebookLeaves(model)!.shift)
}

function codebookLeaves(model: CaptionerModel): Record<'keys' | 'radius' | 'shift', Value> | null {
  const tensors = codebookTensors(model)
  const leaf = (name: string): Value => input(name, tensors.get(name)!.shape)
  return tensors.size === 0
    ? null
    : { keys: leaf('codebook.keys'), radius: leaf('codebook.radius'), shift: leaf('codebook.shift') }
}

const not = (flag: Value): Value => ops.affine(flag, -1, 1)
