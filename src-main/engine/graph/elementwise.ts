import type { Contribution, Op } from './op.ts'
import { broadcastPosition, forEachIndex, ndarray } from './ndarray.ts'
import * as ops from './ops.ts'
import type { One, TensorFlow, TfTensor, Two } from './tensorflow-api.ts'
import { sameShape } from './value.ts'
import type { DType, Shape, Value } from './value.ts'

/** Shape of two broadcast operands (NumPy's rule). */
function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[a.length - rank + axis] ?? 1
    const right = b[b.length - rank + axis] ?? 1
    if (left !== right && left !== 1 && right !== 1) {
      throw new Error(`[${a.join(', ')}] and [${b.join(', ')}] do not broadcast`)
    }
    return left === 1 ? right : left
  })
}

/** A gradient of the broadcast shape summed back to the operand's own shape. */
export function reduceTo(gradient: Value, shape: Shape): Value {
  if (sameShape(gradient.shape, shape)) {
    return gradient
  }
  const lead = gradient.shape.length - shape.length
  const axes = gradient.shape.flatMap((size, axis) =>
    axis < lead || (shape[axis - lead] === 1 && size !== 1) ? [axis] : [],
  )
  return ops.reshape(ops.sum(gradient, axes), shape)
}

const flow = (value: Value): Contribution => ({ kind: 'value', value })

function operands(output: Value): [Value, Value] {
  const [a, b] = output.inputs
  if (!a || !b) {
    throw new Error(`${output.op} needs two inputs`)
  }
  return [a, b]
}

function operand(output: Value): Value {
  const [a] = output.inputs
  if (!a) {
    throw new Error(`${output.op} needs an input`)
  }
  return a
}

function binary(
  onnx: string,
  tensorflow: 'add' | 'sub' | 'mul' | 'div' | 'maximum',
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
    tensorflow: (tf, [a, b]: Two) => tf[tensorflow](a, b),
    evaluate([a, b], output) {
      const out = ndarray(output.shape)
      if (!a || !b) {
        return out
      }
      forEachIndex(output.shape, (index, flat) => {
        out.data[flat] = meaning(
          a.data[broadcastPosition(a, index)] ?? 0,
          b.data[broadcastPosition(b, index)] ?? 0,
        )
      })
      return out
    },
  }
}

function unary(
  meaning: (x: number, output: Value) => number,
  emit: Op['emit'],
  tensorflow: (tf: TensorFlow, x: TfTensor, output: Value) => TfTensor,
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
    tensorflow: (tf, [x]: One, output) => tensorflow(tf, x, output),
    evaluate: ([a], output) =>
      ndarray(
        output.shape,
        a?.data.map((x) => meaning(x, output)),
      ),
  }
}

const named =
  (onnx: string): Op['emit'] =>
  (emitter, inputs) =>
    emitter.node(onnx, inputs)

const number = (value: Value, attribute: string): number => {
  const found = value.attributes[attribute]
  if (typeof found !== 'number') {
    throw new Error(`${value.op} needs the number ${attribute}`)
  }
  return found
}

export const elementwiseOps: Record<string, Op> = {
  add: binary(
    'Add',
    'add',
    (a, b) => a + b,
    (g) => [g, g],
  ),
  subtract: binary(
    'Sub',
    'sub',
    (a, b) => a - b,
    (g) => [g, ops.affine(g, -1)],
  ),
  multiply: binary(
    'Mul',
    'mul',
    (a, b) => a * b,
    (g, a, b) => [ops.multiply(g, b), ops.multiply(g, a)],
  ),
  divide: binary(
    'Div',
    'div',
    (a, b) => a / b,
    (g, _a, b, output) => {
      const scaled = ops.divide(g, b)
      return [scaled, ops.affine(ops.multiply(scaled, output), -1)]
    },
  ),
  maximum: binary('Max', 'maximum', Math.max, () => null),

  affine: unary(
    (x, output) => number(output, 'factor') * x + number(output, 'offset'),
    (emitter, [x = ''], output) => {
      const factor = number(output, 'factor')
      const offset = number(output, 'offset')
      if (factor === -1 && offset !== 0) {
        return emitter.node('Sub', [emitter.float(offset), x])
      }
      const scaled =
        factor === 1
          ? x
          : factor === -1
            ? emitter.node('Neg', [x])
            : emitter.node('Mul', [x, emitter.float(factor)])
      return offset === 0 && factor !== 1 ? scaled : emitter.node('Add', [scaled, emitter.float(offset)])
    },
    (tf, x, output) =>
      tf.add(tf.mul(x, tf.scalar(number(output, 'factor'))), tf.scalar(number(output, 'offset'))),
    (g, _x, output) => ops.affine(g, number(output, 'factor')),
  ),
  tanh: unary(
    Math.tanh,
    named('Tanh'),
    (tf, x) => tf.tanh(x),
    (g, _x, y) => ops.subtract(g, ops.multiply(g, ops.square(y))),
  ),
  sigmoid: unary(
    (x) => 1 / (1 + Math.exp(-x)),
    named('Sigmoid'),
    (tf, x) => tf.sigmoid(x),
    (g, _x, y) => ops.multiply(g, ops.subtract(y, ops.square(y))),
  ),
  relu: unary(
    (x) => Math.max(x, 0),
    named('Relu'),
    (tf, x) => tf.relu(x),
    (g, _x, y) => ops.multiply(g, ops.positive(y)),
  ),
  positive: unary(
    (x) => (x > 0 ? 1 : 0),
    (emitter, [x = '']) => emitter.node('Cast', [emitter.node('Greater', [x, emitter.float(0)])], { to: 1 }),
    (tf, x) => tf.step(x),
    () => null,
  ),
  exp: unary(
    Math.exp,
    named('Exp'),
    (tf, x) => tf.exp(x),
    (g, _x, y) => ops.multiply(g, y),
  ),
  sqrt: unary(
    Math.sqrt,
    named('Sqrt'),
    (tf, x) => tf.sqrt(x),
    (g, _x, y) => ops.divide(ops.affine(g, 0.5), y),
  ),
  square: unary(
    (x) => x * x,
    (emitter, [x = '']) => emitter.node('Mul', [x, x]),
    (tf, x) => tf.square(x),
    (g, x) => ops.multiply(g, ops.affine(x, 2)),
  ),
  softplus: unary(
    (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    named('Softplus'),
    (tf, x) => tf.softplus(x),
    (g, x) => ops.multiply(g, ops.sigmoid(x)),
  ),
  toFloat: unary(
    (x) => x,
    (emitter, inputs) => emitter.node('Cast', inputs, { to: 1 }),
    (tf, x) => tf.cast(x, 'float32'),
    () => null,
  ),
}
