import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import * as ops from '../../../src-main/engine/graph/ops.ts'
import { compile, compileLoop } from '../../../src-main/engine/graph/runtime.ts'
import { floats } from '../../../src-main/engine/graph/session.ts'
import type { TensorFlow } from '../../../src-main/engine/graph/tensorflow-api.ts'
import { constant, input } from '../../../src-main/engine/graph/value.ts'

interface Kernels {
  getKernel(name: string, backend: string): object
  registerKernel(kernel: object): void
  unregisterKernel(name: string, backend: string): void
}
const tf = createRequire(import.meta.url)('@tensorflow/tfjs-core') as TensorFlow & Kernels

/** A loop that adds what it is fed to its state, by way of some intermediates. */
function addingLoop(device: 'tfjs-wasm' | 'tfjs-cpu') {
  const [total, part, factor] = [input('total', [2]), input('part', [2]), input('factor', [])]
  const next = ops.add(total, ops.multiply(ops.reshape(ops.affine(part, 2, 0), [2]), factor))
  return compileLoop(
    [
      {
        state: [{ current: total, next }],
        perStep: [part],
        collect: { sum: ops.sum(next), before: ops.affine(total, 1) },
      },
    ],
    device,
  )
}

it('a hundred steps leave no tensor behind', async () => {
  const loop = await addingLoop('tfjs-cpu')
  loop.load(new Map([['total', { shape: [2], data: Float32Array.of(1, 2) }]]))
  const take = (steps: number) =>
    loop.run(steps, {
      part: { shape: [steps, 2], data: new Float32Array(2 * steps).fill(0.5) },
      factor: { shape: [], data: Float32Array.of(3) },
    })
  await take(1)
  const { numTensors } = tf.memory()
  const out = await take(100)
  expect(tf.memory().numTensors).toBe(numTensors)
  expect(out['before']?.shape).toEqual([100, 2])
  expect(floats(out, 'sum').at(-1)).toBe(3 + 2 * 3 * 101)
  expect((await loop.state()).get('total')?.data).toEqual(Float32Array.of(1 + 3 * 101, 2 + 3 * 101))
  await loop.release()
  expect(tf.memory().numTensors).toBeLessThan(numTensors)
})

it('what was loaded is read back before the first step, and replaced by the next load', async () => {
  const loop = await addingLoop('tfjs-cpu')
  const given = Float32Array.of(5, 6)
  loop.load(new Map([['total', { shape: [2], data: given }]]))
  given.fill(0)
  expect((await loop.state()).get('total')?.data).toEqual(Float32Array.of(5, 6))
  await loop.run(1, {
    part: { shape: [1, 2], data: Float32Array.of(1, 1) },
    factor: { shape: [], data: Float32Array.of(1) },
  })
  loop.load(new Map([['total', { shape: [2], data: Float32Array.of(7, 8) }]]))
  expect((await loop.state()).get('total')?.data).toEqual(Float32Array.of(7, 8))
  await loop.release()
})

it('two backends of one library can work at the same time', async () => {
  const a = input('a', [3])
  const sessions = await Promise.all(
    (['tfjs-cpu', 'tfjs-wasm'] as const).map((device) =>
      compile({ doubled: ops.add(a, a), same: a, fixed: constant([4]) }, { device }),
    ),
  )
  const results = await Promise.all(
    [0, 1, 0, 1].map((backend, i) =>
      sessions[backend]?.run({ a: { shape: [3], data: Float32Array.of(i, 1, 2) } }),
    ),
  )
  results.forEach((out, i) => {
    expect(out && floats(out, 'doubled')).toEqual(Float32Array.of(2 * i, 2, 4))
  })
  expect(results[2] && floats(results[2], 'same')).toEqual(Float32Array.of(2, 1, 2))
  expect(results[3] && floats(results[3], 'fixed')).toEqual(Float32Array.of(4))
  await Promise.all(sessions.map((session) => session.release()))
})

it('an operation that a backend lacks is an error that names it, and leaves no tensor behind', async () => {
  const a = input('a', [2])
  const session = await compile({ out: ops.tanh(ops.add(a, a)) }, { device: 'tfjs-wasm' })
  const kernel = tf.getKernel('Tanh', 'wasm')
  const { numTensors } = tf.memory()
  tf.unregisterKernel('Tanh', 'wasm')
  try {
    await expect(session.run({ a: { shape: [2], data: Float32Array.of(1, 2) } })).rejects.toThrow(
      'The device tfjs-wasm lacks the operation Tanh, which tanh needs.',
    )
    expect(tf.memory().numTensors).toBe(numTensors)
  } finally {
    tf.registerKernel(kernel)
    await session.release()
  }
})

const compileNative = () => compile({ out: ops.tanh(input('a', [1])) }, { device: 'tensorflow' })
const isInstalled = await compileNative().then(
  (session) => session.release().then(() => true),
  () => false,
)

it.skipIf(isInstalled)('without the native library the error says how to get it', async () => {
  await expect(compileNative()).rejects.toMatchObject({
    code: 'TOOL_MISSING',
    remedy: expect.stringContaining('npm run setup -- --tensorflow') as string,
  })
})
