/** Rows by their numbers, and the numbers of the largest elements. */
import type { Emitter } from '../emitter.ts'
import { ndarray } from '../ndarray.ts'
import type { NdArray } from '../ndarray.ts'
import { defineOp } from '../op.ts'
import { elementCount } from '../shape.ts'
import type { Shape } from '../shape.ts'
import { dim } from '../value.ts'
import type { Value } from '../value.ts'

/** Rows of `table` [V, E] by `ids` (int64, any shape [...]): [..., E]. */
export const gather = defineOp({
  name: 'gather',
  signature: (table: Value, ids: Value) => ({ inputs: [table, ids], attributes: {} }),
  shape: ([table, ids]) => [...ids.shape, dim(table, 1)],
  gradient: (g, { inputs: [table, ids] }) => [scatterAdd(g, ids, dim(table, 0)), null],
  onnx: (emitter, inputs) => emitter.node('Gather', inputs, { axis: 0 }),
  tensorflow: (tf, [table, ids]) => tf.gather(table, ids),
  reference([table, ids], { shape }) {
    const width = shape.at(-1)!
    const out = ndarray(shape)
    ids.data.forEach((id, row) => {
      out.data.set(table.data.subarray(id * width, (id + 1) * width), row * width)
    })
    return out
  },
})

/**
 * Adds rows [..., E] into a zero [size, E] at `ids` [...]; ids may repeat. No gradient: it is `gather`'s
 * gradient.
 */
export const scatterAdd = defineOp({
  name: 'scatterAdd',
  signature: (rows: Value, ids: Value, size: number) => ({ inputs: [rows, ids], attributes: { size } }),
  shape: ([rows], { size }) => [size, dim(rows, -1)],
  gradient: () => null,
  onnx(emitter, [rows, ids], { shape, inputs }) {
    const [width, count] = [shape.at(-1)!, elementCount(inputs[1].shape)]
    const zero = emitter.node('Expand', [emitter.float(0), emitter.ints(shape)])
    const flat = emitter.node('Reshape', [rows, emitter.ints([count, width])])
    const places = emitter.node('Reshape', [ids, emitter.ints([count, 1])])
    // Rows of one id are summed first, by a product with the table of which ids are equal, and every one of
    // them gets the sum: then it does not matter that ScatterND's threads write an id's row in any order.
    // Its own adding would race.
    const sums = emitter.node('Gemm', [equalIds(emitter, ids, count), flat], { transA: 0, transB: 0 })
    return emitter.node('ScatterND', [zero, places, sums])
  },
  tensorflow(tf, [rows, ids], { shape }) {
    const [width, count] = [shape.at(-1)!, elementCount(ids.shape)]
    return tf.scatterND(tf.reshape(ids, [count, 1]), tf.reshape(rows, [count, width]), shape)
  },
  reference([rows, ids], { shape }) {
    const width = shape.at(-1)!
    const out = ndarray(shape)
    ids.data.forEach((id, row) => {
      for (let j = 0; j < width; j++) {
        out.data[id * width + j]! += rows.data[row * width + j]!
      }
    })
    return out
  },
})

/** float [count, count]: 1 where two ids are equal. Compared as int32, as GPUs have no int64. */
function equalIds(emitter: Emitter, ids: string, count: number): string {
  const small = emitter.node('Cast', [ids], { to: 6 })
  const down = emitter.node('Reshape', [small, emitter.ints([count, 1])])
  const across = emitter.node('Reshape', [small, emitter.ints([1, count])])
  return emitter.node('Cast', [emitter.node('Equal', [down, across])], { to: 1 })
}

const topValues = defineOp({
  name: 'topValues',
  signature: (a: Value, k: number) => ({ inputs: [a], attributes: { k } }),
  shape: ([a], { k }) => topShape(a, k),
  gradient: () => null,
  onnx: (emitter, [a], { attributes: { k } }) => topNode(emitter, a, k)[0],
  tensorflow: (tf, [a], { attributes: { k } }) => tf.topk(a, k).values,
  reference: ([a], { attributes: { k } }) =>
    overTop(a, k, (row, columns) => columns.map((column) => row[column]!)),
})

const topIndices = defineOp({
  name: 'topIndices',
  dtype: 'int64',
  signature: (a: Value, k: number) => ({ inputs: [a], attributes: { k } }),
  shape: ([a], { k }) => topShape(a, k),
  gradient: () => null,
  onnx: (emitter, [a], { attributes: { k } }) => topNode(emitter, a, k)[1],
  tensorflow: (tf, [a], { attributes: { k } }) => tf.topk(a, k).indices,
  reference: ([a], { attributes: { k } }) => overTop(a, k, (_row, columns) => columns),
})

/**
 * The `k` largest elements of each row of the last axis, largest first, and where in the row they are
 * (int64); equal ones by their place. No gradient.
 */
export const top = (a: Value, k: number): { values: Value; indices: Value } => ({
  values: topValues(a, k),
  indices: topIndices(a, k),
})

function topShape(a: Value, k: number): Shape {
  const width = dim(a, -1)
  if (k < 1 || k > width) {
    throw new Error(`the ${k} largest of ${width}`)
  }
  return [...a.shape.slice(0, -1), k]
}

/** The values and the indices are two outputs of one node, which is emitted once. */
const topNode = (emitter: Emitter, a: string, k: number): [string, string] =>
  emitter.nodeOfTwo('TopK', [a, emitter.ints([k])], { axis: -1 })

/** What `compute` makes of each row of the last axis and the columns of its k largest elements. */
function overTop(
  { shape, data }: NdArray,
  k: number,
  compute: (row: Float64Array, columns: number[]) => readonly number[],
): NdArray {
  const width = shape.at(-1)!
  const out = ndarray([...shape.slice(0, -1), k])
  for (let row = 0; row < data.length / width; row++) {
    const elements = data.subarray(row * width, (row + 1) * width)
    out.data.set(compute(elements, largestColumns(elements, k)), row * k)
  }
  return out
}

/** Columns of a row's `k` largest elements, largest first; equal ones in the order of their columns. */
const largestColumns = (row: Float64Array, k: number): number[] =>
  [...row.keys()].sort((a, b) => row[b]! - row[a]! || a - b).slice(0, k)
