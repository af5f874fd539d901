/**
 * How far the training step is from the machine's limit. Its work is matrix products; a product can't run
 * faster than the machine's best one, so the time that the step's products would take at that speed is the
 * limit of any implementation that takes the same products. Shown: the share of the step's time that its
 * products take (ONNX Runtime's own profile, which makes the step a few percent slower), their speed, the
 * speed of a product of two 2048 x 2048 matrices in the same runtime, and where the rest of the time goes.
 *
 *   npm run bench -- products
 */
import './lib/heap.ts'
import { compiledStep, describe, PAPER, PAPER_SHAPE, randomBatches, stacked } from './lib/captioner.ts'
import { printMachine } from './lib/machine.ts'
import { profile } from './lib/profile.ts'
import type { OperatorCall } from './lib/profile.ts'
import { figure, percent, printTable } from './lib/table.ts'
import { bestOf } from './lib/timing.ts'
import * as ops from '../src-main/engine/graph/ops.ts'
import { compile } from '../src-main/engine/graph/runtime.ts'
import { input } from '../src-main/engine/graph/value.ts'

const STEPS = 5
const SIZE = 2048
const PRODUCTS = ['Gemm', 'FusedGemm', 'MatMul', 'FusedMatMul']
/** Operators that get a row. */
const SHOWN = 9
const RATES = new Array<number>(STEPS).fill(1e-3)

/** Floating-point operations a millisecond of one large product. */
async function machineSpeed(): Promise<number> {
  const [a, b] = [input('a', [SIZE, SIZE]), input('b', [SIZE, SIZE])]
  // The sum leaves nothing large to copy out.
  const session = await compile({ total: ops.sum(ops.matmul(a, b), [0, 1]) })
  const matrix = {
    shape: [SIZE, SIZE],
    data: Float32Array.from({ length: SIZE ** 2 }, (_, i) => (i % 17) / 17),
  }
  const milliseconds = await bestOf(30, () => session.run({ a: matrix, b: matrix }))
  await session.release()
  return (2 * SIZE ** 3) / milliseconds
}

/**
 * Of A [.., m, k] and B [.., k, n]: 2 m k n, times the batch; from |A| |B| |AB| = (m k n)^2, whichever way A
 * and B lie.
 */
function operations({ inputs, outputs }: OperatorCall): number {
  const count = (shape: readonly number[] = []) => shape.reduce((total, size) => total * size, 1)
  const [left, right] = inputs
  const batch = count(right?.slice(0, -2))
  return 2 * Math.sqrt((count(left) * count(right) * count(outputs[0])) / batch)
}

const { step, leaves } = await compiledStep(PAPER, PAPER_SHAPE)
const feeds = stacked(leaves, randomBatches(PAPER, leaves, STEPS))
const stepTime = (await bestOf(5, () => step.run(0, 0, feeds, RATES))) / STEPS
await step.release()
const speeds = [await machineSpeed()]

/** The least disturbed of some profiled runs, each the third call of its session. */
let profiled = { milliseconds: Infinity, calls: new Array<OperatorCall>() }
for (let round = 0; round < 3; round++) {
  const run = await profile(async () => {
    const { step } = await compiledStep(PAPER, PAPER_SHAPE)
    for (let call = 0; call < 3; call++) {
      await step.run(0, 0, feeds, RATES)
    }
    await step.release()
  })
  speeds.push(await machineSpeed())
  if (run.milliseconds < STEPS * profiled.milliseconds) {
    profiled = { ...run, milliseconds: run.milliseconds / STEPS }
  }
}

const operators = new Map<string, { calls: number; milliseconds: number }>()
for (const { operator, milliseconds } of profiled.calls) {
  const name = PRODUCTS.includes(operator) ? 'matrix products' : operator
  const { calls, milliseconds: before } = operators.get(name) ?? { calls: 0, milliseconds: 0 }
  operators.set(name, { calls: calls + 1 / STEPS, milliseconds: before + milliseconds / STEPS })
}
const productTime = operators.get('matrix products')?.milliseconds ?? NaN
const work =
  profiled.calls
    .filter(({ operator }) => PRODUCTS.includes(operator))
    .reduce((total, call) => total + operations(call), 0) / STEPS
const gigaflops = (perMillisecond: number) => `${figure(perMillisecond / 1e6)} GFLOP/s`
const speed = Math.max(...speeds)
const limit = work / speed

printMachine()
console.log(`${describe(PAPER, PAPER_SHAPE)}\n`)
const sorted = [...operators].sort(([, a], [, b]) => b.milliseconds - a.milliseconds)
const rest = sorted.slice(SHOWN).reduce(
  (sum, [, { calls, milliseconds }]) => ({
    calls: sum.calls + calls,
    milliseconds: sum.milliseconds + milliseconds,
  }),
  { calls: 0, milliseconds: 0 },
)
printTable(
  ['operator', 'calls a step', 'ms a step', 'share'],
  [...sorted.slice(0, SHOWN), ['all others', rest] as const].map(([name, { calls, milliseconds }]) => [
    name,
    figure(calls),
    figure(milliseconds, 1),
    percent(milliseconds / profiled.milliseconds),
  ]),
)
console.log()
printTable(
  ['', ''],
  [
    ["share of products in the step's time, profiled", percent(productTime / profiled.milliseconds)],
    ['products of a step', `${figure(work / 1e9, 1)} GFLOP`],
    ['their speed', gigaflops(work / productTime)],
    [`speed of a product of ${SIZE} x ${SIZE} matrices`, gigaflops(speed)],
    ['a step', `${figure(stepTime)} ms`],
    ['a step, profiled', `${figure(profiled.milliseconds)} ms`],
    ["the limit: its products at the machine's speed", `${figure(limit)} ms`],
    ['the step runs at', `${percent(limit / stepTime)} of the limit`],
  ],
)
