/**
 * The leading principal axes of a data matrix by orthogonal iteration (Golub and Van Loan, "Matrix
 * Computations", 4th ed., section 8.2.4): Q <- orthonormal basis of A^T (A Q), some times. The products are
 * compiled; the basis, small, is made here.
 */
import * as ops from '../graph/ops.ts'
import { compile } from '../graph/runtime.ts'
import { floats, tensorFor } from '../graph/session.ts'
import { input } from '../graph/value.ts'
import type { Random } from '../../common/random.ts'

const ITERATIONS = 8

/** Row-major. */
interface Matrix {
  data: Float32Array
  rows: number
  columns: number
}

/**
 * A matrix [rows, size] with zero mean -> `axes` [size, count] with orthonormal columns, largest variance
 * first, and the variance of the data along all of them together.
 */
export async function principalAxes(
  { data, rows, columns: size }: Matrix,
  count: number,
  random: Random,
): Promise<{ axes: Float32Array; variance: number }> {
  const a = input('a', [rows, size])
  const q = input('q', [size, count])
  const projected = ops.matmul(a, q)
  const session = await compile({
    next: ops.matmul(a, projected, { transposeA: true }),
    energy: ops.sum(ops.square(projected)),
  })
  let axes = orthonormalise(
    Float32Array.from({ length: size * count }, () => random.normal()),
    size,
    count,
  )
  let energy = 0
  try {
    for (let i = 0; i < ITERATIONS; i++) {
      const out = await session.run({ a: tensorFor(a, data), q: tensorFor(q, axes) })
      energy = floats(out, 'energy')[0] ?? 0
      if (i < ITERATIONS - 1) {
        axes = orthonormalise(floats(out, 'next'), size, count)
      }
    }
  } finally {
    await session.release()
  }
  return { axes, variance: energy / rows }
}

/**
 * Modified Gram-Schmidt over the columns of [size, count], in float64; a column that depends on those before
 * becomes zero.
 */
function orthonormalise(matrix: Float32Array, size: number, count: number): Float32Array {
  const columns = Array.from({ length: count }, (_, k) =>
    Float64Array.from({ length: size }, (_row, j) => matrix[j * count + k] ?? 0),
  )
  columns.forEach((column, k) => {
    const before = norm(column)
    for (const other of columns.slice(0, k)) {
      let product = 0
      for (let j = 0; j < size; j++) {
        product += (column[j] ?? 0) * (other[j] ?? 0)
      }
      for (let j = 0; j < size; j++) {
        column[j] = (column[j] ?? 0) - product * (other[j] ?? 0)
      }
    }
    const length = norm(column)
    const scale = length > 1e-6 * before ? 1 / length : 0
    for (let j = 0; j < size; j++) {
      column[j] = (column[j] ?? 0) * scale
    }
  })
  const out = new Float32Array(size * count)
  columns.forEach((column, k) => {
    column.forEach((x, j) => {
      out[j * count + k] = x
    })
  })
  return out
}

const norm = (vector: Float64Array): number => Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0))
