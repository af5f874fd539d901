/** Distributions over the last axis, and the loss of a classifier. */
import type { Emitter } from '../emitter.ts'
import { ndarray } from '../ndarray.ts'
import type { NdArray } from '../ndarray.ts'
import { defineOp } from '../op.ts'
import type { TensorFlow, TfTensor } from '../tensorflow-api.ts'
import { dim } from '../value.ts'
import type { Value } from '../value.ts'
import { exp, multiply, subtract } from './elementwise.ts'
import { reshape } from './layout.ts'
import { sum } from './reductions.ts'

const sumOverLastAxis = (a: Value): Value => sum(a, [a.shape.length - 1], { keepAxes: true })

export const softmax = defineOp({
  name: 'softmax',
  signature: (a: Value) => ({ inputs: [a], attributes: {} }),
  shape: ([a]) => a.shape,
  gradient(g, probabilities) {
    const weighted = multiply(g, probabilities)
    const total = sumOverLastAxis(weighted)
    return [subtract(weighted, multiply(probabilities, total))]
  },
  onnx: (emitter, inputs) => emitter.node('Softmax', inputs, { axis: -1 }),
  tensorflow: (tf, [a]) => tf.softmax(a),
  reference: ([a]) => overRows(a, (row) => logSoftmaxRow(row).map(Math.exp)),
})

export const logSoftmax = defineOp({
  name: 'logSoftmax',
  signature: (a: Value) => ({ inputs: [a], attributes: {} }),
  shape: ([a]) => a.shape,
  gradient(g, logProbabilities) {
    const total = sumOverLastAxis(g)
    return [subtract(g, multiply(exp(logProbabilities), total))]
  },
  onnx(emitter, [a]) {
    if (!emitter.lacks('LogSoftmax')) {
      return emitter.node('LogSoftmax', [a], { axis: -1 })
    }
    const reduce = (opType: string, x: string) =>
      emitter.node(opType, [x, emitter.ints([-1])], { keepdims: 1 })
    const shifted = emitter.node('Sub', [a, reduce('ReduceMax', a)])
    const normaliser = emitter.node('Log', [reduce('ReduceSum', emitter.node('Exp', [shifted]))])
    return emitter.node('Sub', [shifted, normaliser])
  },
  tensorflow: (tf, [a]) => tf.logSoftmax(a),
  reference: ([a]) => overRows(a, logSoftmaxRow),
})

/** What `compute` makes of each row of the last axis. */
function overRows({ shape, data }: NdArray, compute: (row: Float64Array) => Float64Array): NdArray {
  const width = shape.at(-1)!
  const out = ndarray(shape)
  for (let start = 0; start < data.length; start += width) {
    out.data.set(compute(data.subarray(start, start + width)), start)
  }
  return out
}

function logSoftmaxRow(row: Float64Array): Float64Array {
  const largest = row.reduce((a, b) => Math.max(a, b), -Infinity)
  const normaliser = largest + Math.log(row.reduce((total, x) => total + Math.exp(x - largest), 0))
  return row.map((x) => x - normaliser)
}

/**
 * -log softmax(logits)[target], a row: logits [N, V], targets int64 [N] -> [N]. The log-softmax is an input
 * of its own so that forward and backward share it; its gradient (softmax - onehot) goes straight to the
 * logits.
 */
export const crossEntropy = defineOp({
  name: 'crossEntropy',
  signature: (logits: Value, targets: Value) => ({
    inputs: [logSoftmax(logits), logits, targets],
    attributes: {},
  }),
  shape: ([, , targets]) => targets.shape,
  gradient(g, output) {
    const [logProbabilities, , targets] = output.inputs
    const softmaxMinusOneHot = subtractOneHot(exp(logProbabilities), targets)
    return [null, multiply(softmaxMinusOneHot, reshape(g, [dim(output, 0), 1])), null]
  },
  onnx(emitter, [logProbabilities, , targets], output) {
    const places = rowAndTarget(emitter, targets, dim(output, 0))
    return emitter.node('Neg', [emitter.node('GatherND', [logProbabilities, places])])
  },
  tensorflow: (tf, [logProbabilities, , targets], output) =>
    tf.neg(tf.gatherND(logProbabilities, tfRowAndTarget(tf, targets, dim(output, 0)))),
  reference([logProbabilities, , targets], { shape }) {
    const width = logProbabilities.shape[1]!
    return ndarray(
      shape,
      targets.data.map((target, row) => -logProbabilities.data[row * width + target]!),
    )
  },
})

/** a [N, V] minus 1 at (row, targets[row]); no gradient: it is `crossEntropy`'s gradient. */
export const subtractOneHot = defineOp({
  name: 'subtractOneHot',
  signature: (a: Value, targets: Value) => ({ inputs: [a, targets], attributes: {} }),
  shape: ([a]) => a.shape,
  gradient: () => null,
  onnx(emitter, [a, targets], output) {
    const rows = dim(output, 0)
    const minusOne = emitter.node('Expand', [emitter.float(-1), emitter.ints([rows])])
    // Every [row, target] pair is its own place, so the threads of ScatterND can't meet.
    return emitter.node('ScatterND', [a, rowAndTarget(emitter, targets, rows), minusOne], {
      reduction: 'add',
    })
  },
  tensorflow: (tf, [a, targets], output) => tf.sub(a, tf.oneHot(targets, dim(output, 1))),
  reference([a, targets], { shape }) {
    const out = ndarray(shape, a.data)
    const width = shape[1]!
    targets.data.forEach((target, row) => {
      out.data[row * width + target]! -= 1
    })
    return out
  },
})

/** One-hot columns are addressed as [row, target] pairs: [N] -> int64 [N, 2]. */
function rowAndTarget(emitter: Emitter, targets: string, rows: number): string {
  const row = emitter.ints([...new Array(rows).keys()], [rows, 1])
  return emitter.node('Concat', [row, emitter.node('Reshape', [targets, emitter.ints([rows, 1])])], {
    axis: 1,
  })
}

const tfRowAndTarget = (tf: TensorFlow, targets: TfTensor, rows: number): TfTensor =>
  tf.concat([tf.reshape(tf.range(0, rows, 1, 'int32'), [rows, 1]), tf.reshape(targets, [rows, 1])], 1)
