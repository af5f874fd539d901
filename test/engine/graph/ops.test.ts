/**
 * Every operation against itself: its gradient by finite differences, and each runtime against the reference.
 */
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { gradients } from '../../../src-main/engine/graph/gradient.ts'
import * as ops from '../../../src-main/engine/graph/ops.ts'
import { evaluate } from '../../../src-main/engine/graph/reference.ts'
import { compile } from '../../../src-main/engine/graph/runtime.ts'
import { floats } from '../../../src-main/engine/graph/session.ts'
import type { Tensor, Tensors } from '../../../src-main/engine/graph/session.ts'
import type { TensorFlow, TfTensor } from '../../../src-main/engine/graph/tensorflow-api.ts'
import { emitGraphModel } from '../../../src-main/engine/graph/tensorflow-graph-model.ts'
import { constant, elementCount, input, inputsOf } from '../../../src-main/engine/graph/value.ts'
import type { DType, Input, Value } from '../../../src-main/engine/graph/value.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import { keepGpuOpen, whyNoGpu } from './software-gpu.ts'

const DEVICES = ['cpu', 'webgpu', 'tfjs-wasm', 'tfjs-cpu'] as const
keepGpuOpen()
const load = createRequire(import.meta.url)

interface Case {
  /** Names of the operations that the case exercises. */
  operations: string[]
  /** With respect to which it is differentiated. */
  inputs: Input[]
  output: Value
  /** Elements of integer inputs. */
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
  'add with broadcasting': { operations: ['add'], inputs: [a, row], output: ops.add(a, row) },
  'subtract a column': { operations: ['subtract'], inputs: [a, column], output: ops.subtract(column, a) },
  'multiply an outer product': {
    operations: ['multiply'],
    inputs: [row, column],
    output: ops.multiply(column, row),
  },
  divide: { operations: ['divide'], inputs: [a, b], output: ops.divide(a, b), positive: true },
  affine: { operations: ['affine'], inputs: [a], output: ops.affine(a, -2, 0.5) },
  tanh: { operations: ['tanh'], inputs: [a], output: ops.tanh(a) },
  sigmoid: { operations: ['sigmoid'], inputs: [a], output: ops.sigmoid(a) },
  relu: { operations: ['relu', 'positive'], inputs: [a], output: ops.relu(a) },
  exp: { operations: ['exp'], inputs: [a], output: ops.exp(a) },
  sqrt: { operations: ['sqrt'], inputs: [a], output: ops.sqrt(a), positive: true },
  square: { operations: ['square'], inputs: [a], output: ops.square(a) },
  softplus: { operations: ['softplus'], inputs: [a], output: ops.softplus(a) },
  matmul: { operations: ['matmul'], inputs: [a, wide], output: ops.matmul(a, wide) },
  'matmul with the left side transposed': {
    operations: ['matmul'],
    inputs: [a, b],
    output: ops.matmul(a, b, { transposeA: true }),
  },
  'matmul with the right side transposed': {
    operations: ['matmul'],
    inputs: [a, b],
    output: ops.matmul(a, b, { transposeB: true }),
  },
  'matmul with both sides transposed': {
    operations: ['matmul'],
    inputs: [wide, a],
    output: ops.matmul(wide, a, { transposeA: true, transposeB: true }),
  },
  'batched matmul of a transpose': {
    operations: ['matmul'],
    inputs: [batchA, batchB],
    output: ops.matmul(batchB, batchA, { transposeA: true, transposeB: true }),
  },
  'a weight used three times': {
    operations: ['matmul'],
    inputs: [a, wide],
    output: ops.add(
      ops.matmul(a, wide),
      ops.matmul(ops.tanh(a), ops.add(wide, ops.matmul(ops.matmul(a, b, { transposeA: true }), wide))),
    ),
  },
  'batched matmul': { operations: ['matmul'], inputs: [batchA, batchB], output: ops.matmul(batchA, batchB) },
  'matmul plus a bias': {
    operations: ['matmul', 'gemm'],
    inputs: [a, wide, five],
    output: ops.addScaled(ops.matmul(a, wide), five, -0.5),
  },
  'matmul plus a matrix': {
    operations: ['matmul', 'gemm'],
    inputs: [a, b, square],
    output: ops.addScaled(ops.matmul(a, b, { transposeB: true }), square, 3),
  },
  'addScaled of no product': { operations: ['add'], inputs: [a, row], output: ops.addScaled(a, row, 2) },
  additiveScores: {
    operations: ['additiveScores'],
    inputs: [keys, query, column4],
    output: ops.additiveScores(keys, query, column4),
  },
  sumOfSquares: { operations: ['sumOfSquares'], inputs: [batchA], output: ops.sumOfSquares(batchA) },
  sum: { operations: ['sum'], inputs: [batchA], output: ops.sum(batchA, [0, 2]) },
  'sum kept': { operations: ['sum'], inputs: [batchA], output: ops.sum(batchA, [1], { keepAxes: true }) },
  broadcast: { operations: ['broadcast'], inputs: [column], output: ops.broadcast(column, [2, 3, 4]) },
  softmax: { operations: ['softmax'], inputs: [batchA], output: ops.softmax(batchA) },
  logSoftmax: { operations: ['logSoftmax'], inputs: [a], output: ops.logSoftmax(a) },
  reshape: { operations: ['reshape'], inputs: [batchA], output: ops.reshape(batchA, [4, 6]) },
  transpose: { operations: ['transpose'], inputs: [batchA], output: ops.transpose(batchA, [2, 0, 1]) },
  concat: { operations: ['concat'], inputs: [a, b], output: ops.concat([a, b, a], 1) },
  'overlapping slices with a gap': {
    operations: ['slice'],
    inputs: [a],
    output: ops.concat([ops.slice(a, 1, 0, 2), ops.slice(a, 1, 1, 3)], 0),
  },
  gather: {
    operations: ['gather'],
    inputs: [table],
    fixed: { ids: [0, 5, 5, 2, 1, 0, 5, 3] },
    output: ops.gather(table, ids),
  },
  crossEntropy: {
    operations: ['crossEntropy'],
    inputs: [a],
    fixed: { targets: [3, 0, 3] },
    output: ops.crossEntropy(a, targets),
  },
  'scatterAdd, values only': {
    operations: ['scatterAdd'],
    inputs: [],
    fixed: { ids: [0, 5, 5, 2, 1, 0, 5, 3] },
    output: ops.scatterAdd(rows, ids, 6),
  },
  'maximum, values only': { operations: ['maximum'], inputs: [], output: ops.maximum(a, b) },
  'subtractOneHot, values only': {
    operations: ['subtractOneHot'],
    inputs: [],
    fixed: { targets: [3, 0, 3] },
    output: ops.subtractOneHot(a, targets),
  },
  'top, values only': {
    operations: ['topValues', 'topIndices'],
    inputs: [],
    output: ops.add(ops.reshape(ops.top(a, 2).values, [3, 2, 1]), ops.gather(table, ops.top(a, 2).indices)),
  },
  'toFloat, values only': {
    operations: ['toFloat'],
    inputs: [],
    fixed: { bytes: [0, 1, 2, 255, 4, 5, 6, 7, 8, 9, 10, 11] },
    output: ops.toFloat(bytes),
  },
}

/** All inputs, in the order in which their elements are drawn. */
const INPUTS: Input[] = [
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
    INPUTS.map(({ name, shape }) => {
      const drawn = Array.from({ length: elementCount(shape) }, () =>
        testCase.positive ? 0.5 + random.next() : random.normal(),
      )
      return [name, testCase.fixed?.[name] ?? drawn]
    }),
  )
}

/** A scalar that weighs every element of the output differently. */
const lossOf = (output: Value): Value => {
  const weights = Array.from({ length: elementCount(output.shape) }, (_, i) => Math.sin(i + 1))
  return ops.sum(ops.multiply(output, constant(weights, output.shape)))
}

const TYPED: Record<DType, (elements: number[]) => Tensor['data']> = {
  int64: (elements) => BigInt64Array.from(elements, BigInt),
  uint8: (elements) => Uint8Array.from(elements),
  float32: (elements) => Float32Array.from(elements),
}

const tensorsOf = (inputs: readonly Input[], feeds: Record<string, number[]>): Tensors =>
  Object.fromEntries(
    inputs.map(({ name, shape, dtype }) => [name, { shape, data: TYPED[dtype](feeds[name]!) }]),
  )

describe.each(Object.entries(CASES))('%s', (_name, testCase) => {
  const feeds = feedsOf(testCase)
  const loss = lossOf(testCase.output)

  it.runIf(testCase.inputs.length > 0)('has the gradient that finite differences give', () => {
    const analytic = evaluate(gradients(loss, testCase.inputs), feeds)
    testCase.inputs.forEach(({ name, shape }, position) => {
      const lossAt = (element: number, shift: number): number => {
        const moved = feeds[name]!.map((x, i) => (i === element ? x + shift : x))
        return evaluate([loss], { ...feeds, [name]: moved })[0]!.data[0]!
      }
      for (let element = 0; element < elementCount(shape); element++) {
        const numeric = (lossAt(element, 1e-5) - lossAt(element, -1e-5)) / 2e-5
        expect(analytic[position]!.data[element], `${name}[${element}]`).toBeCloseTo(numeric, 6)
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
    const computed = await session.run(tensorsOf(inputsOf(outputs), feeds))
    outputs.forEach((_, i) => {
      floats(computed, `out${i}`).forEach((x, element) => {
        expect(x).toBeCloseTo(expected[i]!.data[element]!, 4)
      })
    })
    await session.release()
  })

  it('means the same as a graph model of TensorFlow.js, forward and backward', async () => {
    const outputs = [testCase.output, ...gradients(loss, testCase.inputs)]
    const expected = evaluate(outputs, feeds)
    const names = outputs.map((_, i) => `out${i}`)
    const computed = await runGraphModel(
      Object.fromEntries(outputs.map((output, i) => [names[i]!, output])),
      tensorsOf(inputsOf(outputs), feeds),
    )
    outputs.forEach((_, i) => {
      computed[i]!.forEach((x, element) => {
        expect(x).toBeCloseTo(expected[i]!.data[element]!, 4)
      })
    })
  })
})

/** What TensorFlow.js makes of a graph model that was written, and of these feeds; an array for each output. */
async function runGraphModel(
  outputs: Record<string, Value>,
  feeds: Tensors,
): Promise<(Float32Array | Int32Array)[]> {
  const tf = load('@tensorflow/tfjs-core') as TensorFlow & { enableProdMode(): void }
  // Without its greeting.
  tf.enableProdMode()
  load('@tensorflow/tfjs-backend-cpu')
  const { loadGraphModel } = load('@tensorflow/tfjs-converter') as {
    loadGraphModel(from: { load(): Promise<object> }): Promise<{
      execute(feeds: Record<string, TfTensor>, outputs: string[]): TfTensor | TfTensor[]
    }>
  }
  await tf.setBackend('cpu')
  const { json, weights } = emitGraphModel(outputs)
  const { weightsManifest, ...model } = JSON.parse(json) as { weightsManifest: { weights: object[] }[] }
  const bytes = Uint8Array.from(Buffer.concat(weights))
  const graph = await loadGraphModel({
    load: () =>
      Promise.resolve({
        ...model,
        weightSpecs: weightsManifest.flatMap((group) => group.weights),
        weightData: bytes.buffer,
      }),
  })
  const fed = Object.fromEntries(
    Object.entries(feeds).map(([name, { shape, data }]) => [
      name,
      data instanceof Float32Array
        ? tf.tensor(data, shape, 'float32')
        : tf.tensor(Int32Array.from(data as Iterable<number | bigint>, Number), shape, 'int32'),
    ]),
  )
  const results = [graph.execute(fed, Object.keys(outputs))].flat()
  return Promise.all(results.map(async (result) => (await result.data()) as Float32Array | Int32Array))
}

it('lists a case for every operation', () => {
  expect(new Set(Object.values(CASES).flatMap(({ operations }) => operations))).toEqual(
    new Set(ops.OPS.keys()),
  )
})

it('differentiates with respect to a value on the way as if it were an input', () => {
  const middle = ops.tanh(a)
  const loss = ops.sum(ops.multiply(ops.square(middle), b))
  const feeds = {
    a: Array.from({ length: 12 }, (_, i) => 0.1 * i - 0.5),
    b: Array.from({ length: 12 }, (_, i) => i + 1),
  }
  const [towardsMiddle, towardsInput] = evaluate(gradients(loss, [middle, a]), feeds)
  feeds.a.forEach((x, i) => {
    expect(towardsMiddle!.data[i]).toBeCloseTo(2 * Math.tanh(x) * (i + 1), 5)
    expect(towardsInput!.data[i]).toBeCloseTo(2 * Math.tanh(x) * (i + 1) * (1 - Math.tanh(x) ** 2), 5)
  })
})
