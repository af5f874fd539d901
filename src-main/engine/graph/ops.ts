/**
 * The op table: every primitive of the graph with its shape rule, gradient rule, ONNX emission and reference
 * meaning in one row. To add one, add a row to the family it belongs to (`elementwise.ts`, `linear.ts`,
 * `indexing.ts`), export a function that applies it, and list a case in test/engine/graph/ops.test.ts: the
 * test checks the row against itself (finite differences) and against ONNX Runtime.
 */
import { elementwiseOps } from './elementwise.ts'
import { indexingOps } from './indexing.ts'
import { linearOps } from './linear.ts'
import type { Op } from './op.ts'
import { makeValue } from './value.ts'
import type { Attributes, Value } from './value.ts'

export const OPS: Readonly<Record<string, Op>> = { ...elementwiseOps, ...linearOps, ...indexingOps }

/** The table's row of a value. Throws for leaves, which have none. */
export function opOf(value: Value): Op {
  const op = OPS[value.op]
  if (!op) {
    throw new Error(`no primitive is called ${value.op}`)
  }
  return op
}

function apply(op: string, inputs: readonly Value[], attributes: Attributes = {}): Value {
  const row = OPS[op]
  if (!row) {
    throw new Error(`no primitive is called ${op}`)
  }
  return makeValue({
    op,
    inputs,
    attributes,
    shape: row.shape(inputs, attributes),
    dtype: row.dtype ?? 'float32',
  })
}

/** Elementwise with NumPy broadcasting. */
export const add = (a: Value, b: Value): Value => apply('add', [a, b])
export const subtract = (a: Value, b: Value): Value => apply('subtract', [a, b])
export const multiply = (a: Value, b: Value): Value => apply('multiply', [a, b])
export const divide = (a: Value, b: Value): Value => apply('divide', [a, b])
/** No gradient flows through `maximum`: it guards divisions. */
export const maximum = (a: Value, b: Value): Value => apply('maximum', [a, b])

/** `factor * a + offset`. */
export const affine = (a: Value, factor: number, offset = 0): Value =>
  apply('affine', [a], { factor, offset })
export const tanh = (a: Value): Value => apply('tanh', [a])
export const sigmoid = (a: Value): Value => apply('sigmoid', [a])
export const relu = (a: Value): Value => apply('relu', [a])
/** 1 where a > 0, else 0; no gradient. */
export const positive = (a: Value): Value => apply('positive', [a])
export const exp = (a: Value): Value => apply('exp', [a])
export const sqrt = (a: Value): Value => apply('sqrt', [a])
export const square = (a: Value): Value => apply('square', [a])
/** ln(1 + e^a). */
export const softplus = (a: Value): Value => apply('softplus', [a])
/** Bytes to float32; no gradient. */
export const toFloat = (a: Value): Value => apply('toFloat', [a])

/**
 * Matrix product of [M, K] and [K, N], or batched over one leading axis ([B, M, K], [B, K, N]); a flag reads
 * that side as its transpose over the last two axes.
 */
export const matmul = (a: Value, b: Value, transposeA = false, transposeB = false): Value =>
  apply('matmul', [a, b], { transposeA, transposeB })
/**
 * a + factor b, b broadcast to a. Where a is a product of matrices, the product takes the sum along at no
 * extra pass.
 */
export function addScaled(a: Value, b: Value, factor: number): Value {
  const fits = b.shape.length === 2 || (b.shape.length === 1 && b.shape[0] === a.shape[1])
  return a.op === 'matmul' && a.shape.length === 2 && a.inputs.length === 2 && fits
    ? apply('matmul', [...a.inputs, b], { ...a.attributes, beta: factor })
    : add(a, affine(b, factor))
}
/** keys [B, n, A], query [B, C, A], u [A, 1] -> u . tanh(keys + query), [B, C, n]. */
export const additiveScores = (keys: Value, query: Value, u: Value): Value =>
  apply('additiveScores', [keys, query, u])
/** Sum of all squared elements, a scalar. */
export const sumOfSquares = (a: Value): Value => apply('sumOfSquares', [a])
/** Sum over `axes` (all when left out); the axes go unless `keep`. */
export const sum = (a: Value, axes?: readonly number[], keep = false): Value =>
  apply('sum', [a], { axes: axes ?? a.shape.map((_, axis) => axis), keep })
export const broadcast = (a: Value, shape: readonly number[]): Value => apply('broadcast', [a], { shape })
/** Softmax and its logarithm over the last axis. */
export const softmax = (a: Value): Value => apply('softmax', [a])
export const logSoftmax = (a: Value): Value => apply('logSoftmax', [a])

export const reshape = (a: Value, shape: readonly number[]): Value => apply('reshape', [a], { shape })
export const transpose = (a: Value, axes: readonly number[]): Value => apply('transpose', [a], { axes })
export const concat = (parts: readonly Value[], axis: number): Value =>
  parts.length === 1 && parts[0] ? parts[0] : apply('concat', parts, { axis })
/** Elements `start` to `end` (not included) along `axis`. */
export const slice = (a: Value, axis: number, start: number, end: number): Value =>
  apply('slice', [a], { axis, start, end })
/** `count` equal slices along `axis`. */
export function split(a: Value, axis: number, count: number): Value[] {
  const size = (a.shape[axis] ?? 0) / count
  return Array.from({ length: count }, (_, part) => slice(a, axis, part * size, (part + 1) * size))
}
/** Rows of `table` [V, E] by `ids` (int64, any shape [...]): [..., E]. */
export const gather = (table: Value, ids: Value): Value => apply('gather', [table, ids])
/**
 * Adds rows [..., E] into a zero [size, E] at `ids` [...]; ids may repeat. No gradient: it is `gather`'s
 * gradient.
 */
export const scatterAdd = (rows: Value, ids: Value, size: number): Value =>
  apply('scatterAdd', [rows, ids], { size })

/**
 * -log softmax(logits)[target], a row: logits [N, V], targets int64 [N] -> [N]. The log-softmax is an input
 * of its own so that forward and backward share it; its gradient (softmax - onehot) goes straight to the
 * logits.
 */
export const crossEntropy = (logits: Value, targets: Value): Value =>
  apply('crossEntropy', [logSoftmax(logits), logits, targets])
/** a [N, V] minus 1 at (row, targets[row]); no gradient: it is `crossEntropy`'s gradient. */
export const subtractOneHot = (a: Value, targets: Value): Value => apply('subtractOneHot', [a, targets])

/**
 * The `k` largest elements of each row of the last axis, largest first, and where in the row they are
 * (int64); equal ones by their place. No gradient.
 */
export const top = (a: Value, k: number): { values: Value; indices: Value } => ({
  values: apply('topValues', [a], { k }),
  indices: apply('topIndices', [a], { k }),
})
