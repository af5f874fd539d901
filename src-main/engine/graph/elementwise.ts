import type { Contribution, Op } from './op.ts'
import { broadcastPosition, forEachIndex, ndarray } from './ndarray.ts'
import * as ops from './ops.ts'
import { sameShape } from './value.ts'
import type { DType, Shape, Value } from './value.ts'

/** Shape of two broadcast operands (NumPy's rule). */
function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[a.length - rank + axis] ?? 1
    const right = b[b.length - rank + axis] ?? 1
    if (left !== right && left !== 1 && right !== 1) throw new Error(`[${a.join(', ')}] and [${b.join(', ')}] do not broadcast`)
    return left === 1 ? right : left
  })
}

/** A gradient of the broadcast shape summed back to the operand's own shape. */
export function reduceTo(gradient: Value, shape: Shape): Value {
  if (sameShape(gradient.shape, shape)) return gradient
  const lead = gradient.shape.length - shape.length
  const axes = gradient.shape.flatMap((size, axis) => (axis < lead || (shape[axis - lead] === 1 && size !== 1) ? [axis] : []))
  return ops.reshape(ops.sum(gradient, axes), shape)
}

const flow = (value: Value): Contribution => ({ kind: 'value', value })

function operands(output: Value): [Value, Value] {
  const [a, b] = output.inputs
  if (!a || !b) throw new Error(`${output.op} needs two inputs`)
  return [a, b]
}

function operand(output: Value): Value {
  const [a] = output.inputs
  if (!a) throw new Error(`${output.op} needs an input`)
  return a
}

function binary(
  onnx: string,
  meaning: (a: number, b: number) => number,
  gradient: (g: Value, a: Value, b: Value, output: Value) => [Value, Value] | null,
): Op {
  return {
    shape: ([a, b]) => broadcastShape(a?.shape ?? [], b?.shape ?? []),
    gradient(g, output) {
      const [a, b] = operands(output)
      const pair = gradient(g, a, b, output)
      return pair ? [flow(reduceTo(pair[0], a.shape)), flow(reduceTo(pair[1], b.shape))] : [null, null]
    },
    emit: (emitter, inputs) => emitter.node(onnx, inputs),
    evaluate([a, b], output) {
      const out = ndarray(output.shape)
      if (!a || !b) return out
      forEachIndex(output.shape, (index, flat) => {
        out.data[flat] = meaning(a.data[broadcastPosition(a, index)] ?? 0, b.data[broadcastPosition(b, index)] ?? 0)
      })
      return out
    },
  }
}

function unary(
  meaning: (x: number, output: Value) => number,
  emit: Op['emit'],
  gradient: (g: Value, x: Value, output: Value) => Value | null,
  dtype?: DType,
): Op {
  return {
    shape: ([a]) => a?.shape ?? [],
    ...(dtype && { dtype }),
    gradient(g, output) {
      const value = gradient(g, operand(output), output)
      return [value && flow(value)]
    },
    emit,
    evaluate: ([a], output) => ndarray(output.shape, a?.data.map((x) => meaning(x, output))),
  }
}

const named = (onnx: string): Op['emit'] => (emitter, inputs) => emitter.node(onnx, inputs)

const number = (value: Value, attribute: string): number => {
  const found = value.attributes[attribute]
  if (typeof found !== 'number') throw new Error(`${value.op} needs the number ${attribute}`)
  return found
}

export const elementwiseOps: Record<string, Op> = {
  add: binary('Add', (a, b) => a + b, (g) => [g, g]),
  subtract: binary('Sub', (a, b) => a - b, (g) => [g, ops.affine(g, -1)]),
  multiply: binary('Mul', (a, b) => a * b, (g, a, b) => [ops.multiply(g, b), ops.multiply(g, a)]),
  divide: binary('Div', (a, b) => a / b, (g, _a, b, output) => {
    const scaled = ops.divide(g, b)
    return [scaled, ops.affine(ops.multiply(scaled, output), -1)]
  }),
  maximum: binary('Max', Math.max, () => null),

  affine: unary(
    (x, output) => number(output, 'factor') * x + number(output, 'offset'),
    (emitter, [x = ''], output) => {
      const factor = number(output, 'factor')
      const offset = number(output, 'offset')
      if (factor === -1 && offset !== 0) return emitter.node('Sub', [emitter.float(offset), x])
      const scaled = factor === 1 ? x : factor === -1 ? emitter.node('Neg', [x]) : emitter.node('Mul', [x, emitter.float(factor)])
      return offset === 0 && factor !== 1 ? scaled : emitter.node('Add', [scaled, emitter.float(offset)])
    },
    (g, _x, output) => ops.affine(g, number(output, 'factor')),
  ),
  tanh: unary(Math.tanh, named('Tanh'), (g, _x, y) => ops.subtract(g, ops.multiply(g, ops.square(y)))),
  sigmoid: unary((x) => 1 / (1 + Math.exp(-x)), named('Sigmoid'), (g, _x, y) => ops.multiply(g, ops.subtract(y, ops.square(y)))),
  relu: unary((x) => Math.max(x, 0), named('Relu'), (g, _x, y) => ops.multiply(g, ops.positive(y))),
  positive: unary(
    (x) => (x > 0 ? 1 : 0),
    // Relu first: Sign alone would be -1 below zero.
    (emitter, inputs) => emitter.node('Sign', [emitter.node('Relu', inputs)]),
    () => null,
  ),
  exp: unary(Math.exp, named('Exp'), (g, _x, y) => ops.multiply(g, y)),
  sqrt: unary(Math.sqrt, named('Sqrt'), (g, _x, y) => ops.divide(ops.affine(g, 0.5), y)),
  square: unary((x) => x * x, (emitter, [x = '']) => emitter.node('Mul', [x, x]), (g, x) => ops.multiply(g, ops.affine(x, 2))),
  softplus: unary(
    (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    named('Softplus'),
    (g, x) => ops.multiply(g, ops.sigmoid(x)),
  ),
  toFloat: unary((x) => x, (emitter, inputs) => emitter.node('Cast', inputs, { to: 1 }), () => null),
}
