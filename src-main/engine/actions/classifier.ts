/**
 * Softmax regression on fixed features, trained on all folds' training clips at once per fold: full batches,
 * Adam, in one compiled loop. Features are standardised with the training clips' mean and deviation.
 */
import { CancelledError } from '#contract'
import { gradients } from '../graph/gradient.ts'
import * as ops from '../graph/ops.ts'
import { initialState, optimizer, takeSteps } from '../graph/optimizers.ts'
import { compileLoop } from '../graph/runtime.ts'
import type { DeviceName } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { elementCount, input } from '../graph/value.ts'

const STEPS_PER_CALL = 50
const CALLS = 6
const LEARNING_RATE = 0.02
const WEIGHT_DECAY = 1e-3

/**
 * Predicts the class of every clip from a classifier trained on the other folds. `features` [N][D], `labels`
 * and `fold` [N]. Returns the predicted classes [N].
 */
export async function crossValidate(
  features: readonly Float32Array[],
  labels: readonly number[],
  fold: readonly number[],
  classes: number,
  device: DeviceName,
  signal: AbortSignal,
): Promise<number[]> {
  const N = features.length
  const D = features[0]?.length ?? 0
  const x = input('x', [N, D])
  const labelLeaf = input('labels', [N], 'int64')
  /** Each clip's share of the loss: 1/(training clips), 0 when held out. */
  const share = input('share', [N])
  const weight = input('weight', [D, classes])
  const bias = input('bias', [classes])
  const logits = ops.add(ops.matmul(x, weight), bias)
  const loss = ops.sum(ops.multiply(ops.crossEntropy(logits, labelLeaf), share))
  const rule = optimizer([weight, bias], gradients(loss, [weight, bias]), {
    kind: 'adam',
    weightDecay: WEIGHT_DECAY,
    clipNorm: 10,
  })
  const loop = await compileLoop([{ state: rule.state, perStep: rule.perStep, collect: { logits } }], device)
  const predicted = new Array<number>(N).fill(0)
  try {
    for (const held of new Set(fold)) {
      const training = fold.map((own) => own !== held)
      const data = standardise(features, training, D)
      const shares = Float32Array.from(training, (is) => (is ? 1 / training.filter(Boolean).length : 0))
      const zeros = [weight, bias].map(
        (leaf) =>
          [leaf.name, { shape: leaf.shape, data: new Float32Array(elementCount(leaf.shape)) }] as const,
      )
      loop.load(initialState(new Map(zeros)))
      const feeds = {
        x: tensorFor(x, data),
        labels: tensorFor(labelLeaf, BigInt64Array.from(labels.map(BigInt))),
        share: tensorFor(share, shares),
      }
      let scores = new Float32Array(0)
      for (let call = 0; call < CALLS; call++) {
        if (signal.aborted) {
          throw new CancelledError()
        }
        const out = await takeSteps(loop, rule, {
          taken: call * STEPS_PER_CALL,
          learningRates: new Array<number>(STEPS_PER_CALL).fill(LEARNING_RATE),
          feeds,
        })
        scores = floats(out, 'logits').slice(-N * classes)
      }
      fold.forEach((own, i) => {
        if (own !== held) {
          return
        }
        const row = scores.subarray(i * classes, (i + 1) * classes)
        predicted[i] = row.reduce((best, score, k) => (score > (row[best] ?? -Infinity) ? k : best), 0)
      })
    }
  } finally {
    await loop.release()
  }
  return predicted
}

/** [N, D], every feature with mean 0 and deviation 1 over the training clips (0 where it is constant). */
function standardise(
  features: readonly Float32Array[],
  training: readonly boolean[],
  D: number,
): Float32Array {
  const out = new Float32Array(features.length * D)
  const rows = features.filter((_, i) => training[i])
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
