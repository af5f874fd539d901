import type { Op } from './op.ts'
import { broadcastPosition, forEachIndex, ndarray, strides } from './ndarray.ts'
import type { NdArray } from './ndarray.ts'
import { reduceTo } from './elementwise.ts'
import * as ops from './ops.ts'
import type { One, Three, TfTensor } from './tensorflow-api.ts'
import { dim, elementCount } from './value.ts'
import type { Attributes, Shape, Value } from './value.ts'

const only = (output: Value): Value => {
  const [a] = output.inputs
  if (!a) {
    throw new Error(`${output.op} needs an input`)
  }
  return a
}

export const listOf = (attributes: Attributes, name: string): readonly number[] => {
  const list = attributes[name]
  if (typeof list !== 'object') {
    throw new Error(`the attribute ${name} must be a list of numbers`)
  }
  return list
}

/** [batch or null, rows, columns] of a matrix operand as its transpose flag reads it. */
function matrixShape(
  shape: Shape,
  transposed: boolean,
): { batch: number | null; rows: number; columns: number } {
  const [rows, columns] = transposed ? [shape.at(-1), shape.at(-2)] : [shape.at(-2), shape.at(-1)]
  if (shape.length < 2 || shape.length > 3 || rows === undefined || columns === undefined) {
    throw new Error(`matmul takes matrices or one batch of them, not [${shape.join(', ')}]`)
  }
  return { batch: shape.length === 3 ? (shape[0] ?? null) : null, rows, columns }
}

const betaOf = (attributes: Attributes): number => {
  const beta = attributes['beta']
  return typeof beta === 'number' ? beta : 1
}

/**
 * A product, or with a third input c (of matrices only): a b + beta c, c broadcast over the rows where it is
 * a vector.
 */
const matmulOp: Op = {
  shape([a, b], attributes) {
    const left = matrixShape(a?.shape ?? [], attributes['transposeA'] === true)
    const right = matrixShape(b?.shape ?? [], attributes['transposeB'] === true)
    if (left.columns !== right.rows || left.batch !== right.batch) {
      throw new Error(`matmul: [${a?.shape.join(', ') ?? ''}] and [${b?.shape.join(', ') ?? ''}] do not fit`)
    }
    return left.batch === null ? [left.rows, right.columns] : [left.batch, left.rows, right.columns]
  },
  gradient(g, output) {
    const [a, b] = output.inputs
    if (!a || !b) {
      throw new Error('matmul needs two inputs')
    }
    const transposeA = output.attributes['transposeA'] === true
    const transposeB = output.attributes['transposeB'] === true
    const c = output.inputs[2]
    const toA = transposeA ? ops.matmul(b, g, transposeB, true) : ops.matmul(g, b, false, !transposeB)
    return [
      { kind: 'value', value: toA },
      transposeA || transposeB
        ? { kind: 'value', value: transposeB ? ops.matmul(g, a, true, transposeA) : ops.matmul(a, g) }
        : { kind: 'product', left: a, right: g },
      ...(c
        ? [{ kind: 'value', value: ops.affine(reduceTo(g, c.shape), betaOf(output.attributes)) } as const]
        : []),
    ]
  },
  emit(emitter, [a = '', b = '', c], output) {
    const transposeA = output.attributes['transposeA'] === true
    const transposeB = output.attributes['transposeB'] === true
    if (output.shape.length === 2) {
      const flags = { transA: Number(transposeA), transB: Number(transposeB) }
      return c === undefined
        ? emitter.node('Gemm', [a, b], flags)
        : emitter.node('Gemm', [a, b, c], { ...flags, beta: { float: betaOf(output.attributes) } })
    }
    const side = (name: string, transposed: boolean) =>
      transposed ? emitter.node('Transpose', [name], { perm: [0, 2, 1] }) : name
    return emitter.node('MatMul', [side(a, transposeA), side(b, transposeB)])
  },
  tensorflow(tf, [a, b, c]: readonly [TfTensor, TfTensor, ...TfTensor[]], output) {
    const product = tf.matMul(
      a,
      b,
      output.attributes['transposeA'] === true,
      output.attributes['transposeB'] === true,
    )
    return c ? tf.add(product, tf.mul(c, tf.scalar(betaOf(output.attributes)))) : product
  },
  evaluate([a, b, c], output) {
    const out = ndarray(output.shape)
    if (!a || !b) {
      return out
    }
    const transposeA = output.attributes['transposeA'] === true
    const left = matrixShape(a.shape, transposeA)
    const right = matrixShape(b.shape, output.attributes['transposeB'] === true)
    const at = (array: NdArray, transposed: boolean, batch: number, row: number, column: number): number => {
      const [rows, columns] = [dim2(array, -2), dim2(array, -1)]
      return (
        array.data[batch * rows * columns + (transposed ? column * columns + row : row * columns + column)] ??
        0
      )
    }
    for (let n = 0, flat = 0; n < (left.batch ?? 1); n++) {
      for (let i = 0; i < left.rows; i++) {
        for (let j = 0; j < right.columns; j++, flat++) {
          let total = 0
          for (let k = 0; k < left.columns; k++) {
            total += at(a, transposeA, n, i, k) * at(b, output.attributes['transposeB'] === true, n, k, j)
          }
          const added = c ? betaOf(output.attributes) * (c.data[broadcastPosition(c, [i, j])] ?? 0) : 0
          out.data[flat] = total + added
        }
      }
    }
    return out
  },
}

const dim2 = (array: NdArray, axis: number): number => array.shape.at(axis) ?? 0

/** The shape with `axes` set to 1. */
const kept = (shape: Shape, axes: readonly number[]): number[] =>
  shape.map((size, axis) => (axes.includes(axis) ? 1 : size))

const sumOp: Op = {
  shape([a], attributes) {
    const axes = listOf(attributes, 'axes')
    const shape = a?.shape ?? []
    return attributes['keep'] === true ? kept(shape, axes) : shape.filter((_, axis) => !axes.includes(axis))
  },
  gradient(g, output) {
    const a = only(output)
    return [
      {
        kind: 'value',
        value: ops.broadcast(ops.reshape(g, kept(a.shape, listOf(output.attributes, 'axes'))), a.shape),
      },
    ]
  },
  emit: (emitter, [a = ''], output) =>
    listOf(output.attributes, 'axes').length === 0
      ? emitter.node('Identity', [a])
      : emitter.node('ReduceSum', [a, emitter.ints(listOf(output.attributes, 'axes'))], {
          keepdims: Number(output.attributes['keep'] === true),
        }),
  tensorflow: (tf, [a]: One, output) =>
    tf.sum(a, listOf(output.attributes, 'axes'), output.attributes['keep'] === true),
  evaluate([a], output) {
    const out = ndarray(output.shape)
    if (!a) {
      return out
    }
    const axes = listOf(output.attributes, 'axes')
    const step = strides(kept(a.shape, axes)).map((stride, axis) => (axes.includes(axis) ? 0 : stride))
    forEachIndex(a.shape, (index, flat) => {
      const position = index.reduce((total, i, axis) => total + i * (step[axis] ?? 0), 0)
      out.data[position] = (out.data[position] ?? 0) + (a.data[flat] ?? 0)
    })
    return out
  },
}

const sumOfSquaresOp: Op = {
  shape: () => [],
  gradient: (g, output) => [{ kind: 'value', value: ops.multiply(g, ops.affine(only(output), 2)) }],
  emit: (emitter, inputs) => emitter.node('ReduceSumSquare', inputs, { keepdims: 0 }),
  tensorflow: (tf, [a]: One) =>
    tf.sum(
      tf.square(a),
      a.shape.map((_, axis) => axis),
    ),
  evaluate: ([a], output) => ndarray(output.shape, [a?.data.reduce((total, x) => total + x * x, 0) ?? 0]),
}

/**
 * Additive attention's scores (Bahdanau et al., ICLR 2015, section A.1.2): score(b, c, n) = u . tanh(keys(b,
 * n) + query(b, c)). A row of its own for its gradient: with y = tanh(...), what flows to keys and query is u
 * (sum of g - sum of g y^2), so the gradient of the largest tensor of the step is never made.
 */
const additiveScoresOp: Op = {
  shape([keys, query, u]) {
    const [B, n, A] = keys?.shape ?? []
    const [sameB, C, sameA] = query?.shape ?? []
    if (
      B === undefined ||
      n === undefined ||
      A === undefined ||
      C === undefined ||
      B !== sameB ||
      A !== sameA ||
      u?.shape[0] !== A ||
      u.shape[1] !== 1
    ) {
      throw new Error(
        `additiveScores: [${keys?.shape.join(', ') ?? ''}], [${query?.shape.join(', ') ?? ''}] and [${u?.shape.join(', ') ?? ''}] do not fit`,
      )
    }
    return [B, C, n]
  },
  gradient(g, output) {
    const [keys, query, u] = output.inputs
    if (!keys || !query || !u) {
      throw new Error('additiveScores needs three inputs')
    }
    const [B, C, n, A] = [dim(output, 0), dim(output, 1), dim(output, 2), dim(keys, 2)]
    // The same two primitives as `emit`'s, so the compiled graph has them once.
    const y = ops.tanh(ops.add(ops.reshape(keys, [B, 1, n, A]), ops.reshape(query, [B, C, 1, A])))
    const weighted = ops.multiply(ops.reshape(g, [B, C, n, 1]), ops.square(y))
    const row = ops.reshape(u, [1, 1, A])
    const toKeys = ops.subtract(ops.reshape(ops.sum(g, [1]), [B, n, 1]), ops.sum(weighted, [1]))
    const toQuery = ops.subtract(ops.sum(g, [2], true), ops.sum(weighted, [2]))
    return [
      { kind: 'value', value: ops.multiply(toKeys, row) },
      { kind: 'value', value: ops.multiply(toQuery, row) },
      {
        kind: 'value',
        value: ops.matmul(ops.reshape(y, [B * C * n, A]), ops.reshape(g, [B * C * n, 1]), true),
      },
    ]
  },
  emit(emitter, [keys = '', query = '', u = ''], output) {
    const [B, C, n] = [dim(output, 0), dim(output, 1), dim(output, 2)]
    const A = dim(only(output), 2)
    const sum = emitter.node('Add', [
      emitter.node('Reshape', [keys, emitter.ints([B, 1, n, A])]),
      emitter.node('Reshape', [query, emitter.ints([B, C, 1, A])]),
    ])
    const energy = emitter.node('Reshape', [emitter.node('Tanh', [sum]), emitter.ints([B * C * n, A])])
    return emitter.node('Reshape', [
      emitter.node('Gemm', [energy, u], { transA: 0, transB: 0 }),
      emitter.ints([B, C, n]),
    ])
  },
  tensorflow(tf, [keys, query, u]: Three, output) {
    const [B, C, n] = [dim(output, 0), dim(output, 1), dim(output, 2)]
    const A = dim(only(output), 2)
    const energy = tf.tanh(tf.add(tf.reshape(keys, [B, 1, n, A]), tf.reshape(query, [B, C, 1, A])))
    return tf.reshape(tf.matMul(tf.reshape(energy, [B * C * n, A]), u), [B, C, n])
  },
  evaluate([keys, query, u], output) {
    const out = ndarray(output.shape)
    const [, C = 0, n = 0] = output.shape
    const A = keys?.shape[2] ?? 0
    forEachIndex(output.shape, ([b = 0, c = 0, t = 0], flat) => {
      let score = 0
      for (let a = 0; a < A; a++) {
        score +=
          (u?.data[a] ?? 0) *
          Math.tanh((keys?.data[(b * n + t) * A + a] ?? 0) + (query?.data[(b * C + c) * A + a] ?? 0))
      }
      out.data[flat] = score
    })
    return out
  },
}

/** Runs over the rows of the last axis. */
function rowwise(meaning: (row: Float64Array) => Float64Array): Op['evaluate'] {
  return ([a], output) => {
    const width = dim(output, -1)
    const out = ndarray(output.shape)
    for (let start = 0; a && start < elementCount(output.shape); start += width) {
      out.data.set(meaning(a.data.subarray(start, start + width)), start)
    }
    return out
  }
}

function logSoftmaxRow(row: Float64Array): Float64Array {
  const top = row.reduce((a, b) => Math.max(a, b), -Infinity)
  const normaliser = top + Math.log(row.reduce((total, x) => total + Math.exp(x - top), 0))
  return row.map((x) => x - normaliser)
}

export const linearOps: Record<string, Op> = {
  matmul: matmulOp,
  additiveScores: additiveScoresOp,
  sum: sumOp,
  sumOfSquares: sumOfSquaresOp,
  broadcast: {
    shape: (_inputs, attributes) => listOf(attributes, 'shape'),
    gradient(g, output) {
      const a = only(output)
      const lead = g.shape.length - a.shape.length
      const axes = g.shape.flatMap((size, axis) =>
        axis < lead || (a.shape[axis - lead] === 1 && size !== 1) ? [axis] : [],
      )
      return [{ kind: 'value', value: ops.reshape(ops.sum(g, axes), a.shape) }]
    },
    emit: (emitter, [a = ''], output) => emitter.node('Expand', [a, emitter.ints(output.shape)]),
    tensorflow: (tf, [a]: One, output) => tf.broadcastTo(a, output.shape),
    evaluate([a], output) {
      const out = ndarray(output.shape)
      if (!a) {
        return out
      }
      const lead = output.shape.length - a.shape.length
      const step = strides(a.shape).map((stride, axis) => (a.shape[axis] === 1 ? 0 : stride))
      forEachIndex(output.shape, (index, flat) => {
        out.data[flat] =
          a.data[step.reduce((total, stride, axis) => total + stride * (index[lead + axis] ?? 0), 0)] ?? 0
      })
      return out
    },
  },
  softmax: {
    shape: ([a]) => a?.shape ?? [],
    gradient(g, output) {
      const weighted = ops.multiply(g, output)
      const total = ops.sum(weighted, [output.shape.length - 1], true)
      return [{ kind: 'value', value: ops.subtract(weighted, ops.multiply(output, total)) }]
    },
    emit: (emitter, inputs) => emitter.node('Softmax', inputs, { axis: -1 }),
    tensorflow: (tf, [a]: One) => tf.softmax(a),
    evaluate: rowwise((row) => logSoftmaxRow(row).map(Math.exp)),
  },
  logSoftmax: {
    shape: ([a]) => a?.shape ?? [],
    gradient(g, output) {
      const total = ops.sum(g, [output.shape.length - 1], true)
      return [{ kind: 'value', value: ops.subtract(g, ops.multiply(ops.exp(output), total)) }]
    },
    emit(emitter, [a = '']) {
      if (!emitter.lacks('LogSoftmax')) {
        return emitter.node('LogSoftmax', [a], { axis: -1 })
      }
      const reduce = (opType: string, x: string) =>
        emitter.node(opType, [x, emitter.ints([-1])], { keepdims: 1 })
      const shifted = emitter.node('Sub', [a, reduce('ReduceMax', a)])
      return emitter.node('Sub', [
        shifted,
        emitter.node('Log', [reduce('ReduceSum', emitter.node('Exp', [shifted]))]),
      ])
    },
    tensorflow: (tf, [a]: One) => tf.logSoftmax(a),
    evaluate: rowwise(logSoftmaxRow),
  },
}
