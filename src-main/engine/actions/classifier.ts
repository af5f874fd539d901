/**
 * Multinomial logistic regression on fixed features, solved to convergence: minimises, over weights W [D, C] and free
 * biases b [C],
 *
 *     C sum over clips of -ln softmax(x W + b)[class]  +  1/2 |W|^2
 *
 * (scikit-learn's LogisticRegression with its penalty l2), divided by C and the number of clips. Features are standardised
 * with the mean and the deviation of the clips that are learnt from. The products run in a compiled graph, the rest here.
 */
import { dealFolds } from '../../common/grouped-folds.ts'
import type { GroupedClip } from '../../common/grouped-folds.ts'
import { createRandom } from '../../common/random.ts'
import { throwIfCancelled } from '../cancellation.ts'
import { gradients } from '../graph/gradient.ts'
import * as ops from '../graph/ops.ts'
import { compile } from '../graph/runtime.ts'
import type { DeviceName, Session } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { input } from '../graph/value.ts'
import { deadAt } from '../neurons/statistics.ts'
import { minimise } from './lbfgs.ts'

/** The strengths that are tried, C, strongest regularisation first. */
export const STRENGTHS = [1e-4, 1e-3, 1e-2, 1e-1, 1]
/** Folds of the training side over which the strength is chosen. */
const INNER_FOLDS = 3
/** The largest component of the gradient at which a classifier counts as solved, and at which strengths can be told apart. */
const EXACT = 1e-6
const ENOUGH_TO_CHOOSE = 1e-4

export interface Problem {
  /** [N][D]. */
  features: readonly Float32Array[]
  /** The class and the group of each clip. */
  clips: readonly GroupedClip[]
  classes: number
  /**
   * Whether the features are neurons of one layer, or scores of one head: those that hardly vary beside the others are dead
   * and left out. Standardised, a spread that is next to nothing among the clips that are learnt from would be huge in others.
   */
  areNeurons: boolean
}

/** How features are standardised. */
export interface Scales {
  mean: Float64Array
  /** 1 / deviation; 0 for a feature that is constant, or dead: it is left out. */
  factor: Float64Array
}

/** A trained classifier: z = (x - mean) factor, softmax(z W + b). */
export interface TrainedHead extends Scales {
  /** W [D, C] row-major, then b [C]. */
  weights: Float64Array
  strength: number
}

/** Classifiers of one problem, of which the graph is compiled once. */
export class Classifier {
  readonly #problem: Problem
  readonly #leaves: ReturnType<typeof leavesOf>
  readonly #session: Session
  readonly #size: number

  private constructor(problem: Problem, leaves: ReturnType<typeof leavesOf>, session: Session) {
    this.#problem = problem
    this.#leaves = leaves
    this.#session = session
    this.#size = problem.features[0]?.length ?? 0
  }

  static async compile(problem: Problem, device: DeviceName): Promise<Classifier> {
    const leaves = leavesOf(problem)
    const { x, labels, share, weight, bias } = leaves
    const logits = ops.add(ops.matmul(x, weight), bias)
    const loss = ops.sum(ops.multiply(ops.crossEntropy(logits, labels), share))
    const [ofWeight, ofBias] = gradients(loss, [weight, bias])
    return new Classifier(
      problem,
      leaves,
      await compile({ logits, ofWeight: ofWeight!, ofBias: ofBias! }, { device }),
    )
  }

  /**
   * Trains on the clips at some places, with the strength that does best on folds of them whose groups stay together: the
   * one with the least mean -ln p of the true class; the stronger regularisation where two are equal.
   */
  async train(places: readonly number[], seed: number, signal: AbortSignal): Promise<TrainedHead> {
    const strength = await this.#chooseStrength(places, seed, signal)
    const [head] = await this.fit(places, [strength], signal)
    return head!
  }

  /** A classifier for each strength, from the clips at some places; each starts where the one before has ended. */
  async fit(
    places: readonly number[],
    strengths: readonly number[],
    signal: AbortSignal,
    tolerance = EXACT,
  ): Promise<TrainedHead[]> {
    const scales = scalesOf(this.#problem, places)
    const x = standardised(this.#problem.features, scales)
    let weights = new Float64Array((this.#size + 1) * this.#problem.classes)
    const heads: TrainedHead[] = []
    for (const strength of strengths) {
      weights = await this.#minimise({ x, places, strength, tolerance }, weights, signal)
      heads.push({ ...scales, weights, strength })
    }
    return heads
  }

  async #chooseStrength(places: readonly number[], seed: number, signal: AbortSignal): Promise<number> {
    const { clips } = this.#problem
    const foldOf = dealFolds(
      places.map((place) => clips[place]!),
      INNER_FOLDS,
      createRandom(seed),
    )
    const losses = STRENGTHS.map(() => 0)
    for (const fold of new Set(foldOf)) {
      const learnt = places.filter((_, i) => foldOf[i] !== fold)
      const heldOut = places.filter((_, i) => foldOf[i] === fold)
      if (learnt.length === 0) {
        continue
      }
      const heads = await this.fit(learnt, STRENGTHS, signal, ENOUGH_TO_CHOOSE)
      heads.forEach((head, i) => {
        for (const place of heldOut) {
          losses[i]! -= Math.log(probabilitiesOf(head, this.#problem, place)[clips[place]!.class]!)
        }
      })
    }
    return STRENGTHS[losses.indexOf(Math.min(...losses))]!
  }

  #minimise(
    {
      x,
      places,
      strength,
      tolerance,
    }: { x: Float32Array; places: readonly number[]; strength: number; tolerance: number },
    start: Float64Array<ArrayBuffer>,
    signal: AbortSignal,
  ): Promise<Float64Array<ArrayBuffer>> {
    const { clips, classes } = this.#problem
    const { x: xLeaf, labels, share, weight, bias } = this.#leaves
    const decay = 1 / (strength * places.length)
    const shares = new Float32Array(clips.length)
    for (const place of places) {
      shares[place] = 1 / places.length
    }
    const fixed = {
      x: tensorFor(xLeaf, x),
      labels: tensorFor(
        labels,
        BigInt64Array.from(clips, (clip) => BigInt(clip.class)),
      ),
      share: tensorFor(share, shares),
    }
    const weightCount = this.#size * classes
    return minimise(
      async (point) => {
        throwIfCancelled(signal)
        const out = await this.#session.run({
          ...fixed,
          weight: tensorFor(weight, new Float32Array(point.subarray(0, weightCount))),
          bias: tensorFor(bias, new Float32Array(point.subarray(weightCount))),
        })
        const gradient = new Float64Array(point.length)
        gradient.set(floats(out, 'ofWeight'))
        gradient.set(floats(out, 'ofBias'), weightCount)
        // The value in doubles: in floats the last steps of the search would be lost in rounding.
        let value = meanLoss(floats(out, 'logits'), places, clips, classes)
        for (let i = 0; i < weightCount; i++) {
          value += (decay / 2) * point[i]! ** 2
          gradient[i]! += decay * point[i]!
        }
        return { value, gradient }
      },
      start,
      tolerance,
    )
  }

  async release(): Promise<void> {
    await this.#session.release()
  }
}

const leavesOf = ({ features, clips, classes }: Problem) => {
  const [rows, size] = [clips.length, features[0]?.length ?? 0]
  return {
    x: input('x', [rows, size]),
    labels: input('labels', [rows], 'int64'),
    /** Each clip's share of the loss: 0 where it is not learnt from. */
    share: input('share', [rows]),
    weight: input('weight', [size, classes]),
    bias: input('bias', [classes]),
  }
}

/** The mean of -ln p of the true class over the clips at some places; logits [N, C]. */
function meanLoss(
  logits: Float32Array,
  places: readonly number[],
  clips: readonly GroupedClip[],
  classes: number,
): number {
  let sum = 0
  for (const place of places) {
    const row = logits.subarray(place * classes, (place + 1) * classes)
    const most = row.reduce((a, b) => Math.max(a, b), -Infinity)
    let total = 0
    for (const logit of row) {
      total += Math.exp(logit - most)
    }
    sum += most + Math.log(total) - row[clips[place]!.class]!
  }
  return sum / places.length
}

/** Of features by the clips at some places. */
function scalesOf(
  { features, areNeurons }: Pick<Problem, 'features' | 'areNeurons'>,
  places: readonly number[],
): Scales {
  const size = features[0]?.length ?? 0
  const [mean, square] = [new Float64Array(size), new Float64Array(size)]
  for (const place of places) {
    const row = features[place]!
    for (let j = 0; j < size; j++) {
      mean[j]! += row[j]! / places.length
    }
  }
  for (const place of places) {
    const row = features[place]!
    for (let j = 0; j < size; j++) {
      square[j]! += (row[j]! - mean[j]!) ** 2 / places.length
    }
  }
  const deviations = square.map(Math.sqrt)
  const deadFrom = areNeurons ? deadAt(deviations) : 0
  // A deviation that is all rounding is none.
  const factor = deviations.map((deviation, j) =>
    deviation > deadFrom && deviation > 1e-6 * Math.max(1e-6, Math.abs(mean[j]!)) ? 1 / deviation : 0,
  )
  return { mean, factor }
}

/** [N, D]. */
function standardised(features: readonly Float32Array[], { mean, factor }: Scales): Float32Array {
  const size = mean.length
  const out = new Float32Array(features.length * size)
  features.forEach((row, i) => {
    for (let j = 0; j < size; j++) {
      out[i * size + j] = (row[j]! - mean[j]!) * factor[j]!
    }
  })
  return out
}

/** The probabilities of the classes of a clip, [C]; none is zero. */
export function probabilitiesOf(
  { mean, factor, weights }: TrainedHead,
  { features, classes }: Pick<Problem, 'features' | 'classes'>,
  place: number,
): Float64Array {
  const row = features[place]!
  const logits = weights.slice(mean.length * classes)
  for (let j = 0; j < row.length; j++) {
    const z = (row[j]! - mean[j]!) * factor[j]!
    if (z !== 0) {
      for (let k = 0; k < classes; k++) {
        logits[k]! += z * weights[j * classes + k]!
      }
    }
  }
  return softmax(logits)
}

/** In place. The least is 1e-300, so that its logarithm is a number. */
export function softmax(logits: Float64Array): Float64Array {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity)
  let total = 0
  logits.forEach((logit, k) => {
    logits[k] = Math.exp(logit - most)
    total += logits[k]!
  })
  logits.forEach((value, k) => {
    logits[k] = Math.max(1e-300, value / total)
  })
  return logits
}
