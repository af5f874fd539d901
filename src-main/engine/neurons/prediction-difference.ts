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
import { CancelledError } from '#contract'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import { neuronCount } from '../captioner/parameters.ts'
import * as ops from '../graph/ops.ts'
import { compile } from '../graph/runtime.ts'
import type { DeviceName } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { input } from '../graph/value.ts'
import { createSwitchFinder } from './switches.ts'
import type { Switches } from './switches.ts'

/** Rows of a product. */
const ROWS = 512

/**
 * The clips that each topic's mean is over: those that bear it, by the topics of every clip in order; or all
 * of them.
 */
export type ClipSet = readonly (readonly number[])[] | 'all'

/** f as it is needed here: [D, P], [P] and, a topic a row, [K, P]. */
interface TopicHead {
  D: number
  P: number
  K: number
  hidden: Float32Array
  bias: Float32Array
  output: Float32Array
}

/**
 * One clip: its pre-activations [P], what silencing takes from its neurons [D], and the switches that causes.
 */
interface Clip {
  pre: Float32Array
  taken: Float32Array
  switches: Switches
}

/** Gathers a set's delta clip by clip. */
interface Mean {
  add(index: number, clip: Clip): Promise<void>
  /** delta [D, K], row-major. */
  finish(): Promise<Float32Array>
  release(): Promise<void>
}

/**
 * delta of every neuron and topic, [D, K] row-major, for each of `sets`; zero for a topic whose set is empty.
 * `means` are the clips' v-bar, [N][D]; `reference` [D] what a silenced neuron is set to. `report` is told
 * how many clips are done.
 */
export async function predictionDifference(
  model: CaptionerModel,
  means: readonly Float32Array[],
  reference: Float32Array,
  sets: readonly ClipSet[],
  device: DeviceName,
  signal: AbortSignal,
  report: (clips: number) => void = () => undefined,
): Promise<Float32Array[]> {
  const head = topicHead(model)
  const { D, P } = head
  const taken = means.map((mean) => mean.map((x, j) => x - (reference[j] ?? 0)))
  const reach = new Float32Array(D)
  for (const each of taken) {
    each.forEach((r, j) => {
      reach[j] = Math.max(reach[j] ?? 0, Math.abs(r))
    })
  }
  const finder = createSwitchFinder(head.hidden, reach, P)

  const vMean = input('v_mean', [ROWS, D])
  const [hidden, bias] = [input('hidden', [D, P]), input('bias', [P])]
  const first = await compile(
    { pre: ops.add(ops.matmul(vMean, hidden), bias) },
    {
      device,
      weights: new Map([
        ['hidden', { shape: hidden.shape, data: head.hidden }],
        ['bias', { shape: bias.shape, data: head.bias }],
      ]),
    },
  )
  const gathered: Mean[] = []
  try {
    for (const set of sets) {
      gathered.push(
        await (set === 'all' ? meanOverAll(head, means.length, device) : meanOverBearing(head, set, device)),
      )
    }
    for (let start = 0; start < means.length; start += ROWS) {
      const rows = new Float32Array(ROWS * D)
      const chosen = means.slice(start, start + ROWS)
      chosen.forEach((mean, i) => {
        rows.set(mean, i * D)
      })
      const pre = floats(await first.run({ v_mean: tensorFor(vMean, rows) }), 'pre')
      for (let i = 0; i < chosen.length; i++) {
        if (signal.aborted) {
          throw new CancelledError()
        }
        const own = { pre: pre.subarray(i * P, (i + 1) * P), taken: taken[start + i]! }
        const clip = { ...own, switches: finder.find(own.pre, own.taken) }
        for (const mean of gathered) {
          await mean.add(start + i, clip)
        }
        report(start + i + 1)
      }
    }
    return await Promise.all(gathered.map((mean) => mean.finish()))
  } finally {
    await Promise.all([first.release(), ...gathered.map((mean) => mean.release())])
  }
}

function topicHead({ architecture, parameters }: CaptionerModel): TopicHead {
  const [D, P, K] = [neuronCount(architecture), architecture.settings.topicHiddenSize, architecture.topics]
  const weight = (name: string): Float32Array => {
    const tensor = parameters.get(name)
    if (!tensor) {
      throw new Error(`the model has no ${name}`)
    }
    return tensor.data
  }
  const output = weight('topics.output')
  // The output's bias cancels in the difference.
  return {
    D,
    P,
    K,
    hidden: weight('topics.hidden'),
    bias: weight('topics.hidden_bias'),
    output: transposed(output, P, K),
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

/** Means over the clips that bear each topic: one row of a product for every clip and topic of its. */
async function meanOverBearing(
  { D, P, K, hidden, output }: TopicHead,
  topicsOf: readonly (readonly number[])[],
  device: DeviceName,
): Promise<Mean> {
  const [rows, weight] = [input('rows', [ROWS, P]), input('hidden', [D, P])]
  const product = await compile(
    { slopes: ops.matmul(rows, weight, { transposeB: true }) },
    { device, weights: new Map([['hidden', { shape: weight.shape, data: hidden }]]) },
  )
  const totals = Array.from({ length: K }, () => new Float64Array(D))
  const counts = new Uint32Array(K)
  const waiting: { topic: number; taken: Float32Array }[] = []
  const data = new Float32Array(ROWS * P)

  const flush = async () => {
    const slopes = floats(await product.run({ rows: tensorFor(rows, data) }), 'slopes')
    waiting.forEach(({ topic, taken }, row) => {
      const total = totals[topic]!
      for (let j = 0, at = row * D; j < D; j++, at++) {
        total[j] = total[j]! + taken[j]! * slopes[at]!
      }
    })
    waiting.length = 0
  }
  return {
    async add(index, { pre, taken, switches: { count, neuron, unit, excess } }) {
      for (const topic of topicsOf[index] ?? []) {
        const weights = output.subarray(topic * P, (topic + 1) * P)
        const total = totals[topic]!
        for (let s = 0; s < count; s++) {
          total[neuron[s]!] = total[neuron[s]!]! + excess[s]! * weights[unit[s]!]!
        }
        for (let p = 0, at = waiting.length * P; p < P; p++, at++) {
          data[at] = pre[p]! > 0 ? weights[p]! : 0
        }
        waiting.push({ topic, taken })
        counts[topic] = counts[topic]! + 1
        if (waiting.length === ROWS) {
          await flush()
        }
      }
    },
    async finish() {
      await flush()
      const delta = new Float32Array(D * K)
      totals.forEach((total, k) =>
        total.forEach((sum, j) => {
          delta[j * K + k] = sum / Math.max(1, counts[k]!)
        }),
      )
      return delta
    },
    release: () => product.release(),
  }
}

/**
 * Means over all clips: they are the same clips for every topic, so they are taken before the topics come in.
 */
async function meanOverAll(
  { D, P, K, hidden, output }: TopicHead,
  N: number,
  device: DeviceName,
): Promise<Mean> {
  const [takenRows, activeRows] = [input('taken', [ROWS, D]), input('active', [ROWS, P])]
  const [change, weight] = [input('change', [D, P]), input('output', [K, P])]
  const product = await compile({ sum: ops.matmul(takenRows, activeRows, { transposeA: true }) }, { device })
  const scores = await compile({ delta: ops.matmul(change, weight, { transposeB: true }) }, { device })
  /**
   * Sum over clips of what each unit loses, [D, P]: in units of its weight while it stays as it is, and by
   * its switches.
   */
  const linear = new Float32Array(D * P)
  const switched = new Float32Array(D * P)
  const [takenData, activeData] = [new Float32Array(ROWS * D), new Float32Array(ROWS * P)]
  let waiting = 0

  const flush = async () => {
    const sum = floats(
      await product.run({
        taken: tensorFor(takenRows, takenData),
        active: tensorFor(activeRows, activeData),
      }),
      'sum',
    )
    for (let i = 0; i < linear.length; i++) {
      linear[i] = linear[i]! + sum[i]!
    }
    takenData.fill(0)
    waiting = 0
  }
  return {
    async add(_index, { pre, taken, switches: { count, neuron, unit, excess } }) {
      takenData.set(taken, waiting * D)
      for (let p = 0, at = waiting * P; p < P; p++, at++) {
        activeData[at] = pre[p]! > 0 ? 1 : 0
      }
      for (let s = 0; s < count; s++) {
        const at = neuron[s]! * P + unit[s]!
        switched[at] = switched[at]! + excess[s]!
      }
      if (++waiting === ROWS) {
        await flush()
      }
    },
    async finish() {
      await flush()
      const data = linear.map((sum, i) => (sum * hidden[i]! + switched[i]!) / N)
      return floats(
        await scores.run({ change: tensorFor(change, data), output: tensorFor(weight, output) }),
        'delta',
      )
    },
    async release() {
      await Promise.all([product.release(), scores.release()])
    },
  }
}
