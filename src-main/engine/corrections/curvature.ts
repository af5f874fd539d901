/**
 * What a change of the encoder's weights costs elsewhere: how far it moves the captions of other clips. Near
 * the weights as they are, the divergence between the captions' distributions before and after is quadratic
 * in the change, with the Fisher information as its matrix; here in its Kronecker-factored form (K-FAC:
 * Martens and Grosse, ICML 2015; for recurrent networks, with the time steps taken as independent, Martens,
 * Ba and Johnson, ICLR 2018). For the weights that map a = [what is read of the frame; hidden state before;
 * 1] to an LSTM's gates g it is A (x) S, with A = E[a a^T] and S = E[d d^T], d = d(-ln p(caption)) / dg, over
 * captions that are drawn from the model (drawn-captions.ts). So of all changes that bring a correction
 * equally far, A^-1 G S^-1 (G: its gradient) costs the other clips least (natural-gradient.ts).
 */
import { inverse, Matrix } from 'ml-matrix'
import type { CaptionedClip } from '../../engine-host/contract/index.ts'
import { throwIfCancelled } from '../cancellation.ts'
import { longestCaption } from '../captioner/encoded-clips.ts'
import type { EncodedClip } from '../captioner/encoded-clips.ts'
import type { FeatureReader } from '../captioner/features.ts'
import { losses } from '../captioner/losses.ts'
import { batchFeeds, batchLeaves, layOut } from '../captioner/minibatch.ts'
import type { BatchLeaves, BatchShape } from '../captioner/minibatch.ts'
import { createNetwork, DIRECTIONS } from '../captioner/model.ts'
import type { Direction, Encoded } from '../captioner/model.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import type { Architecture } from '../captioner/parameters.ts'
import { gradients } from '../graph/gradient.ts'
import * as ops from '../graph/ops.ts'
import { compile } from '../graph/runtime.ts'
import type { Tensor } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { constant, dim, input } from '../graph/value.ts'
import type { Input, Value } from '../graph/value.ts'
import { releasing } from '../releasing.ts'
import { drawCaptions } from './drawn-captions.ts'
import type { DrawingSource } from './drawn-captions.ts'
import { failures } from './failures.ts'

/** Captions that are drawn of each clip. */
const DRAWS = 3
/**
 * Clips of a batch, and captions of each: one, as the slopes of several would be added up before their
 * product is taken.
 */
const SIZE = { clips: 16, captions: 1 }
/** Added to the diagonals, as shares of their means: what no other clip has is not quite free. */
const DAMPING = { inputs: 0.01, gates: 0.03 }

/**
 * The two factors' inverses for one direction: [I, I], I = read + E + 1, and [4E, 4E]. Both are symmetric.
 */
interface InverseFactors<T> {
  inputs: T
  gates: T
}
export type Curvature<T = Tensor> = Record<Direction, InverseFactors<T>>

export const FACTORS = ['inputs', 'gates'] as const
type FactorName = `${Direction}.${(typeof FACTORS)[number]}`

/**
 * Measures the curvature of a model over clips (without dropout): it is the model's own, what people say of
 * them doesn't matter. Time grows with the clips and with the cube of the factors' sizes: about a second for
 * 1,024, so that features which are not projected (and their deltas) may take half a minute. Throws NOT_READY
 * when there are no clips.
 */
export async function measureCurvature(
  model: CaptionerModel,
  clips: readonly CaptionedClip[],
  { reader, device, signal }: DrawingSource,
): Promise<Curvature> {
  if (clips.length === 0) {
    throw failures.noTrainingClips()
  }
  const { architecture, parameters } = model
  const drawn = await drawCaptions(model, clips, DRAWS, { reader, device, signal })
  const graph = factorGraph(architecture, longestCaption(drawn))
  return releasing(async (use) => {
    const inputs = use(await compile(graph.inputs, { device, weights: parameters }))
    const gates = use(await compile(graph.gates, { device, weights: parameters }))
    const sums = new FactorSums()
    for (let draw = 0; draw < DRAWS; draw++) {
      for (let start = 0; start < drawn.length; start += SIZE.clips) {
        throwIfCancelled(signal)
        const batch = drawn.slice(start, start + SIZE.clips)
        const { ofFrames, ofCaptions } = await graphFeeds(graph, batch, draw, reader)
        // What the weights read is the same whatever is said.
        if (draw === 0) {
          sums.add(await inputs.run(ofFrames))
        }
        sums.add(await gates.run(ofCaptions))
      }
    }
    return { forward: sums.invert('forward'), backward: sums.invert('backward') }
  })
}

/** The sums over a batch that the factors are, but for a scale. */
interface FactorGraph {
  shape: BatchShape
  topicCount: number
  batch: BatchLeaves
  /**
   * [n, B]: 1 for the frames of the batch's own clips. Clips that only fill it up keep their mask, as a mean
   * needs frames.
   */
  counted: Input
  inputs: Partial<Record<FactorName, Value>>
  gates: Partial<Record<FactorName, Value>>
}

function factorGraph(architecture: Architecture, words: number): FactorGraph {
  const shape = { ...SIZE, words }
  const batch = batchLeaves(architecture, shape)
  const { nll, encoded } = losses(createNetwork(architecture), batch, {}, 0)
  const counted = input('counted', batch.frameMask.shape)
  const gateGradients = gradients(
    nll,
    DIRECTIONS.map((direction) => encoded.gates[direction]),
  )
  const graph: FactorGraph = { shape, topicCount: architecture.topics, batch, counted, inputs: {}, gates: {} }
  DIRECTIONS.forEach((direction, i) => {
    const slopes = gateGradients[i]!
    const rows = ops.reshape(slopes, [dim(slopes, 0) * dim(slopes, 1), dim(slopes, 2)])
    graph.inputs[`${direction}.inputs`] = secondMoment(weightInputs(encoded, counted, direction))
    graph.gates[`${direction}.gates`] = secondMoment(rows)
  })
  return graph
}

/** The sum of a a^T over rows a: [N, I] -> [I, I]. */
const secondMoment = (rows: Value): Value => ops.matmul(rows, rows, { transposeA: true })

/** a of a direction at every frame: [n B, read + E + 1], zero where there is no frame. */
function weightInputs({ hidden, read }: Encoded, mask: Value, direction: Direction): Value {
  const [n, B] = [dim(mask, 0), dim(mask, 1)]
  const before = statesBefore(hidden[direction], direction)
  const rows = ops.concat([read, before, ops.broadcast(constant(1), [n, B, 1])], 2)
  return ops.reshape(ops.multiply(rows, ops.reshape(mask, [n, B, 1])), [n * B, dim(rows, 2)])
}

/** The hidden state that each frame's step starts from, in the direction's order: [n, B, E]. */
function statesBefore(hidden: Value, direction: Direction): Value {
  const [n, B, E] = [dim(hidden, 0), dim(hidden, 1), dim(hidden, 2)]
  const zero = ops.broadcast(constant(0), [1, B, E])
  if (n === 1) {
    return zero
  }
  return direction === 'forward'
    ? ops.concat([zero, ops.slice(hidden, 0, 0, n - 1)], 0)
    : ops.concat([ops.slice(hidden, 0, 1, n), zero], 0)
}

/** What the graph is fed of some clips and one draw of each. */
async function graphFeeds(
  { shape, topicCount, batch, counted }: FactorGraph,
  clips: readonly EncodedClip[],
  draw: number,
  reader: FeatureReader,
): Promise<{ ofFrames: Record<string, Tensor>; ofCaptions: Record<string, Tensor> }> {
  const entries = clips.map((clip) => ({ clip, captions: [draw] }))
  const captions = layOut(entries, shape, topicCount)
  // Each caption counts as itself, not as its share of the batch; rows left over stay out.
  const captionWeight = captions.captionWeight.map((weight) => (weight > 0 ? 1 : 0))
  const arrays = await batchFeeds(batch, { ...captions, captionWeight }, reader)
  const { features, frameMask, words, targets, wordMask } = batch
  const feed = (leaf: Input): Record<string, Tensor> => {
    const array = arrays.get(leaf.name)
    return array ? { [leaf.name]: tensorFor(leaf, array) } : fail(`a batch has ${leaf.name}`)
  }
  const mask = arrays.get(frameMask.name)
  if (!(mask instanceof Float32Array)) {
    throw new Error('a batch has a mask of its frames')
  }
  const framesOfClips = mask.map((valid, i) => (i % shape.clips < clips.length ? valid : 0))
  const frames = { ...feed(features), ...feed(frameMask) }
  return {
    ofFrames: { ...frames, [counted.name]: tensorFor(counted, framesOfClips) },
    ofCaptions: {
      ...frames,
      ...feed(words),
      ...feed(targets),
      ...feed(wordMask),
      ...feed(batch.captionWeight),
    },
  }
}

/** Sums of the factors over batches. */
class FactorSums {
  readonly #sums = new Map<string, Float64Array>()

  add(out: Readonly<Record<string, Tensor>>): void {
    for (const name of Object.keys(out)) {
      const added = floats(out, name)
      const sum = this.#sums.get(name) ?? new Float64Array(added.length)
      added.forEach((value, i) => {
        sum[i]! += value
      })
      this.#sums.set(name, sum)
    }
  }

  /** The damped inverses of a direction's factors. */
  invert(direction: Direction): InverseFactors<Tensor> {
    const inverseOf = (factor: keyof typeof DAMPING): Tensor =>
      dampedInverse(
        this.#sums.get(`${direction}.${factor}`) ?? fail('a factor was measured'),
        DAMPING[factor],
      )
    return { inputs: inverseOf('inputs'), gates: inverseOf('gates') }
  }
}

/**
 * The inverse of a positive semidefinite matrix [size, size], scaled to a mean diagonal of 1 (a scale is
 * nothing to Polyak's length), plus `damping`.
 */
function dampedInverse(values: Float64Array, damping: number): Tensor {
  const size = Math.sqrt(values.length)
  const matrix = Matrix.from1DArray(size, size, values)
  const mean = matrix.trace() / size
  if (mean > 0) {
    matrix.div(mean)
  }
  for (let i = 0; i < size; i++) {
    matrix.set(i, i, matrix.get(i, i) + damping)
  }
  return { shape: [size, size], data: Float32Array.from(inverse(matrix).to1DArray()) }
}

function fail(message: string): never {
  throw new Error(message)
}
