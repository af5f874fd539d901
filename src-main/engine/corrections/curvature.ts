/**
 * What a change of the encoder's weights costs elsewhere: how far it moves the captions of other clips. Near
 * the weights as they are, the divergence between the captions' distributions before and after is quadratic
 * in the change, with the Fisher information as its matrix; here in its Kronecker-factored form (K-FAC:
 * Martens and Grosse, ICML 2015; for recurrent networks, with the time steps taken as independent, Martens,
 * Ba and Johnson, ICLR 2018). For the weights that map a = [what is read of the frame; hidden state before;
 * 1] to an LSTM's gates g it is A (x) S, with A = E[a a^T] and S = E[d d^T], d = d(-ln p(caption)) / dg. So
 * of all changes that bring a correction equally far, A^-1 G S^-1 (G: its gradient) costs the other clips
 * least.
 */
import { inverse, Matrix } from 'ml-matrix'
import { CancelledError, VitrineError } from '#contract'
import type { CaptionedClip } from '../../engine-host/contract/index.ts'
import { encodeClips, layOut } from '../captioner/batches.ts'
import type { FeatureReader } from '../captioner/features.ts'
import { DIRECTIONS, losses } from '../captioner/model.ts'
import type { Direction, Encoded } from '../captioner/model.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import { parameterLeaves, readSize } from '../captioner/parameters.ts'
import type { Architecture } from '../captioner/parameters.ts'
import { batchFeeds, batchLeaves } from '../captioner/step.ts'
import { gradients } from '../graph/gradient.ts'
import * as ops from '../graph/ops.ts'
import { compile } from '../graph/runtime.ts'
import type { DeviceName, Tensor } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { constant, dim, input } from '../graph/value.ts'
import type { Value } from '../graph/value.ts'

/** Clips of a batch, and human captions of each that are looked at. */
const SIZE = { clips: 16, captions: 3 }
/** Added to the diagonals, as shares of their means: what no other clip has is not quite free. */
const DAMPING = { inputs: 0.01, gates: 0.03 }

/**
 * The two factors' inverses for one direction: [I, I], I = read + E + 1, and [4E, 4E]. Both are symmetric.
 */
interface Inverses<T> {
  inputs: T
  gates: T
}
export type Curvature = Record<Direction, Inverses<Tensor>>

/** Leaves for a curvature, and how it is fed. */
export function curvatureLeaves(architecture: Architecture): {
  leaves: Record<Direction, Inverses<Value>>
  feeds(curvature: Curvature): Record<string, Tensor>
} {
  const I = readSize(architecture) + architecture.settings.encoderSize + 1
  const G = 4 * architecture.settings.encoderSize
  const of = (direction: Direction): Inverses<Value> => ({
    inputs: input(`curvature.${direction}.inputs`, [I, I]),
    gates: input(`curvature.${direction}.gates`, [G, G]),
  })
  const leaves = { forward: of('forward'), backward: of('backward') }
  return {
    leaves,
    feeds: (curvature) =>
      Object.fromEntries(
        DIRECTIONS.flatMap((direction) =>
          (['inputs', 'gates'] as const).map((factor) => [
            leaves[direction][factor].name ?? '',
            curvature[direction][factor],
          ]),
        ),
      ),
  }
}

/**
 * The natural gradient of the encoder's parameters from their gradients, both by parameter name, and the
 * slope along it (the gradient's product with it; positive).
 */
export function naturalGradient(
  architecture: Architecture,
  gradientOf: ReadonlyMap<string, Value>,
  curvature: Record<Direction, Inverses<Value>>,
): { steps: Map<string, Value>; slope: Value } {
  const [read, E] = [readSize(architecture), architecture.settings.encoderSize]
  const gradient = (name: string): Value => gradientOf.get(name) ?? fail(`there is no gradient of ${name}`)
  const slopes: Value[] = []
  const steps = new Map<string, Value>()
  for (const direction of DIRECTIONS) {
    const name = (part: string) => `encoder.${direction}.${part}`
    const whole = ops.concat(
      [gradient(name('input')), gradient(name('hidden')), ops.reshape(gradient(name('bias')), [1, 4 * E])],
      0,
    )
    const natural = ops.matmul(ops.matmul(curvature[direction].inputs, whole), curvature[direction].gates)
    slopes.push(ops.sum(ops.multiply(whole, natural)))
    steps.set(name('input'), ops.slice(natural, 0, 0, read))
    steps.set(name('hidden'), ops.slice(natural, 0, read, read + E))
    steps.set(name('bias'), ops.reshape(ops.slice(natural, 0, read + E, read + E + 1), [4 * E]))
  }
  return { steps, slope: slopes.reduce((a, b) => ops.add(a, b)) }
}

/**
 * Measures the curvature of a model over clips and their human captions (the first three of each; without
 * dropout). Time grows with the clips and with the cube of the factors' sizes: about a second for 1,024, so
 * that features which are not projected (and their deltas) may take half a minute. Throws NOT_READY when no
 * clip has a caption.
 */
export async function measureCurvature(
  model: CaptionerModel,
  clips: readonly CaptionedClip[],
  reader: FeatureReader,
  device: DeviceName,
  signal: AbortSignal,
): Promise<Curvature> {
  const { architecture, vocabulary } = model
  const { maxWords } = architecture.settings
  const captioned = encodeClips(clips, vocabulary, maxWords)
  if (captioned.length === 0) {
    throw new VitrineError(
      'NOT_READY',
      'There are no captioned training clips to keep the model steady with.',
      'Import a training split and compute its features.',
    )
  }
  const words =
    1 +
    captioned.reduce(
      (most, { ends }) =>
        ends.slice(0, SIZE.captions).reduce((own, end, c) => Math.max(own, end - (ends[c - 1] ?? 0)), most),
      0,
    )
  const shape = { ...SIZE, words }
  const batch = batchLeaves(architecture, shape)
  const { nll, encoded } = losses(architecture, parameterLeaves(architecture), batch, {}, 0)
  /**
   * [n, B]: 1 for the frames of the batch's own clips. Clips that only fill it up keep their mask, as a mean
   * needs frames.
   */
  const counted = input('counted', batch.frameMask.shape)
  const towards = gradients(
    nll,
    DIRECTIONS.map((direction) => encoded.gates[direction]),
  )
  const square = (rows: Value): Value => ops.matmul(rows, rows, true)
  const outputs = Object.fromEntries(
    DIRECTIONS.flatMap((direction, i) => {
      const gates = towards[i] ?? fail('a direction has gates')
      return [
        [`${direction}.inputs`, square(weightInputs(architecture, encoded, counted, direction))],
        [`${direction}.gates`, square(ops.reshape(gates, [dim(gates, 0) * dim(gates, 1), dim(gates, 2)]))],
      ]
    }),
  )
  const session = await compile(outputs, { device, weights: model.parameters })
  const sums = new Map<string, Float64Array>()
  let frames = 0
  try {
    for (let start = 0; start < captioned.length; start += SIZE.clips) {
      if (signal.aborted) {
        throw new CancelledError()
      }
      const places = captioned.slice(start, start + SIZE.clips).map((clip) => ({
        clip,
        captions: Array.from({ length: Math.min(SIZE.captions, clip.ends.length) }, (_, c) => c),
      }))
      const laidOut = layOut(places, shape, architecture.topics)
      // Each caption counts as itself, not as its share of the batch; rows left over stay out.
      const feeds = await batchFeeds(
        batch,
        { ...laidOut, captionWeight: laidOut.captionWeight.map((weight) => (weight > 0 ? 1 : 0)) },
        reader,
      )
      const mask = feeds.get(batch.frameMask.name ?? '')
      if (!(mask instanceof Float32Array)) {
        throw new Error('a batch has a mask of its frames')
      }
      const own = mask.map((valid, i) => (i % SIZE.clips < places.length ? valid : 0))
      frames += own.reduce((sum, valid) => sum + valid, 0)
      const fed = Object.values(batch).map(
        (leaf) =>
          [
            leaf.name ?? '',
            tensorFor(leaf, feeds.get(leaf.name ?? '') ?? fail('a batch has all leaves')),
          ] as const,
      )
      const out = await session.run({ ...Object.fromEntries(fed), counted: tensorFor(counted, own) })
      for (const name of Object.keys(outputs)) {
        const added = floats(out, name)
        const sum = sums.get(name) ?? new Float64Array(added.length)
        added.forEach((value, i) => {
          sum[i]! += value
        })
        sums.set(name, sum)
      }
    }
  } finally {
    await session.release()
  }
  const damped = (direction: Direction, factor: 'inputs' | 'gates'): Tensor =>
    invert(
      (sums.get(`${direction}.${factor}`) ?? fail('a factor was measured')).map((sum) => sum / frames),
      DAMPING[factor],
    )
  const of = (direction: Direction): Inverses<Tensor> => ({
    inputs: damped(direction, 'inputs'),
    gates: damped(direction, 'gates'),
  })
  return { forward: of('forward'), backward: of('backward') }
}

/** a of a direction at every frame: [n B, read + E + 1], zero where there is no frame. */
function weightInputs(
  { settings: { encoderSize: E } }: Architecture,
  { hidden: states, read }: Encoded,
  mask: Value,
  direction: Direction,
): Value {
  const [n, B] = [dim(mask, 0), dim(mask, 1)]
  const hidden = states[direction]
  const none = ops.broadcast(constant(0), [1, B, E])
  const before =
    n === 1
      ? none
      : direction === 'forward'
        ? ops.concat([none, ops.slice(hidden, 0, 0, n - 1)], 0)
        : ops.concat([ops.slice(hidden, 0, 1, n), none], 0)
  const whole = ops.concat([read, before, ops.broadcast(constant(1), [n, B, 1])], 2)
  return ops.reshape(ops.multiply(whole, ops.reshape(mask, [n, B, 1])), [n * B, dim(whole, 2)])
}

/**
 * The inverse of a positive semidefinite matrix [size, size], scaled to a mean diagonal of 1 (a scale is
 * nothing to Polyak's length), plus `damping`.
 */
function invert(matrix: Float64Array, damping: number): Tensor {
  const size = Math.sqrt(matrix.length)
  const own = Matrix.from1DArray(size, size, matrix)
  const mean = own.trace() / size
  if (mean > 0) {
    own.div(mean)
  }
  for (let i = 0; i < size; i++) {
    own.set(i, i, own.get(i, i) + damping)
  }
  return { shape: [size, size], data: Float32Array.from(inverse(own).to1DArray()) }
}

function fail(message: string): never {
  throw new Error(message)
}
