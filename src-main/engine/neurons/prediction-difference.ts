/**
 * Prediction difference maximization (Dong et al., CVPR 2017, section 3.4):
 *
 *     delta(j, k) = mean over clips v in V_k of ( f(v-bar)_k - f(v-bar with component j at its reference)_k )
 *
 * f is a two-layer perceptron, so silencing component j changes its hidden pre-activation by a known row of the first
 * weight: pre - (v-bar_j - reference_j) W1[j]. All D x N forward passes thus become a few large products, without running
 * the encoder or the first layer again. The means over V_k, and over as many shuffled sets as wanted, are one more
 * product over the clips.
 */
import { CancelledError } from '../../contract/index.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import { neuronCount } from '../captioner/parameters.ts'
import { emitModel } from '../graph/onnx.ts'
import * as ops from '../graph/ops.ts'
import { createSession, floats, tensorFor } from '../graph/session.ts'
import type { DeviceName } from '../graph/session.ts'
import { input } from '../graph/value.ts'

/** Hidden activations held at a time: neurons x clips x hidden units of f. */
const MOST_ELEMENTS = 2 ** 23
const MOST_CLIPS = 512

export interface PredictionDifference {
  /** delta for each set of weights: [sets][D, K], row-major. */
  deltas: Float32Array[]
}

/**
 * delta of every neuron and topic. `means` are the clips' v-bar, [N][D]; `reference` [D] what a silenced neuron is set to;
 * `weights` the sets of clips, [sets][N, K]: a clip's weight in topic k's mean (1/|V_k| or 0).
 */
export async function predictionDifference(
  model: CaptionerModel,
  means: readonly Float32Array[],
  reference: Float32Array,
  weights: readonly Float32Array[],
  device: DeviceName,
  signal: AbortSignal,
  report: (neurons: number) => void = () => undefined,
): Promise<PredictionDifference> {
  const D = neuronCount(model.architecture)
  const P = model.architecture.settings.topicHiddenSize
  const K = model.architecture.topics
  const S = weights.length
  const N = Math.min(means.length, MOST_CLIPS)
  const J = Math.max(1, Math.min(D, Math.floor(MOST_ELEMENTS / (N * P))))
  const weight = (name: string): Float32Array => {
    const tensor = model.parameters.get(name)
    if (!tensor) throw new Error(`the model has no ${name}`)
    return tensor.data
  }
  const [w1, b1, w2] = [weight('topics.hidden'), weight('topics.hidden_bias'), weight('topics.output')]

  const vMean = input('v_mean', [N, D])
  const hidden = input('hidden', [D, P])
  const hiddenBias = input('hidden_bias', [P])
  const output = input('output', [P, K])
  const removed = input('removed', [N, J])
  const rows = input('rows', [J, P])
  const sets = input('sets', [K, N, S])
  const pre = ops.add(ops.matmul(vMean, hidden), hiddenBias)
  const without = ops.subtract(
    ops.reshape(pre, [1, N, P]),
    ops.multiply(ops.reshape(ops.transpose(removed, [1, 0]), [J, N, 1]), ops.reshape(rows, [J, 1, P])),
  )
  // The output bias cancels in the difference.
  const scores = ops.reshape(ops.matmul(ops.reshape(ops.relu(without), [J * N, P]), output), [J, N, K])
  const difference = ops.subtract(ops.reshape(ops.matmul(ops.relu(pre), output), [1, N, K]), scores)
  const averaged = ops.matmul(ops.transpose(difference, [2, 0, 1]), sets)
  const session = await createSession(emitModel({ delta: averaged }), device)

  const deltas = weights.map(() => new Float32Array(D * K))
  try {
    for (let firstClip = 0; firstClip < means.length; firstClip += N) {
      // Places past the last clip have weight 0 in every set.
      const vData = new Float32Array(N * D)
      const setData = new Float32Array(K * N * S)
      means.slice(firstClip, firstClip + N).forEach((mean, i) => {
        vData.set(mean, i * D)
        weights.forEach((set, s) => {
          for (let k = 0; k < K; k++) setData[(k * N + i) * S + s] = set[(firstClip + i) * K + k] ?? 0
        })
      })
      for (let first = 0; first < D; first += J) {
        if (signal.aborted) throw new CancelledError()
        const removedData = new Float32Array(N * J)
        const rowData = new Float32Array(J * P)
        for (let j = 0; j < J && first + j < D; j++) {
          rowData.set(w1.subarray((first + j) * P, (first + j + 1) * P), j * P)
          for (let i = 0; i < N; i++) removedData[i * J + j] = (vData[i * D + first + j] ?? 0) - (reference[first + j] ?? 0)
        }
        const out = await session.run({
          v_mean: tensorFor(vMean, vData), hidden: tensorFor(hidden, w1), hidden_bias: tensorFor(hiddenBias, b1), output: tensorFor(output, w2),
          removed: tensorFor(removed, removedData), rows: tensorFor(rows, rowData), sets: tensorFor(sets, setData),
        })
        const averagedData = floats(out, 'delta')
        deltas.forEach((delta, s) => {
          for (let j = 0; j < J && first + j < D; j++) {
            for (let k = 0; k < K; k++) {
              const at = (first + j) * K + k
              delta[at] = (delta[at] ?? 0) + (averagedData[(k * J + j) * S + s] ?? 0)
            }
          }
        })
        report(Math.min(D, first + J))
      }
    }
  } finally {
    await session.release()
  }
  return { deltas }
}
