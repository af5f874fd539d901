/**
 * The optimizers in a compiled loop against the same in plain float64, however the steps are dealt over
 * calls.
 */
import { describe, expect, it } from 'vitest'
import { gradients } from '../../../src-main/engine/graph/gradient.ts'
import { initialState, optimizer, takeSteps } from '../../../src-main/engine/graph/optimizers.ts'
import * as ops from '../../../src-main/engine/graph/ops.ts'
import { compileLoop } from '../../../src-main/engine/graph/runtime.ts'
import { floats } from '../../../src-main/engine/graph/session.ts'
import { input } from '../../../src-main/engine/graph/value.ts'
import { createRandom } from '../../../src-main/common/random.ts'

const STEPS = 12
const WEIGHT_DECAY = 0.05
/** The first steps are clipped; the last steps of Adam, which comes nearer to the minimum, are not. */
const CLIP_NORM = 15

// Least squares, sum((x w + b - y)^2), with another x and y at every step.
const [x, y, w, b] = [input('x', [5, 3]), input('y', [5, 2]), input('w', [3, 2]), input('b', [2])]
const loss = ops.sum(ops.square(ops.subtract(ops.add(ops.matmul(x, w), b), y)))

const random = createRandom(2)
const normals = (count: number) => Float32Array.from({ length: count }, () => random.normal())
const xs = Array.from({ length: STEPS }, () => normals(15))
// The targets are a linear function, so that the gradients become small.
const ys = xs.map((rows) =>
  Float32Array.from({ length: 10 }, (_, i) => (rows[Math.floor(i / 2) * 3 + (i % 2)] ?? 0) + 0.5),
)
const rates = Array.from({ length: STEPS }, (_, k) => 0.3 - 0.02 * k)
const first = { w: normals(6), b: normals(2) }

/** All steps in calls of `perCall`: the parameters after the last, the losses and the norms. */
async function compiled(kind: 'adam' | 'adadelta', perCall: number) {
  const rule = optimizer([w, b], gradients(loss, [w, b]), {
    kind,
    weightDecay: WEIGHT_DECAY,
    clipNorm: CLIP_NORM,
  })
  const loop = await compileLoop([
    { state: rule.state, perStep: [x, y, ...rule.perStep], collect: { loss, norm: rule.gradientNorm } },
  ])
  loop.load(
    initialState(
      new Map([
        ['w', { shape: [3, 2], data: first.w }],
        ['b', { shape: [2], data: first.b }],
      ]),
    ),
  )
  const [losses, norms]: [number[], number[]] = [[], []]
  const joined = (parts: Float32Array[]) => Float32Array.from(parts.flatMap((part) => [...part]))
  for (let step = 0; step < STEPS; step += perCall) {
    const end = Math.min(step + perCall, STEPS)
    const out = await takeSteps(loop, rule, {
      taken: step,
      learningRates: rates.slice(step, end),
      feeds: {
        x: { shape: [end - step, 5, 3], data: joined(xs.slice(step, end)) },
        y: { shape: [end - step, 5, 2], data: joined(ys.slice(step, end)) },
      },
    })
    losses.push(...floats(out, 'loss'))
    norms.push(...floats(out, 'norm'))
  }
  const state = Object.fromEntries(await loop.state(['w', 'b']))
  await loop.release()
  return { w: floats(state, 'w'), b: floats(state, 'b'), losses, norms }
}

interface PlainState {
  /** w and b, one after the other. */
  theta: number[]
  m: number[]
  v: number[]
}

/**
 * The same by the book: gradients by hand, decay, clipping, then algorithm 1 of Kingma and Ba, or of Zeiler,
 * as it is printed.
 */
function plain(kind: 'adam' | 'adadelta') {
  const theta = [...first.w, ...first.b]
  const state: PlainState = { theta, m: theta.map(() => 0), v: theta.map(() => 0) }
  const norms: number[] = []
  const losses: number[] = []
  for (let t = 1; t <= STEPS; t++) {
    const { loss: squaredError, gradient } = plainGradient(theta, xs[t - 1]!, ys[t - 1]!)
    const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0))
    norms.push(norm)
    losses.push(squaredError)
    gradient.forEach((unclipped, i) => {
      const g = norm > CLIP_NORM ? (unclipped * CLIP_NORM) / norm : unclipped
      PLAIN_RULES[kind](state, i, g, t)
    })
  }
  return { w: theta.slice(0, 6), b: theta.slice(6), losses, norms }
}

/** The squared error of a minibatch, and its gradient with weight decay. */
function plainGradient(theta: readonly number[], inputs: Float32Array, targets: Float32Array) {
  const gradient = theta.map((value) => 2 * WEIGHT_DECAY * value)
  let loss = 0
  for (let i = 0; i < 5; i++) {
    for (let o = 0; o < 2; o++) {
      let error = theta[6 + o]! - targets[i * 2 + o]!
      for (let j = 0; j < 3; j++) {
        error += inputs[i * 3 + j]! * theta[j * 2 + o]!
      }
      loss += error ** 2
      gradient[6 + o]! += 2 * error
      for (let j = 0; j < 3; j++) {
        gradient[j * 2 + o]! += 2 * error * inputs[i * 3 + j]!
      }
    }
  }
  return { loss, gradient }
}

/** Step `t` of parameter `i` along its gradient `g`. */
const PLAIN_RULES = {
  adam({ theta, m, v }: PlainState, i: number, g: number, t: number) {
    m[i] = 0.9 * m[i]! + 0.1 * g
    v[i] = 0.999 * v[i]! + 0.001 * g * g
    theta[i]! -= (rates[t - 1]! * (m[i] / (1 - 0.9 ** t))) / (Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-8)
  },
  adadelta({ theta, m, v }: PlainState, i: number, g: number, t: number) {
    v[i] = 0.95 * v[i]! + 0.05 * g * g
    const step = (-Math.sqrt(m[i]! + 1e-6) / Math.sqrt(v[i] + 1e-6)) * g
    m[i] = 0.95 * m[i]! + 0.05 * step * step
    theta[i]! += rates[t - 1]! * step
  },
}

describe.each([
  ['adam', 'some steps'],
  ['adadelta', 'all steps'],
] as const)('%s', (kind, clipped) => {
  it('takes the same steps in one call, in several, in uneven ones, and by the book', async () => {
    const [inOneCall, book] = [await compiled(kind, STEPS), plain(kind)]
    for (const perCall of [1, 4, 5]) {
      expect(await compiled(kind, perCall), `${perCall} steps a call`).toEqual(inOneCall)
    }
    for (const key of ['w', 'b', 'losses', 'norms'] as const) {
      inOneCall[key].forEach((value, i) => {
        expect(value / (book[key][i] ?? NaN), `${key}[${i}]`).toBeCloseTo(1, 3)
      })
    }
    expect(Math.max(...book.norms)).toBeGreaterThan(CLIP_NORM)
    expect(Math.min(...book.norms) > CLIP_NORM ? 'all steps' : 'some steps').toBe(clipped)
  })
})
