/**
 * Every row of the op table against itself: its gradient by finite differences, and each runtime against the
 * reference.
 */
import { describe, expect, it } from 'vitest'
import { gradients } from '../../../src-main/engine/graph/gradient.ts'
import { evaluate } from '../../../src-main/engine/graph/ndarray.ts'
import * as ops from '../../../src-main/engine/graph/ops.ts'
import { compile } from '../../../src-main/engine/graph/runtime.ts'
import { floats } from '../../../src-main/engine/graph/session.ts'
import type { Tensors } from '../../../src-main/engine/graph/session.ts'
import { constant, elementCount, input } from '../../../src-main/engine/graph/value.ts'
import type { Value } from '../../../src-main/engine/graph/value.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import { keepGpuOpen, whyNoGpu } from './software-gpu.ts'

const DEVICES = ['cpu', 'webgpu', 'tfjs-wasm', 'tfjs-cpu'] as const
keepGpuOpen()

interface Case {
  /** Table rows that the case exercises. */
  rows: string[]
  inputs: Value[]
  output: Value
  /** Values of integer inputs. */
  fixed?: Record<string, number[]>
  positive?: boolean
}

const a = input('a', [3, 4])
const b = input('b', [3, 4])
const row = input('row', [4])
const column = input('column', [3, 1])
const batchA = input('batchA', [2, 3, 4])
const batchB = input('batchB', [2, 4, 5])
const wide = input('wide', [4, 5])
const table = input('table', [6, 3])
const ids = input('ids', [2, 4], 'int64')
const targets = input('targets', [3], 'int64')
const bytes = input('bytes', [3, 4], 'uint8')
const rows = input('rows', [2, 4, 3])
const five = input('five', [5])
const square = input('square', [3, 3])
const keys = input('keys', [2, 5, 4])
const query = input('query', [2, 3, 4])
const column4 = input('column4', [4, 1])

const CASES: Record<string, Case> = {
  'add with broadcasting': { rows: ['add'], inputs: [a, row], output: ops.add(a, row) },
  'subtract a column': { rows: ['subtract'], inputs: [a, column], output: ops.subtract(column, a) },
  'multiply an outer product': {
    rows: ['multiply'],
    inputs: [row, column],
    output: ops.multiply(column, row),
  },
  divide: { rows: ['divide'], inputs: [a, b], output: ops.divide(a, b), positive: true },
  affine: { rows: ['affine'], inputs: [a], output: ops.affine(a, -2, 0.5) },
  tanh: { rows: ['tanh'], inputs: [a], output: ops.tanh(a) },
  sigmoid: { rows: ['sigmoid'], inputs: [a], output: ops.sigmoid(a) },
  relu: { rows: ['relu', 'positive'], inputs: [a], output: ops.relu(a) },
  exp: { rows: ['exp'], inputs: [a], output: ops.exp(a) },
  sqrt: { rows: ['sqrt'], inputs: [a], output: ops.sqrt(a), positive: true },
  square: { rows: ['square'], inputs: [a], output: ops.square(a) },
  softplus: { rows: ['softplus'], inputs: [a], output: ops.softplus(a) },
  matmul: { rows: ['matmul'], inputs: [a, wide], output: ops.matmul(a, wide) },
  'matmul with the left side transposed': {
    rows: ['matmul'],
    inputs: [a, b],
    output: ops.matmul(a, b, true),
  },
  'matmul with the right side transposed': {
    rows: ['matmul'],
    inputs: [a, b],
    output: ops.matmul(a, b, false, true),
  },
  'matmul with both sides transposed': {
    rows: ['matmul'],
    inputs: [wide, a],
    output: ops.matmul(wide, a, true, true),
  },
  'batched matmul of a transpose': {
    rows: ['matmul'],
    inputs: [batchA, batchB],
    output: ops.matmul(batchB, batchA, true, true),
  },
  'a weight used three times': {
    rows: ['matmul'],
    inputs: [a, wide],
    output: ops.add(
      ops.matmul(a, wide),
      ops.matmul(ops.tanh(a), ops.add(wide, ops.matmul(ops.matmul(a, b, true), wide))),
    ),
  },
  'batched matmul': { rows: ['matmul'], inputs: [batchA, batchB], output: ops.matmul(batchA, batchB) },
  'matmul plus a bias': {
    rows: ['matmul'],
    inputs: [a, wide, five],
    output: ops.addScaled(ops.matmul(a, wide), five, -0.5),
  },
  'matmul plus a matrix': {
    rows: ['matmul'],
    inputs: [a, b, square],
    output: ops.addScaled(ops.matmul(a, b, false, true), square, 3),
  },
  'addScaled of no product': { rows: ['add'], inputs: [a, row], output: ops.addScaled(a, row, 2) },
  additiveScores: {
    rows: ['additiveScores'],
    inputs: [keys, query, column4],
    output: ops.additiveScores(keys, query, column4),
  },
  sumOfSquares: { rows: ['sumOfSquares'], inputs: [batchA], output: ops.sumOfSquares(batchA) },
  sum: { rows: ['sum'], inputs: [batchA], output: ops.sum(batchA, [0, 2]) },
  'sum kept': { rows: ['sum'], inputs: [batchA], output: ops.sum(batchA, [1], true) },
  broadcast: { rows: ['broadcast'], inputs: [column], output: ops.broadcast(column, [2, 3, 4]) },
  softmax: { rows: ['softmax'], inputs: [batchA], output: ops.softmax(batchA) },
  logSoftmax: { rows: ['logSoftmax'], inputs: [a], output: ops.logSoftmax(a) },
  reshape: { rows: ['reshape'], inputs: [batchA], output: ops.reshape(batchA, [4, 6]) },
  transpose: { rows: ['transpose'], inputs: [batchA], output: ops.transpose(batchA, [2, 0, 1]) },
  concat: { rows: ['concat'], inputs: [a, b], output: ops.concat([a, b, a], 1) },
  'overlapping slices with a gap': {
    rows: ['slice'],
    inputs: [a],
    output: ops.concat([ops.slice(a, 1, 0, 2), ops.slice(a, 1, 1, 3)], 0),
  },
  gather: {
    rows: ['gather'],
    inputs: [table],
    fixed: { ids: [0, 5, 5, 2, 1, 0, 5, 3] },
    output: ops.gather(table, ids),
  },
  crossEntropy: {
    rows: ['crossEntropy'],
    inputs: [a],
    fixed: { targets: [3, 0, 3] },
    output: ops.crossEntropy(a, targets),
  },
  'scatterAdd, values only': {
    rows: ['scatterAdd'],
    inputs: [],
    fixed: { ids: [0, 5, 5, 2, 1, 0, 5, 3] },
    output: ops.scatterAdd(rows, ids, 6),
  },
  'maximum, values only': { rows: ['maximum'], inputs: [], output: ops.maximum(a, b) },
  'subtractOneHot, values only': {
    rows: ['subtractOneHot'],
    inputs: [],
    fixed: { targets: [3, 0, 3] },
    output: ops.subtractOneHot(a, targets),
  },
  'top, values only': {
    rows: ['topValues', 'topIndices'],
    inputs: [],
    output: ops.add(ops.reshape(ops.top(a, 2).values, [3, 2, 1]), ops.gather(table, ops.top(a, 2).indices)),
  },
  'toFloat, values only': {
    rows: ['toFloat'],
    inputs: [],
    fixed: { bytes: [0, 1, 2, 255, 4, 5, 6, 7, 8, 9, 10, 11] },
    output: ops.toFloat(bytes),
  },
}

const LEAVES = [
  a,
  b,
  row,
  column,
  batchA,
  batchB,
  wide,
  table,
  ids,
  targets,
  bytes,
  rows,
  five,
  square,
  keys,
  query,
  column4,
]

function feedsOf(testCase: Case): Record<string, number[]> {
  const random = createRandom(7)
  return Object.fromEntries(
    LEAVES.map((leaf) => {
      const drawn = Array.from({ length: elementCount(leaf.shape) }, () =>
        testCase.positive ? 0.5 + random.next() : random.normal(),
      )
      return [leaf.name ?? '', testCase.fixed?.[leaf.name ?? ''] ?? drawn]
    }),
  )
}

/** A scalar that weighs every element of the output differently. */
const lossOf = (output: Value): Value => {
  const weights = Array.from({ length: elementCount(output.shape) }, (_, i) => Math.sin(i + 1))
  return ops.sum(ops.multiply(output, constant(weights, output.shape)))
}

function tensorsOf(values: readonly Value[], feeds: Record<string, number[]>): Tensors {
  const needed = new Set(values.map((value) => value.name))
  return Object.fromEntries(
    LEAVES.filter((leaf) => needed.has(leaf.name)).map((leaf) => {
      const data = feeds[leaf.name ?? ''] ?? []
      const typed =
        leaf.dtype === 'int64'
          ? BigInt64Array.from(data.map(BigInt))
          : leaf.dtype === 'uint8'
            ? Uint8Array.from(data)
            : Float32Array.from(data)
      return [leaf.name ?? '', { shape: leaf.shape, data: typed }]
    }),
  )
}

const leavesUnder = (value: Value): Value[] =>
  value.op === 'input' ? [value] : value.inputs.flatMap(leavesUnder)

describe.each(Object.entries(CASES))('%s', (_name, testCase) => {
  const feeds = feedsOf(testCase)
  const loss = lossOf(testCase.output)

  it.runIf(testCase.inputs.length > 0)('has the gradient that finite differences give', () => {
    const analytic = evaluate(gradients(loss, testCase.inputs), feeds)
    testCase.inputs.forEach((leaf, position) => {
      const name = leaf.name ?? ''
      const at = (element: number, shift: number): number => {
        const moved = (feeds[name] ?? []).map((x, i) => (i === element ? x + shift : x))
        return evaluate([loss], { ...feeds, [name]: moved })[0]?.data[0] ?? NaN
      }
      for (let element = 0; element < elementCount(leaf.shape); element++) {
        const numeric = (at(element, 1e-5) - at(element, -1e-5)) / 2e-5
        expect(analytic[position]?.data[element], `${name}[${element}]`).toBeCloseTo(numeric, 6)
      }
    })
  })

  it.for(DEVICES)('means the same on %s, forward and backward', async (device, { skip }) => {
    if (device === 'webgpu' && whyNoGpu !== null) {
      skip(whyNoGpu)
    }
    const outputs = [testCase.output, ...gradients(loss, testCase.inputs)]
    const expected = evaluate(outputs, feeds)
    const session = await compile(Object.fromEntries(outputs.map((value, i) => [`out${i}`, value])), {
      device,
    })
    const got = await session.run(tensorsOf(outputs.flatMap(leavesUnder), feeds))
    outputs.forEach((_, i) => {
      floats(got, `out${i}`).forEach((x, element) => {
        expect(x).toBeCloseTo(expected[i]?.data[element] ?? NaN, 4)
      })
    })
    await session.release()
  })
})

it('lists a case for every row of the table', () => {
  expect(new Set(Object.values(CASES).flatMap((testCase) => testCase.rows))).toEqual(
    new Set(Object.keys(ops.OPS)),
  )
})

it('differentiates with respect to a value on the way as if it were an input', () => {
  const middle = ops.tanh(a)
  const loss = ops.sum(ops.multiply(ops.square(middle), b))
  const [towards, further] = gradients(loss, [middle, a])
  const feeds = {
    a: Array.from({ length: 12 }, (_, i) => 0.1 * i - 0.5),
    b: Array.from({ length: 12 }, (_, i) => i + 1),
  }
  const [own, before] = evaluate([towards!, further!], feeds)
  feeds.a.forEach((x, i) => {
    expect(own!.data[i]).toBeCloseTo(2 * Math.tanh(x) * (i + 1), 5)
    expect(before!.data[i]).toBeCloseTo(2 * Math.tanh(x) * (i + 1) * (1 - Math.tanh(x) ** 2), 5)
  })
})
