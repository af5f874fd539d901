/** Sums over axes and what undoes them. */
import { broadcastStrides, forEachIndex, ndarray, positionOf, strided } from '../ndarray.ts'
import { defineOp } from '../op.ts'
import { sameShape } from '../shape.ts'
import type { Shape } from '../shape.ts'
import type { Value } from '../value.ts'
import { reshape } from './layout.ts'

/** The shape with `axes` set to 1. */
const withOnes = (shape: Shape, axes: readonly number[]): number[] =>
  shape.map((size, axis) => (axes.includes(axis) ? 1 : size))

/** Sum over `axes` (all when left out); the axes go unless `keepAxes`. */
export const sum = defineOp({
  name: 'sum',
  signature: (
    a: Value,
    axes: readonly number[] = a.shape.map((_, axis) => axis),
    { keepAxes = false }: { keepAxes?: boolean } = {},
  ) => ({ inputs: [a], attributes: { axes, keepAxes } }),
  shape: ([{ shape }], { axes, keepAxes }) =>
    keepAxes ? withOnes(shape, axes) : shape.filter((_, axis) => !axes.includes(axis)),
  gradient: (g, { inputs: [a], attributes: { axes } }): [Value] => [
    broadcast(reshape(g, withOnes(a.shape, axes)), a.shape),
  ],
  onnx: (emitter, [a], { attributes: { axes, keepAxes } }) =>
    axes.length === 0
      ? emitter.node('Identity', [a])
      : emitter.node('ReduceSum', [a, emitter.ints(axes)], { keepdims: Number(keepAxes) }),
  tensorflow: (tf, [a], { attributes: { axes, keepAxes } }) => tf.sum(a, axes, keepAxes),
  reference([a], { shape, attributes: { axes } }) {
    const out = ndarray(shape)
    const steps = broadcastStrides(withOnes(a.shape, axes), a.shape.length)
    forEachIndex(a.shape, (index, flat) => {
      const position = positionOf(index, steps)
      out.data[position] = out.data[position]! + a.data[flat]!
    })
    return out
  },
})

/** `a` repeated to a shape that it broadcasts to (NumPy's rule). */
export const broadcast = defineOp({
  name: 'broadcast',
  signature: (a: Value, shape: readonly number[]) => ({ inputs: [a], attributes: { shape } }),
  shape: (_inputs, { shape }) => shape,
  gradient: (g, { inputs: [a] }): [Value] => [sumOverRepeats(g, a.shape)],
  onnx: (emitter, [a], { shape }) => emitter.node('Expand', [a, emitter.ints(shape)]),
  tensorflow: (tf, [a], { shape }) => tf.broadcastTo(a, shape),
  reference: ([a], { shape }) => strided(shape, a, broadcastStrides(a.shape, shape.length)),
})

/** A value summed over the axes along which a tensor of `shape` was repeated. */
function sumOverRepeats(value: Value, shape: Shape): Value {
  const lead = value.shape.length - shape.length
  const repeated = value.shape.flatMap((size, axis) =>
    axis < lead || (shape[axis - lead] === 1 && size !== 1) ? [axis] : [],
  )
  return reshape(sum(value, repeated), shape)
}

/** A gradient of the broadcast shape summed back to the operand's own shape. */
export function sumToShape(gradient: Value, shape: Shape): Value {
  return sameShape(gradient.shape, shape) ? gradient : sumOverRepeats(gradient, shape)
}
