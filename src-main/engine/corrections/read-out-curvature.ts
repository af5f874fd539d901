/**
 * What a change of the read-out's weights costs elsewhere: how far it moves the captions of other clips.
 * Near the weights as they are, the divergence between the captions' distributions before and after is quadratic
 * in the change, with the Fisher information as its matrix; here in its Kronecker-factored form (K-FAC: Martens
 * and Grosse, ICML 2015; for recurrent networks, with the time steps taken as independent, Martens, Ba and
 * Johnson, ICLR 2018). For weights that map a to y it is A (x) S, with A = E[a a^T] and S = E[d d^T],
 * d = d(-ln p(caption)) / dy, over captions that are drawn from the model (drawn-captions.ts). So of all changes
 * that bring a correction equally far, A^-1 G S^-1 (G: its gradient) costs the other clips least
 * (read-out-steps.ts). Where one key a is to give something else, A^-1 a is also what the closed-form edits
 * ROME and MEMIT multiply the change by (Meng et al., NeurIPS 2022 and ICLR 2023).
 */
import { inverse, Matrix } from 'ml-matrix'
import type { ClipFeatures } from '../../engine-host/contract/index.ts'
import { throwIfCancelled } from '../cancellation.ts'
import { longestCaption } from '../captioner/encoded-clips.ts'
import type { EncodedClip } from '../captioner/encoded-clips.ts'
import type { FeatureReader } from '../captioner/features.ts'
import { losses } from '../captioner/losses.ts'
import { batchFeeds, batchLeaves, layOut } from '../captioner/minibatch.ts'
import type { BatchLeaves, BatchShape } from '../captioner/minibatch.ts'
import { createNetwork } from '../captioner/model.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import type { Architecture } from '../captioner/parameters.ts'
import { gradients } from '../graph/gradient.ts'
import * as ops from '../graph/ops.ts'
import { compile } from '../graph/runtime.ts'
import type { Tensor } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { constant, dim } from '../graph/value.ts'
import type { Input, Value } from '../graph/value.ts'
import { releasing } from '../releasing.ts'
import { drawCaptions } from './drawn-captions.ts'
import type { DrawingSource } from './drawn-captions.ts'

/** Captions that are drawn of each clip. */
const DRAWS = 3
/**
 * Clips of a batch, and captions of each: one, as the slopes of several would be added up before their
 * product is taken.
 */
const SIZE = { clips: 16, captions: 1 }
/** Added to the diagonals, as shares of their means: what no other clip has is not quite free. */
const DAMPING = { inputs: 0.01, outputs: 0.03 }

/** The two factors' inverses, [I, I] and [O, O]. Both are symmetric. */
export interface Curvature<T = Tensor> {
  inputs: T
  outputs: T
}

/**
 * Measures the curvature of a model's read-out over clips (without dropout): it is the model's own, what people say of them
 * doesn't matter. Time grows with the clips and with the cube of the factors' sizes: about a second for 1,024.
 */
export async function measureCurvature(
  model: CaptionerModel,
  clips: readonly ClipFeatures[],
  { reader, device, signal }: DrawingSource,
): Promise<Curvature> {
  const { architecture, parameters } = model
  const drawn = await drawCaptions(model, clips, DRAWS, { reader, device, signal })
  const graph = factorGraph(architecture, longestCaption(drawn))
  return releasing(async (use) => {
    const session = use(await compile({ ...graph.factors }, { device, weights: parameters }))
    const sums = new FactorSums()
    for (let draw = 0; draw < DRAWS; draw++) {
      for (let start = 0; start < drawn.length; start += SIZE.clips) {
        throwIfCancelled(signal)
        const batch = drawn.slice(start, start + SIZE.clips)
        sums.add(await session.run(await graphFeeds(graph, batch, draw, reader)))
      }
    }
    return sums.invert()
  })
}

/** The sums over a batch that the factors are, but for a scale. */
interface FactorGraph {
  shape: BatchShape
  topicCount: number
  batch: BatchLeaves
  factors: Curvature<Value>
}

function factorGraph(architecture: Architecture, words: number): FactorGraph {
  const shape = { ...SIZE, words }
  const batch = batchLeaves(architecture, shape)
  const { nll, readOut } = losses(createNetwork(architecture), batch, {}, 0)
  const [slopes] = gradients(nll, [readOut.ofContext])
  const factors = {
    inputs: secondMoment(withBias(readOut.inputs, batch.wordMask)),
    outputs: secondMoment(slopes!),
  }
  return { shape, topicCount: architecture.topics, batch, factors }
}

/** Rows [N, I - 1] with a 1 at their ends, [N, I]; zero where the mask (N values) is. */
function withBias(rows: Value, mask: Value): Value {
  const N = dim(rows, 0)
  const whole = ops.concat([rows, ops.broadcast(constant(1), [N, 1])], 1)
  return ops.multiply(whole, ops.reshape(mask, [N, 1]))
}

/** The sum of a a^T over rows a: [N, I] -> [I, I]. */
const secondMoment = (rows: Value): Value => ops.matmul(rows, rows, { transposeA: true })

/** What the graph is fed of some clips and one draw of each. */
async function graphFeeds(
  { shape, topicCount, batch }: FactorGraph,
  clips: readonly EncodedClip[],
  draw: number,
  reader: FeatureReader,
): Promise<Record<string, Tensor>> {
  const entries = clips.map((clip) => ({ clip, captions: [draw] }))
  const captions = layOut(entries, shape, topicCount)
  // Each caption counts as itself, not as its share of the batch; rows left over stay out.
  const captionWeight = captions.captionWeight.map((weight) => (weight > 0 ? 1 : 0))
  const arrays = await batchFeeds(batch, { ...captions, captionWeight }, reader)
  const { topics: _, ...read } = batch
  return Object.fromEntries(
    Object.values<Input>({ ...read }).map((leaf) => [leaf.name, tensorFor(leaf, arrays.get(leaf.name)!)]),
  )
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

  /** The damped inverses. */
  invert(): Curvature {
    const inverseOf = (factor: keyof Curvature): Tensor =>
      dampedInverse(this.#sums.get(factor)!, DAMPING[factor])
    return { inputs: inverseOf('inputs'), outputs: inverseOf('outputs') }
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
