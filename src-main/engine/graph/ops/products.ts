/** Products of matrices, and what is best computed by one. */
import { broadcastStrides, forEachIndex, ndarray, strided } from '../ndarray.ts'
import type { NdArray } from '../ndarray.ts'
import { defineOp, isMadeBy } from '../op.ts'
import { shapeText } from '../shape.ts'
import type { Shape } from '../shape.ts'
import { dim } from '../value.ts'
import type { Contribution, Value } from '../value.ts'
import { add, affine, multiply, square, subtract, tanh } from './elementwise.ts'
import { reshape } from './layout.ts'
import { sum, sumToShape } from './reductions.ts'

/** Which sides of a product are read as their transposes over the last two axes. */
interface Transposes {
  transposeA: boolean
  transposeB: boolean
}

/** Matrix product of [M, K] and [K, N], or batched over one leading axis ([B, M, K], [B, K, N]). */
export const matmul = defineOp({
  name: 'matmul',
  signature: (a: Value, b: Value, { transposeA = false, transposeB = false }: Partial<Transposes> = {}) => ({
    inputs: [a, b],
    attributes: { transposeA, transposeB },
  }),
  shape: ([a, b], transposes) => productShape(a.shape, b.shape, transposes),
  gradient: (g, { inputs, attributes }): [Value, Contribution] => productGradient(g, inputs, attributes),
  onnx(emitter, [a, b], { shape, attributes: { transposeA, transposeB } }) {
    if (shape.length === 2) {
      return emitter.node('Gemm', [a, b], { transA: Number(transposeA), transB: Number(transposeB) })
    }
    const side = (name: string, transposed: boolean) =>
      transposed ? emitter.node('Transpose', [name], { perm: [0, 2, 1] }) : name
    return emitter.node('MatMul', [side(a, transposeA), side(b, transposeB)])
  },
  tensorflow: (tf, [a, b], { attributes: { transposeA, transposeB } }) =>
    tf.matMul(a, b, transposeA, transposeB),
  reference: ([a, b], { shape, attributes }) => productReference(a, b, shape, attributes),
})

/** a b + beta c of matrices, c broadcast over the rows where it is a vector. */
const gemm = defineOp({
  name: 'gemm',
  signature: (a: Value, b: Value, c: Value, attributes: Transposes & { beta: number }) => ({
    inputs: [a, b, c],
    attributes,
  }),
  shape: ([a, b], transposes) => productShape(a.shape, b.shape, transposes),
  gradient(g, { inputs: [a, b, c], attributes }): [Value, Contribution, Value] {
    const [towardsA, towardsB] = productGradient(g, [a, b], attributes)
    return [towardsA, towardsB, affine(sumToShape(g, c.shape), attributes.beta)]
  },
  onnx: (emitter, inputs, { attributes: { transposeA, transposeB, beta } }) =>
    emitter.node('Gemm', inputs, {
      transA: Number(transposeA),
      transB: Number(transposeB),
      beta: { float: beta },
    }),
  tensorflow: (tf, [a, b, c], { attributes: { transposeA, transposeB, beta } }) =>
    tf.add(tf.matMul(a, b, transposeA, transposeB), tf.mul(c, tf.scalar(beta))),
  reference([a, b, c], { shape, attributes }) {
    const product = productReference(a, b, shape, attributes)
    const addend = strided(shape, c, broadcastStrides(c.shape, shape.length))
    return ndarray(
      shape,
      product.data.map((x, i) => x + attributes.beta * addend.data[i]!),
    )
  },
})

/**
 * a + factor b, b broadcast to a. Where a is a product of matrices, the product takes the sum along at no
 * extra pass.
 */
export function addScaled(a: Value, b: Value, factor: number): Value {
  const fits = b.shape.length === 2 || (b.shape.length === 1 && b.shape[0] === a.shape[1])
  return isMadeBy(a, matmul) && a.shape.length === 2 && fits
    ? gemm(...a.inputs, b, { ...a.attributes, beta: factor })
    : add(a, affine(b, factor))
}

/** [batch or null, rows, columns] of a matrix operand as its transpose flag reads it. */
function matrixShape(
  shape: Shape,
  transposed: boolean,
): { batch: number | null; rows: number; columns: number } {
  const [rows, columns] = transposed ? [shape.at(-1), shape.at(-2)] : [shape.at(-2), shape.at(-1)]
  if (shape.length < 2 || shape.length > 3 || rows === undefined || columns === undefined) {
    throw new Error(`matmul takes matrices or one batch of them, not ${shapeText(shape)}`)
  }
  return { batch: shape.length === 3 ? shape[0]! : null, rows, columns }
}

function productShape(a: Shape, b: Shape, { transposeA, transposeB }: Transposes): Shape {
  const left = matrixShape(a, transposeA)
  const right = matrixShape(b, transposeB)
  if (left.columns !== right.rows || left.batch !== right.batch) {
    throw new Error(`matmul: ${shapeText(a)} and ${shapeText(b)} do not fit`)
  }
  return left.batch === null ? [left.rows, right.columns] : [left.batch, left.rows, right.columns]
}

function productGradient(
  g: Value,
  [a, b]: readonly [Value, Value],
  { transposeA, transposeB }: Transposes,
): [Value, Contribution] {
  const towardsA = transposeA
    ? matmul(b, g, { transposeA: transposeB, transposeB: true })
    : matmul(g, b, { transposeB: !transposeB })
  if (transposeB) {
    return [towardsA, matmul(g, a, { transposeA: true, transposeB: transposeA })]
  }
  return [towardsA, transposeA ? matmul(a, g) : { kind: 'product', left: a, right: g }]
}

function productReference(
  a: NdArray,
  b: NdArray,
  shape: Shape,
  { transposeA, transposeB }: Transposes,
): NdArray {
  const left = matrixShape(a.shape, transposeA)
  const right = matrixShape(b.shape, transposeB)
  const out = ndarray(shape)
  for (let batch = 0, flat = 0; batch < (left.batch ?? 1); batch++) {
    const leftAt = matrixReader(a, batch, transposeA)
    const rightAt = matrixReader(b, batch, transposeB)
    for (let i = 0; i < left.rows; i++) {
      for (let j = 0; j < right.columns; j++, flat++) {
        let total = 0
        for (let k = 0; k < left.columns; k++) {
          total += leftAt(i, k) * rightAt(k, j)
        }
        out.data[flat] = total
      }
    }
  }
  return out
}

/** Reads a matrix of a batch by row and column, as its transpose flag says. */
function matrixReader(
  { shape, data }: NdArray,
  batch: number,
  transposed: boolean,
): (row: number, column: number) => number {
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!]
  const matrix = data.subarray(batch * rows * columns, (batch + 1) * rows * columns)
  return transposed
    ? (row, column) => matrix[column * columns + row]!
    : (row, column) => matrix[row * columns + column]!
}

/** Sum of all squared elements, a scalar. */
export const sumOfSquares = defineOp({
  name: 'sumOfSquares',
  signature: (a: Value) => ({ inputs: [a], attributes: {} }),
  shape: () => [],
  gradient: (g, { inputs: [a] }) => [multiply(g, affine(a, 2))],
  onnx: (emitter, inputs) => emitter.node('ReduceSumSquare', inputs, { keepdims: 0 }),
  tensorflow: (tf, [a], { inputs }) =>
    tf.sum(
      tf.square(a),
      inputs[0].shape.map((_, axis) => axis),
    ),
  reference: ([a], { shape }) => ndarray(shape, [a.data.reduce((total, x) => total + x * x, 0)]),
})

/** Sizes of additive attention: B clips, C queries each, n keys, A components. */
const attentionSizes = (keys: Value, query: Value) => ({
  B: dim(keys, 0),
  C: dim(query, 1),
  n: dim(keys, 1),
  A: dim(keys, 2),
})

/**
 * Additive attention's scores (Bahdanau et al., ICLR 2015, section A.1.2): keys [B, n, A], query [B, C, A],
 * u [A, 1] -> u . tanh(keys + query), [B, C, n]. An operation of its own for its gradient: with y = tanh(...),
 * what flows to keys and query is u (sum of g - sum of g y^2), so the gradient of the largest tensor of the
 * step is never made.
 */
export const additiveScores = defineOp({
  name: 'additiveScores',
  signature: (keys: Value, query: Value, u: Value) => ({ inputs: [keys, query, u], attributes: {} }),
  shape([keys, query, u]) {
    const [B, n, A] = keys.shape
    const [queryB, C, queryA] = query.shape
    const known = B !== undefined && n !== undefined && A !== undefined && C !== undefined
    if (!known || B !== queryB || A !== queryA || u.shape[0] !== A || u.shape[1] !== 1) {
      const [k, q, w] = [keys, query, u].map(({ shape }) => shapeText(shape))
      throw new Error(`additiveScores: ${k}, ${q} and ${w} do not fit`)
    }
    return [B, C, n]
  },
  gradient(g, { inputs: [keys, query, u] }) {
    const { B, C, n, A } = attentionSizes(keys, query)
    // The same two primitives as the emission's, so the compiled graph has them once.
    const y = tanh(add(reshape(keys, [B, 1, n, A]), reshape(query, [B, C, 1, A])))
    const weighted = multiply(reshape(g, [B, C, n, 1]), square(y))
    const row = reshape(u, [1, 1, A])
    const towardsKeys = subtract(reshape(sum(g, [1]), [B, n, 1]), sum(weighted, [1]))
    const towardsQuery = subtract(sum(g, [2], { keepAxes: true }), sum(weighted, [2]))
    return [
      multiply(towardsKeys, row),
      multiply(towardsQuery, row),
      matmul(reshape(y, [B * C * n, A]), reshape(g, [B * C * n, 1]), { transposeA: true }),
    ]
  },
  onnx(emitter, [keys, query, u], { inputs }) {
    const { B, C, n, A } = attentionSizes(inputs[0], inputs[1])
    const total = emitter.node('Add', [
      emitter.node('Reshape', [keys, emitter.ints([B, 1, n, A])]),
      emitter.node('Reshape', [query, emitter.ints([B, C, 1, A])]),
    ])
    const energy = emitter.node('Reshape', [emitter.node('Tanh', [total]), emitter.ints([B * C * n, A])])
    return emitter.node('Reshape', [
      emitter.node('Gemm', [energy, u], { transA: 0, transB: 0 }),
      emitter.ints([B, C, n]),
    ])
  },
  tensorflow(tf, [keys, query, u], { inputs }) {
    const { B, C, n, A } = attentionSizes(inputs[0], inputs[1])
    const energy = tf.tanh(tf.add(tf.reshape(keys, [B, 1, n, A]), tf.reshape(query, [B, C, 1, A])))
    return tf.reshape(tf.matMul(tf.reshape(energy, [B * C * n, A]), u), [B, C, n])
  },
  reference([keys, query, u], { shape, inputs }) {
    const { C, n, A } = attentionSizes(inputs[0], inputs[1])
    const out = ndarray(shape)
    forEachIndex(shape, ([b = 0, c = 0, t = 0], flat) => {
      for (let a = 0; a < A; a++) {
        const energy = keys.data[(b * n + t) * A + a]! + query.data[(b * C + c) * A + a]!
        out.data[flat] = out.data[flat]! + u.data[a]! * Math.tanh(energy)
      }
    })
    return out
  },
})
