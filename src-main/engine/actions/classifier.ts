/**
 * Softmax regression on fixed features, cross-validated: a classifier for each fold, trained on the clips of
 * the others; full batches, Adam, in one compiled loop. Features are standardised with the training clips'
 * mean and deviation.
 */
import { throwIfCancelled } from '../cancellation.ts'
import { gradients } from '../graph/gradient.ts'
import * as ops from '../graph/ops.ts'
import { initialState, optimizer, takeSteps } from '../graph/optimizers.ts'
import type { Optimizer } from '../graph/optimizers.ts'
import { compileLoop } from '../graph/runtime.ts'
import type { CompiledLoop, DeviceName } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { elementCount, input } from '../graph/value.ts'
import { releasing } from '../releasing.ts'

const STEPS_PER_CALL = 50
const CALLS = 6
const LEARNING_RATE = 0.02
const WEIGHT_DECAY = 1e-3

/** Clips to classify. */
interface LabelledFeatures {
  /** [N][D]. */
  features: readonly Float32Array[]
  /** The class and the fold of every clip, [N]. */
  labels: readonly number[]
  foldOf: readonly number[]
  classes: number
}

/** Predicts the class of every clip from a classifier trained on the other folds: [N]. */
export function crossValidate(
  { features, labels, foldOf, classes }: LabelledFeatures,
  device: DeviceName,
  signal: AbortSignal,
): Promise<number[]> {
  return releasing(async (use) => {
    const classifier = use(await SoftmaxClassifier.compile(labels, features[0]?.length ?? 0, classes, device))
    const predicted = new Array<number>(labels.length).fill(0)
    for (const heldOut of new Set(foldOf)) {
      const isTraining = foldOf.map((fold) => fold !== heldOut)
      const scores = await classifier.train(standardised(features, isTraining), isTraining, signal)
      foldOf.forEach((fold, i) => {
        if (fold === heldOut) {
          predicted[i] = largestOf(scores.subarray(i * classes, (i + 1) * classes))
        }
      })
    }
    return predicted
  })
}

/** The place of the largest score. */
const largestOf = (scores: Float32Array): number =>
  scores.reduce((best, score, k) => (score > (scores[best] ?? -Infinity) ? k : best), 0)

/** A compiled loop that trains on some of the clips and scores them all. */
class SoftmaxClassifier {
  readonly #loop: CompiledLoop
  readonly #rule: Optimizer
  readonly #leaves: ReturnType<typeof classifierLeaves>
  readonly #labels: BigInt64Array

  private constructor(
    loop: CompiledLoop,
    rule: Optimizer,
    leaves: ReturnType<typeof classifierLeaves>,
    labels: readonly number[],
  ) {
    this.#loop = loop
    this.#rule = rule
    this.#leaves = leaves
    this.#labels = BigInt64Array.from(labels.map(BigInt))
  }

  /** `size`: D. */
  static async compile(
    labels: readonly number[],
    size: number,
    classes: number,
    device: DeviceName,
  ): Promise<SoftmaxClassifier> {
    const leaves = classifierLeaves(labels.length, size, classes)
    const { x, labels: labelLeaf, share, weight, bias } = leaves
    const logits = ops.add(ops.matmul(x, weight), bias)
    const loss = ops.sum(ops.multiply(ops.crossEntropy(logits, labelLeaf), share))
    const rule = optimizer([weight, bias], gradients(loss, [weight, bias]), {
      kind: 'adam',
      weightDecay: WEIGHT_DECAY,
      clipNorm: 10,
    })
    const body = { state: rule.state, perStep: rule.perStep, collect: { logits } }
    return new SoftmaxClassifier(await compileLoop([body], device), rule, leaves, labels)
  }

  /** Trains anew on the clips that `isTraining` says; returns the scores of all clips, [N, classes]. */
  async train(
    features: Float32Array,
    isTraining: readonly boolean[],
    signal: AbortSignal,
  ): Promise<Float32Array> {
    const { x, labels, share, weight, bias } = this.#leaves
    const trainingClips = isTraining.filter(Boolean).length
    const feeds = {
      x: tensorFor(x, features),
      labels: tensorFor(labels, this.#labels),
      share: tensorFor(
        share,
        Float32Array.from(isTraining, (training) => (training ? 1 / trainingClips : 0)),
      ),
    }
    const zeros = [weight, bias].map(
      (leaf) => [leaf.name, { shape: leaf.shape, data: new Float32Array(elementCount(leaf.shape)) }] as const,
    )
    this.#loop.load(initialState(new Map(zeros)))
    const rates = new Array<number>(STEPS_PER_CALL).fill(LEARNING_RATE)
    let scores = new Float32Array(0)
    for (let call = 0; call < CALLS; call++) {
      throwIfCancelled(signal)
      const out = await takeSteps(this.#loop, this.#rule, {
        taken: call * STEPS_PER_CALL,
        learningRates: rates,
        feeds,
      })
      // Of the last step alone.
      const logits = floats(out, 'logits')
      scores = logits.slice(-logits.length / STEPS_PER_CALL)
    }
    return scores
  }

  async release(): Promise<void> {
    await this.#loop.release()
  }
}

const classifierLeaves = (clips: number, size: number, classes: number) => ({
  x: input('x', [clips, size]),
  labels: input('labels', [clips], 'int64'),
  /** Each clip's share of the loss: 1/(training clips), 0 when held out. */
  share: input('share', [clips]),
  weight: input('weight', [size, classes]),
  bias: input('bias', [classes]),
})

/** [N, D], every feature with mean 0 and deviation 1 over the training clips (0 where it is constant). */
function standardised(features: readonly Float32Array[], isTraining: readonly boolean[]): Float32Array {
  const D = features[0]?.length ?? 0
  const out = new Float32Array(features.length * D)
  const rows = features.filter((_, i) => isTraining[i])
  for (let j = 0; j < D; j++) {
    const mean = rows.reduce((sum, row) => sum + (row[j] ?? 0), 0) / rows.length
    const variance = rows.reduce((sum, row) => sum + ((row[j] ?? 0) - mean) ** 2, 0) / rows.length
    const scale = variance > 1e-12 ? 1 / Math.sqrt(variance) : 0
    features.forEach((row, i) => {
      out[i * D + j] = ((row[j] ?? 0) - mean) * scale
    })
  }
  return out
}
