/**
 * Prediction difference maximization (Dong et al., CVPR 2017, section 3.4):
 *
 *     delta(j, k) = mean over clips v in V_k of ( f(v-bar)_k - f(v-bar with component j at its reference)_k )
 *
 * f is a two-layer perceptron. While no hidden unit switches on or off, taking r from neuron j changes score
 * k by
 *
 *     r * sum over the active units p of W1[j, p] W2[p, k]
 *
 * which for all neurons is one row of a product, and only for the topics whose mean the clip is part of. The
 * few units that do switch (switches.ts) are put right one by one. So nothing is approximated, and D x N
 * forward passes become one product with a row for every clip and topic.
 */
import { neuronCount, parameterTensor } from '../captioner/parameters.ts'
import { throwIfCancelled } from '../cancellation.ts'
import * as ops from '../graph/ops.ts'
import { compile } from '../graph/runtime.ts'
import type { DeviceName, Session } from '../graph/runtime.ts'
import { floats } from '../graph/session.ts'
import { input } from '../graph/value.ts'
import { releasing } from '../releasing.ts'
import { MeanOverAll, MeanOverBearing, ROWS } from './delta-means.ts'
import type { DeltaMean, TopicHead } from './delta-means.ts'
import type { NeuronSource } from './source.ts'
import { SwitchFinder } from './switches.ts'

/**
 * The clips that each topic's mean is over: those that bear it, by the topics of every clip in order; or all
 * of them.
 */
export type ClipSet = readonly (readonly number[])[] | 'all'

interface DifferenceOptions {
  /** What a silenced neuron is set to, [D]. */
  reference: Float32Array
  sets: readonly ClipSet[]
  device: DeviceName
  signal: AbortSignal
  /** Hears how many clips are done. */
  report?: (done: number) => void
}

/**
 * delta of every neuron and topic, [D, K] row-major, for each of the sets; zero for a topic whose set is
 * empty. `means` are the clips' v-bar, [N][D].
 */
export async function predictionDifference(
  model: NeuronSource['model'],
  means: readonly Float32Array[],
  { reference, sets, device, signal, report }: DifferenceOptions,
): Promise<Float32Array[]> {
  const head = topicHead(model)
  const taken = means.map((mean) => mean.map((x, j) => x - (reference[j] ?? 0)))
  const finder = new SwitchFinder(head.hidden, largestOf(taken, head.D), head.P)
  return releasing(async (use) => {
    const hiddenLayer = use(await HiddenLayer.compile(head, device))
    const deltas: DeltaMean[] = []
    for (const set of sets) {
      deltas.push(use(await deltaMean(head, set, means.length, device)))
    }
    for (let start = 0; start < means.length; start += ROWS) {
      const batch = await hiddenLayer.preActivations(means.slice(start, start + ROWS))
      for (const [i, preActivations] of batch.entries()) {
        throwIfCancelled(signal)
        const index = start + i
        const silenced = taken[index]!
        const clip = { preActivations, taken: silenced, switches: finder.find(preActivations, silenced) }
        for (const delta of deltas) {
          await delta.add(index, clip)
        }
        report?.(index + 1)
      }
    }
    return Promise.all(deltas.map((delta) => delta.finish()))
  })
}

function topicHead({ architecture, parameters }: NeuronSource['model']): TopicHead {
  const [D, P, K] = [neuronCount(architecture), architecture.settings.topicHiddenSize, architecture.topics]
  // The output's bias cancels in the difference.
  return {
    D,
    P,
    K,
    hidden: parameterTensor(parameters, 'topics.hidden').data,
    bias: parameterTensor(parameters, 'topics.hidden_bias').data,
    output: transposed(parameterTensor(parameters, 'topics.output').data, P, K),
  }
}

/** [rows, columns] -> [columns, rows]. */
function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      out[j * rows + i] = matrix[i * columns + j]!
    }
  }
  return out
}

/** The largest magnitude of each component, [width]. */
function largestOf(rows: readonly Float32Array[], width: number): Float32Array {
  const largest = new Float32Array(width)
  for (const row of rows) {
    row.forEach((x, j) => {
      largest[j] = Math.max(largest[j] ?? 0, Math.abs(x))
    })
  }
  return largest
}

const deltaMean = (head: TopicHead, set: ClipSet, clips: number, device: DeviceName): Promise<DeltaMean> =>
  set === 'all' ? MeanOverAll.compile(head, clips, device) : MeanOverBearing.compile(head, set, device)

/** The first layer of f, over many clips at once. */
class HiddenLayer {
  readonly #head: TopicHead
  readonly #session: Session

  private constructor(head: TopicHead, session: Session) {
    this.#head = head
    this.#session = session
  }

  static async compile(head: TopicHead, device: DeviceName): Promise<HiddenLayer> {
    const vMean = input('v_mean', [ROWS, head.D])
    const [hidden, bias] = [input('hidden', [head.D, head.P]), input('bias', [head.P])]
    const weights = new Map([
      ['hidden', { shape: hidden.shape, data: head.hidden }],
      ['bias', { shape: bias.shape, data: head.bias }],
    ])
    const outputs = { pre_activations: ops.add(ops.matmul(vMean, hidden), bias) }
    return new HiddenLayer(head, await compile(outputs, { device, weights }))
  }

  /** Of at most ROWS clips, from their v-bar [D] to [P]. */
  async preActivations(means: readonly Float32Array[]): Promise<Float32Array[]> {
    const { D, P } = this.#head
    const rows = new Float32Array(ROWS * D)
    means.forEach((mean, i) => {
      rows.set(mean, i * D)
    })
    const out = await this.#session.run({ v_mean: { shape: [ROWS, D], data: rows } })
    const all = floats(out, 'pre_activations')
    return means.map((_, i) => all.subarray(i * P, (i + 1) * P))
  }

  async release(): Promise<void> {
    await this.#session.release()
  }
}
