/** Operations on each element: of one tensor, or of two with NumPy broadcasting. */
import type { Emitter } from '../emitter.ts'
import { broadcastStrides, ndarray, strided } from '../ndarray.ts'
import { defineOp } from '../op.ts'
import type { Operation } from '../op.ts'
import { shapeText } from '../shape.ts'
import type { Shape } from '../shape.ts'
import type { TensorFlow, TfTensor } from '../tensorflow-api.ts'
import type { Value } from '../value.ts'
import { sumToShape } from './reductions.ts'

type Binary = Operation<[a: Value, b: Value]>
type Unary = Operation<[a: Value]>

export const add: Binary = binary({
  name: 'add',
  gradient: (g) => [g, g],
  onnx: 'Add',
  tensorflow: (tf, a, b) => tf.add(a, b),
  reference: (a, b) => a + b,
})

export const subtract: Binary = binary({
  name: 'subtract',
  gradient: (g) => [g, affine(g, -1)],
  onnx: 'Sub',
  tensorflow: (tf, a, b) => tf.sub(a, b),
  reference: (a, b) => a - b,
})

export const multiply: Binary = binary({
  name: 'multiply',
  gradient: (g, a, b) => [multiply(g, b), multiply(g, a)],
  onnx: 'Mul',
  tensorflow: (tf, a, b) => tf.mul(a, b),
  reference: (a, b) => a * b,
})

export const divide: Binary = binary({
  name: 'divide',
  gradient(g, _a, b, quotient) {
    const scaled = divide(g, b)
    return [scaled, affine(multiply(scaled, quotient), -1)]
  },
  onnx: 'Div',
  tensorflow: (tf, a, b) => tf.div(a, b),
  reference: (a, b) => a / b,
})

/** No gradient flows through `maximum`: it guards divisions. */
export const maximum: Binary = binary({
  name: 'maximum',
  gradient: () => null,
  onnx: 'Max',
  tensorflow: (tf, a, b) => tf.maximum(a, b),
  reference: Math.max,
})

/** `factor * a + offset`. */
export const affine = defineOp({
  name: 'affine',
  signature: (a: Value, factor: number, offset: number = 0) => ({
    inputs: [a],
    attributes: { factor, offset },
  }),
  shape: ([a]) => a.shape,
  gradient: (g, { attributes: { factor } }): [Value] => [affine(g, factor)],
  onnx(emitter, [a], { attributes: { factor, offset } }) {
    if (factor === -1 && offset !== 0) {
      return emitter.node('Sub', [emitter.float(offset), a])
    }
    const scaled = scaledNode(emitter, a, factor)
    return offset === 0 && factor !== 1 ? scaled : emitter.node('Add', [scaled, emitter.float(offset)])
  },
  tensorflow: (tf, [a], { attributes: { factor, offset } }) =>
    tf.add(tf.mul(a, tf.scalar(factor)), tf.scalar(offset)),
  reference: ([a], { shape, attributes: { factor, offset } }) =>
    ndarray(
      shape,
      a.data.map((x) => factor * x + offset),
    ),
})

function scaledNode(emitter: Emitter, x: string, factor: number): string {
  switch (factor) {
    case 1:
      return x
    case -1:
      return emitter.node('Neg', [x])
    default:
      return emitter.node('Mul', [x, emitter.float(factor)])
  }
}

export const tanh: Unary = unary({
  name: 'tanh',
  gradient: (g, _x, y) => subtract(g, multiply(g, square(y))),
  onnx: 'Tanh',
  tensorflow: (tf, x) => tf.tanh(x),
  reference: Math.tanh,
})

export const sigmoid: Unary = unary({
  name: 'sigmoid',
  gradient: (g, _x, y) => multiply(g, subtract(y, square(y))),
  onnx: 'Sigmoid',
  tensorflow: (tf, x) => tf.sigmoid(x),
  reference: (x) => 1 / (1 + Math.exp(-x)),
})

export const relu: Unary = unary({
  name: 'relu',
  gradient: (g, _x, y) => multiply(g, positive(y)),
  onnx: 'Relu',
  tensorflow: (tf, x) => tf.relu(x),
  reference: (x) => Math.max(x, 0),
})

/** 1 where a > 0, else 0; no gradient. */
export const positive: Unary = unary({
  name: 'positive',
  gradient: () => null,
  onnx: (emitter, x) => emitter.node('Cast', [emitter.node('Greater', [x, emitter.float(0)])], { to: 1 }),
  tensorflow: (tf, x) => tf.step(x),
  reference: (x) => (x > 0 ? 1 : 0),
})

export const exp: Unary = unary({
  name: 'exp',
  gradient: (g, _x, y) => multiply(g, y),
  onnx: 'Exp',
  tensorflow: (tf, x) => tf.exp(x),
  reference: Math.exp,
})

export const sqrt: Unary = unary({
  name: 'sqrt',
  gradient: (g, _x, y) => divide(affine(g, 0.5), y),
  onnx: 'Sqrt',
  tensorflow: (tf, x) => tf.sqrt(x),
  reference: Math.sqrt,
})

export const square: Unary = unary({
  name: 'square',
  gradient: (g, x) => multiply(g, affine(x, 2)),
  onnx: (emitter, x) => emitter.node('Mul', [x, x]),
  tensorflow: (tf, x) => tf.square(x),
  reference: (x) => x * x,
})

/** ln(1 + e^a). */
export const softplus: Unary = unary({
  name: 'softplus',
  gradient: (g, x) => multiply(g, sigmoid(x)),
  onnx: 'Softplus',
  tensorflow: (tf, x) => tf.softplus(x),
  reference: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
})

/** Bytes to float32; no gradient. */
export const toFloat: Unary = unary({
  name: 'toFloat',
  gradient: () => null,
  onnx: (emitter, x) => emitter.node('Cast', [x], { to: 1 }),
  tensorflow: (tf, x) => tf.cast(x, 'float32'),
  reference: (x) => x,
})

/** Defines an operation y = f(x) on each element. */
function unary({
  name,
  gradient,
  onnx,
  tensorflow,
  reference,
}: {
  name: string
  /** The gradient of x from that of y; null: none flows. */
  gradient(g: Value, x: Value, y: Value): Value | null
  /** The node's type, or what emits more than one node. */
  onnx: string | ((emitter: Emitter, x: string) => string)
  tensorflow(tf: TensorFlow, x: TfTensor): TfTensor
  reference(x: number): number
}): Unary {
  return defineOp({
    name,
    signature: (a: Value) => ({ inputs: [a], attributes: {} }),
    shape: ([a]) => a.shape,
    gradient: (g, output): [Value | null] => [gradient(g, output.inputs[0], output)],
    onnx: (emitter, [x]) => (typeof onnx === 'string' ? emitter.node(onnx, [x]) : onnx(emitter, x)),
    tensorflow: (tf, [x]) => tensorflow(tf, x),
    reference: ([x], { shape }) =>
      ndarray(
        shape,
        x.data.map((element) => reference(element)),
      ),
  })
}

/** Defines an operation f(a, b) on each pair of elements, with broadcasting. */
function binary({
  name,
  gradient,
  onnx,
  tensorflow,
  reference,
}: {
  name: string
  /** The gradients of both operands, of the output's shape; null: none flows. */
  gradient(g: Value, a: Value, b: Value, output: Value): [Value, Value] | null
  /** The node's type. */
  onnx: string
  tensorflow(tf: TensorFlow, a: TfTensor, b: TfTensor): TfTensor
  reference(a: number, b: number): number
}): Binary {
  return defineOp({
    name,
    signature: (a: Value, b: Value) => ({ inputs: [a, b], attributes: {} }),
    shape: ([a, b]) => broadcastShape(a.shape, b.shape),
    gradient(g, output): [Value, Value] | null {
      const [a, b] = output.inputs
      const pair = gradient(g, a, b, output)
      return pair && [sumToShape(pair[0], a.shape), sumToShape(pair[1], b.shape)]
    },
    onnx: (emitter, inputs) => emitter.node(onnx, inputs),
    tensorflow: (tf, [a, b]) => tensorflow(tf, a, b),
    reference([a, b], { shape }) {
      const left = strided(shape, a, broadcastStrides(a.shape, shape.length))
      const right = strided(shape, b, broadcastStrides(b.shape, shape.length))
      return ndarray(
        shape,
        left.data.map((x, i) => reference(x, right.data[i]!)),
      )
    },
  })
}

/** Shape of two broadcast operands (NumPy's rule). */
function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[a.length - rank + axis] ?? 1
    const right = b[b.length - rank + axis] ?? 1
    if (left !== right && left !== 1 && right !== 1) {
      throw new Error(`${shapeText(a)} and ${shapeText(b)} do not broadcast`)
    }
    return left === 1 ? right : left
  })
}
