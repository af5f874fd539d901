/** Adam in a compiled loop against Adam in plain float64, however the steps are dealt over calls. */
import { expect, it } from 'vitest'
import { adam, adamSchedule } from '../../../src-main/engine/graph/adam.ts'
import { gradients } from '../../../src-main/engine/graph/gradient.ts'
import { emitLoop } from '../../../src-main/engine/graph/onnx.ts'
import * as ops from '../../../src-main/engine/graph/ops.ts'
import { createSession, floats } from '../../../src-main/engine/graph/session.ts'
import type { Tensor, Tensors } from '../../../src-main/engine/graph/session.ts'
import { input } from '../../../src-main/engine/graph/value.ts'
import { createRandom } from '../../../src-main/engine/random.ts'

const STEPS = 12
const WEIGHT_DECAY = 0.05
/** The first steps are clipped, the last are not. */
const CLIP_NORM = 15

// Least squares, sum((x w + b - y)^2), with another x and y at every step.
const [x, y, w, b] = [input('x', [5, 3]), input('y', [5, 2]), input('w', [3, 2]), input('b', [2])]
const loss = ops.sum(ops.square(ops.subtract(ops.add(ops.matmul(x, w), b), y)))
const optimizer = adam([w, b], gradients(loss, [w, b]), { weightDecay: WEIGHT_DECAY, clipNorm: CLIP_NORM })

const random = createRandom(2)
const normals = (count: number) => Float32Array.from({ length: count }, () => random.normal())
const xs = Array.from({ length: STEPS }, () => normals(15))
// The targets are a linear function, so that the gradients become small.
const ys = xs.map((rows) => Float32Array.from({ length: 10 }, (_, i) => (rows[Math.floor(i / 2) * 3 + (i % 2)] ?? 0) + 0.5))
const rates = Array.from({ length: STEPS }, (_, k) => 0.3 - 0.02 * k)
const first = { w: normals(6), b: normals(2) }

/** All steps in calls of `perCall`: the parameters after the last, the losses and the norms. */
async function compiled(perCall: number) {
  const session = await createSession(emitLoop({ steps: perCall, state: optimizer.state, perStep: [x, y, ...optimizer.perStep], collect: { loss, norm: optimizer.gradientNorm } }))
  const zeros = (size: number) => new Float32Array(size)
  let state: Record<string, Tensor> = {}
  for (const { current } of optimizer.state) {
    const name = current.name ?? ''
    state[name] = { shape: current.shape, data: name === 'w' ? first.w : name === 'b' ? first.b : zeros(name.endsWith('w') ? 6 : 2) }
  }
  const [collected, norms]: [number[], number[]] = [[], []]
  const joined = (parts: Float32Array[]) => Float32Array.from(parts.flatMap((part) => [...part]))
  for (let step = 0; step < STEPS; step += perCall) {
    const schedule = adamSchedule(step + 1, rates.slice(step, step + perCall))
    const out: Tensors = await session.run({
      'all.x': { shape: [perCall, 5, 3], data: joined(xs.slice(step, step + perCall)) },
      'all.y': { shape: [perCall, 5, 2], data: joined(ys.slice(step, step + perCall)) },
      'all.adam.rate': { shape: [perCall], data: schedule.rate },
      'all.adam.correction': { shape: [perCall], data: schedule.correction },
      ...Object.fromEntries(Object.entries(state).map(([name, tensor]) => [`first.${name}`, tensor])),
    })
    state = Object.fromEntries(Object.entries(state).map(([name, tensor]) => [name, out[`next.${name}`] ?? tensor]))
    collected.push(...floats(out, 'loss'))
    norms.push(...floats(out, 'norm'))
  }
  await session.release()
  return { w: floats(state, 'w'), b: floats(state, 'b'), losses: collected, norms }
}

/** The same by the book: gradients by hand, decay, clipping, then algorithm 1 of Kingma and Ba as it is printed. */
function plain() {
  const theta = [...first.w, ...first.b]
  const m = theta.map(() => 0)
  const v = theta.map(() => 0)
  const norms: number[] = []
  const losses: number[] = []
  for (let t = 1; t <= STEPS; t++) {
    const gradient = theta.map((value) => 2 * WEIGHT_DECAY * value)
    let total = 0
    for (let i = 0; i < 5; i++) {
      for (let o = 0; o < 2; o++) {
        let error = (theta[6 + o] ?? 0) - (ys[t - 1]?.[i * 2 + o] ?? 0)
        for (let j = 0; j < 3; j++) error += (xs[t - 1]?.[i * 3 + j] ?? 0) * (theta[j * 2 + o] ?? 0)
        total += error ** 2
        gradient[6 + o] = (gradient[6 + o] ?? 0) + 2 * error
        for (let j = 0; j < 3; j++) gradient[j * 2 + o] = (gradient[j * 2 + o] ?? 0) + 2 * error * (xs[t - 1]?.[i * 3 + j] ?? 0)
      }
    }
    const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0))
    norms.push(norm)
    losses.push(total)
    gradient.forEach((raw, i) => {
      const g = norm > CLIP_NORM ? (raw * CLIP_NORM) / norm : raw
      m[i] = 0.9 * (m[i] ?? 0) + 0.1 * g
      v[i] = 0.999 * (v[i] ?? 0) + 0.001 * g * g
      theta[i] = (theta[i] ?? 0) - ((rates[t - 1] ?? 0) * ((m[i] ?? 0) / (1 - 0.9 ** t))) / (Math.sqrt((v[i] ?? 0) / (1 - 0.999 ** t)) + 1e-8)
    })
  }
  return { w: theta.slice(0, 6), b: theta.slice(6), losses, norms }
}

it('takes the same steps in one call, in several, and by the book', async () => {
  const [one, three, book] = [await compiled(STEPS), await compiled(4), plain()]
  const stepwise = await compiled(1)
  for (const key of ['w', 'b', 'losses', 'norms'] as const) {
    expect([...three[key]], `${key}, four steps a call`).toEqual([...one[key]])
    expect([...stepwise[key]], `${key}, one step a call`).toEqual([...one[key]])
    one[key].forEach((value, i) => { expect(value / (book[key][i] ?? NaN), `${key}[${i}]`).toBeCloseTo(1, 3) })
  }
  expect(Math.max(...book.norms)).toBeGreaterThan(CLIP_NORM)
  expect(Math.min(...book.norms)).toBeLessThan(CLIP_NORM)
})
