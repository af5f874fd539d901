import type { Emitter, Op } from './op.ts'
import { listOf } from './linear.ts'
import { forEachIndex, ndarray, strides } from './ndarray.ts'
import type { NdArray } from './ndarray.ts'
import * as ops from './ops.ts'
import type { One, TensorFlow, TfTensor, Three, Two } from './tensorflow-api.ts'
import { dim, elementCount } from './value.ts'
import type { Attributes, Value } from './value.ts'

const numberOf = (attributes: Attributes, name: string): number => {
  const found = attributes[name]
  if (typeof found !== 'number') {
    throw new Error(`the attribute ${name} must be a number`)
  }
  return found
}

const at = (output: Value, position: number): Value => {
  const found = output.inputs[position]
  if (!found) {
    throw new Error(`${output.op} has no input ${position}`)
  }
  return found
}

/** One-hot columns are addressed as [row, target] pairs: [N] -> int64 [N, 2]. */
function rowAndTarget(emitter: Parameters<Op['emit']>[0], targets: string, rows: number): string {
  const row = emitter.ints(
    Array.from({ length: rows }, (_, i) => i),
    [rows, 1],
  )
  return emitter.node('Concat', [row, emitter.node('Reshape', [targets, emitter.ints([rows, 1])])], {
    axis: 1,
  })
}

/** Columns of each row's `k` largest elements, largest first; equal ones in the order of their columns. */
function largest(row: Float64Array, k: number): number[] {
  return [...row.keys()].sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0) || a - b).slice(0, k)
}

/** `meaning` of each row of the last axis and the columns of its largest elements. */
function topRows(
  a: NdArray | undefined,
  output: Value,
  meaning: (row: Float64Array, columns: number[]) => readonly number[],
): NdArray {
  const out = ndarray(output.shape)
  const [width, k] = [a?.shape.at(-1) ?? 0, dim(output, -1)]
  for (let row = 0; a && row < out.data.length / k; row++) {
    const values = a.data.subarray(row * width, (row + 1) * width)
    out.data.set(meaning(values, largest(values, k)), row * k)
  }
  return out
}

const topShape: Op['shape'] = ([a], attributes) => {
  const k = numberOf(attributes, 'k')
  const width = a?.shape.at(-1) ?? 0
  if (k < 1 || k > width) {
    throw new Error(`the ${k} largest of ${width}`)
  }
  return [...(a?.shape.slice(0, -1) ?? []), k]
}

/** The values and the indices are two outputs of one node, which is emitted once. */
const topNode = (emitter: Emitter, inputs: readonly string[], output: Value): string[] =>
  emitter.nodeOf(2, 'TopK', [...inputs, emitter.ints([dim(output, -1)])], { axis: -1 })

const rowAndTargetTf = (tf: TensorFlow, targets: TfTensor, rows: number): TfTensor =>
  tf.concat([tf.reshape(tf.range(0, rows, 1, 'int32'), [rows, 1]), tf.reshape(targets, [rows, 1])], 1)

export const indexingOps: Record<string, Op> = {
  reshape: {
    shape([a], attributes) {
      const shape = listOf(attributes, 'shape')
      if (elementCount(shape) !== elementCount(a?.shape ?? [])) {
        throw new Error(`[${a?.shape.join(', ') ?? ''}] can't be read as [${shape.join(', ')}]`)
      }
      return shape
    },
    gradient: (g, output) => [{ kind: 'value', value: ops.reshape(g, at(output, 0).shape) }],
    emit: (emitter, [a = ''], output) => emitter.node('Reshape', [a, emitter.ints(output.shape)]),
    tensorflow: (tf, [a]: One, output) => tf.reshape(a, output.shape),
    evaluate: ([a], output) => ndarray(output.shape, a?.data),
  },
  transpose: {
    shape: ([a], attributes) => listOf(attributes, 'axes').map((axis) => a?.shape[axis] ?? 0),
    gradient(g, output) {
      const inverse: number[] = []
      listOf(output.attributes, 'axes').forEach((from, to) => (inverse[from] = to))
      return [{ kind: 'value', value: ops.transpose(g, inverse) }]
    },
    emit: (emitter, inputs, output) =>
      emitter.node('Transpose', inputs, { perm: listOf(output.attributes, 'axes') }),
    tensorflow: (tf, [a]: One, output) => tf.transpose(a, listOf(output.attributes, 'axes')),
    evaluate([a], output) {
      const out = ndarray(output.shape)
      if (!a) {
        return out
      }
      const step = strides(a.shape)
      const axes = listOf(output.attributes, 'axes')
      forEachIndex(output.shape, (index, flat) => {
        out.data[flat] =
          a.data[axes.reduce((total, from, to) => total + (step[from] ?? 0) * (index[to] ?? 0), 0)] ?? 0
      })
      return out
    },
  },
  concat: {
    shape(inputs, attributes) {
      const axis = numberOf(attributes, 'axis')
      const total = inputs.reduce((size, part) => size + dim(part, axis), 0)
      return (inputs[0]?.shape ?? []).map((size, i) => (i === axis ? total : size))
    },
    gradient(g, output) {
      const axis = numberOf(output.attributes, 'axis')
      let start = 0
      return output.inputs.map((part) => {
        const value = ops.slice(g, axis, start, start + dim(part, axis))
        start += dim(part, axis)
        return { kind: 'value', value }
      })
    },
    emit: (emitter, inputs, output) =>
      emitter.node('Concat', inputs, { axis: numberOf(output.attributes, 'axis') }),
    tensorflow: (tf, parts, output) => tf.concat(parts, numberOf(output.attributes, 'axis')),
    evaluate(inputs, output) {
      const axis = numberOf(output.attributes, 'axis')
      const out = ndarray(output.shape)
      const step = strides(output.shape)
      let start = 0
      for (const part of inputs) {
        forEachIndex(part.shape, (index, flat) => {
          out.data[index.reduce((total, i, k) => total + (k === axis ? i + start : i) * (step[k] ?? 0), 0)] =
            part.data[flat] ?? 0
        })
        start += part.shape[axis] ?? 0
      }
      return out
    },
  },
  slice: {
    shape([a], attributes) {
      const [axis, start, end] = [
        numberOf(attributes, 'axis'),
        numberOf(attributes, 'start'),
        numberOf(attributes, 'end'),
      ]
      const size = a?.shape[axis] ?? 0
      if (start < 0 || end > size || start >= end) {
        throw new Error(`slice ${start} to ${end} of an axis of ${size}`)
      }
      return (a?.shape ?? []).map((extent, i) => (i === axis ? end - start : extent))
    },
    gradient: (g, output) => [
      {
        kind: 'piece',
        axis: numberOf(output.attributes, 'axis'),
        start: numberOf(output.attributes, 'start'),
        value: g,
      },
    ],
    emit: (emitter, [a = ''], output) => {
      const { axis, start, end } = output.attributes
      return emitter.node('Slice', [
        a,
        emitter.ints([Number(start)]),
        emitter.ints([Number(end)]),
        emitter.ints([Number(axis)]),
      ])
    },
    tensorflow(tf, [a]: One, output) {
      const { axis, start } = output.attributes
      return tf.slice(
        a,
        a.shape.map((_, i) => (i === axis ? Number(start) : 0)),
        output.shape,
      )
    },
    evaluate([a], output) {
      const out = ndarray(output.shape)
      if (!a) {
        return out
      }
      const step = strides(a.shape)
      const axis = numberOf(output.attributes, 'axis')
      const start = numberOf(output.attributes, 'start')
      forEachIndex(output.shape, (index, flat) => {
        out.data[flat] =
          a.data[index.reduce((total, i, k) => total + (k === axis ? i + start : i) * (step[k] ?? 0), 0)] ?? 0
      })
      return out
    },
  },
  gather: {
    shape: ([table, ids]) => [...(ids?.shape ?? []), table?.shape[1] ?? 0],
    gradient: (g, output) => [
      { kind: 'value', value: ops.scatterAdd(g, at(output, 1), dim(at(output, 0), 0)) },
      null,
    ],
    emit: (emitter, inputs) => emitter.node('Gather', inputs, { axis: 0 }),
    tensorflow: (tf, [table, ids]: Two) => tf.gather(table, ids),
    evaluate([table, ids], output) {
      const width = dim(output, -1)
      const out = ndarray(output.shape)
      ids?.data.forEach((id, row) => {
        out.data.set(table?.data.subarray(id * width, (id + 1) * width) ?? [], row * width)
      })
      return out
    },
  },
  scatterAdd: {
    shape: ([rows], attributes) => [numberOf(attributes, 'size'), rows?.shape.at(-1) ?? 0],
    gradient: () => [null, null],
    emit(emitter, [rows = '', ids = ''], output) {
      const [size, width] = [dim(output, 0), dim(output, 1)]
      const count = elementCount(at(output, 1).shape)
      const zero = emitter.node('Expand', [emitter.float(0), emitter.ints([size, width])])
      const flat = emitter.node('Reshape', [rows, emitter.ints([count, width])])
      // Rows of one id are summed first, by a product with the table of which ids are equal, and every one of
      // them gets the sum: then it does not matter that ScatterND's threads write an id's row in any order.
      // Its own adding would race.
      const places = emitter.node('Reshape', [ids, emitter.ints([count, 1])])
      // Compared as int32: GPUs have no int64.
      const small = emitter.node('Cast', [ids], { to: 6 })
      const [down = '', across = ''] = [
        [count, 1],
        [1, count],
      ].map((shape) => emitter.node('Reshape', [small, emitter.ints(shape)]))
      const same = emitter.node('Cast', [emitter.node('Equal', [down, across])], { to: 1 })
      return emitter.node('ScatterND', [
        zero,
        places,
        emitter.node('Gemm', [same, flat], { transA: 0, transB: 0 }),
      ])
    },
    tensorflow(tf, [rows, ids]: Two, output) {
      const count = elementCount(ids.shape)
      return tf.scatterND(
        tf.reshape(ids, [count, 1]),
        tf.reshape(rows, [count, dim(output, 1)]),
        output.shape,
      )
    },
    evaluate([rows, ids], output) {
      const width = dim(output, 1)
      const out = ndarray(output.shape)
      ids?.data.forEach((id, row) => {
        for (let j = 0; j < width; j++) {
          out.data[id * width + j] = (out.data[id * width + j] ?? 0) + (rows?.data[row * width + j] ?? 0)
        }
      })
      return out
    },
  },
  crossEntropy: {
    shape: ([, , targets]) => targets?.shape ?? [],
    gradient(g, output) {
      const softmaxMinusOneHot = ops.subtractOneHot(ops.exp(at(output, 0)), at(output, 2))
      return [
        null,
        { kind: 'value', value: ops.multiply(softmaxMinusOneHot, ops.reshape(g, [dim(output, 0), 1])) },
        null,
      ]
    },
    emit(emitter, [logProbabilities = '', , targets = ''], output) {
      return emitter.node('Neg', [
        emitter.node('GatherND', [logProbabilities, rowAndTarget(emitter, targets, dim(output, 0))]),
      ])
    },
    tensorflow: (tf, [logProbabilities, , targets]: Three, output) =>
      tf.neg(tf.gatherND(logProbabilities, rowAndTargetTf(tf, targets, dim(output, 0)))),
    evaluate([logProbabilities, , targets], output) {
      const width = logProbabilities?.shape[1] ?? 0
      return ndarray(
        output.shape,
        targets?.data.map((target, row) => -(logProbabilities?.data[row * width + target] ?? 0)),
      )
    },
  },
  subtractOneHot: {
    shape: ([a]) => a?.shape ?? [],
    gradient: () => [null, null],
    emit(emitter, [a = '', targets = ''], output) {
      const rows = dim(output, 0)
      const minusOne = emitter.node('Expand', [emitter.float(-1), emitter.ints([rows])])
      // Every [row, target] pair is its own place, so the threads of ScatterND can't meet.
      return emitter.node('ScatterND', [a, rowAndTarget(emitter, targets, rows), minusOne], {
        reduction: 'add',
      })
    },
    tensorflow: (tf, [a, targets]: Two, output) => tf.sub(a, tf.oneHot(targets, dim(output, 1))),
    evaluate([a, targets], output) {
      const out = ndarray(output.shape, a?.data)
      const width = dim(output, 1)
      targets?.data.forEach((target, row) => {
        out.data[row * width + target] = (out.data[row * width + target] ?? 0) - 1
      })
      return out
    },
  },
  topValues: {
    shape: topShape,
    gradient: () => [null],
    emit: (emitter, inputs, output) => topNode(emitter, inputs, output)[0] ?? '',
    tensorflow: (tf, [a]: One, output) => tf.topk(a, dim(output, -1)).values,
    evaluate: ([a], output) =>
      topRows(a, output, (row, columns) => columns.map((column) => row[column] ?? 0)),
  },
  topIndices: {
    shape: topShape,
    dtype: 'int64',
    gradient: () => [null],
    emit: (emitter, inputs, output) => topNode(emitter, inputs, output)[1] ?? '',
    tensorflow: (tf, [a]: One, output) => tf.topk(a, dim(output, -1)).indices,
    evaluate: ([a], output) => topRows(a, output, (_row, columns) => columns),
  },
}
