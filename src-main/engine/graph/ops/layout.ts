/** Operations that move elements and compute nothing. */
import { arrayOf, ndarray, positionOf, strided, strides } from '../ndarray.ts'
import { defineOp } from '../op.ts'
import { elementCount, sameShape, shapeText } from '../shape.ts'
import { dim } from '../value.ts'
import type { Piece, Value } from '../value.ts'

/** The same elements, row-major, in another shape. */
export const reshape = defineOp({
  name: 'reshape',
  signature: (a: Value, shape: readonly number[]) => ({ inputs: [a], attributes: { shape } }),
  shape([a], { shape }) {
    if (elementCount(shape) !== elementCount(a.shape)) {
      throw new Error(`${shapeText(a.shape)} can't be read as ${shapeText(shape)}`)
    }
    return shape
  },
  gradient: (g, { inputs: [a] }): [Value] => [reshape(g, a.shape)],
  onnx: (emitter, [a], { shape }) => emitter.node('Reshape', [a, emitter.ints(shape)]),
  tensorflow: (tf, [a], { shape }) => tf.reshape(a, shape),
  reference: ([a], { shape }) => ndarray(shape, a.data),
})

/** Axis `i` of the result is axis `axes[i]` of `a`. */
export const transpose = defineOp({
  name: 'transpose',
  signature: (a: Value, axes: readonly number[]) => ({ inputs: [a], attributes: { axes } }),
  shape: ([a], { axes }) => axes.map((axis) => dim(a, axis)),
  gradient(g, { attributes: { axes } }): [Value] {
    const inverse: number[] = []
    axes.forEach((from, to) => (inverse[from] = to))
    return [transpose(g, inverse)]
  },
  onnx: (emitter, inputs, { attributes: { axes } }) => emitter.node('Transpose', inputs, { perm: axes }),
  tensorflow: (tf, [a], { attributes: { axes } }) => tf.transpose(a, axes),
  reference([a], { shape, attributes: { axes } }) {
    const steps = strides(a.shape)
    return strided(
      shape,
      a,
      axes.map((axis) => steps[axis]!),
    )
  },
})

const concatenate = defineOp({
  name: 'concat',
  signature: (parts: readonly Value[], axis: number) => ({ inputs: parts, attributes: { axis } }),
  shape(parts, { axis }) {
    const otherAxes = (part: Value) => part.shape.filter((_, i) => i !== axis)
    const [first] = parts
    if (!first || !parts.every((part) => sameShape(otherAxes(part), otherAxes(first)))) {
      const shapes = parts.map((part) => shapeText(part.shape))
      throw new Error(`${shapes.join(' and ')} can't be joined along axis ${axis}`)
    }
    const size = parts.reduce((total, part) => total + dim(part, axis), 0)
    return first.shape.map((extent, i) => (i === axis ? size : extent))
  },
  gradient(g, { inputs, attributes: { axis } }): Value[] {
    let start = 0
    return inputs.map((part) => {
      const value = slice(g, axis, start, start + dim(part, axis))
      start += dim(part, axis)
      return value
    })
  },
  onnx: (emitter, parts, { attributes: { axis } }) => emitter.node('Concat', parts, { axis }),
  tensorflow: (tf, parts, { attributes: { axis } }) => tf.concat(parts, axis),
  reference(parts, { shape, attributes: { axis } }) {
    let end = 0
    // For each position along the axis the part that it lies in, and where that begins.
    const sources = parts.flatMap((part) => {
      const size = part.shape[axis]!
      const source = { part, steps: strides(part.shape), start: end }
      end += size
      return new Array<typeof source>(size).fill(source)
    })
    return arrayOf(shape, (index) => {
      const { part, steps, start } = sources[index[axis]!]!
      return part.data[positionOf(index, steps) - start * steps[axis]!]!
    })
  },
})

/** `parts` side by side along `axis`. */
export const concat = (parts: readonly Value[], axis: number): Value =>
  parts.length === 1 && parts[0] ? parts[0] : concatenate(parts, axis)

/** Elements `start` to `end` (not included) along `axis`. */
export const slice = defineOp({
  name: 'slice',
  signature: (a: Value, axis: number, start: number, end: number) => ({
    inputs: [a],
    attributes: { axis, start, end },
  }),
  shape([a], { axis, start, end }) {
    const size = dim(a, axis)
    if (start < 0 || end > size || start >= end) {
      throw new Error(`slice ${start} to ${end} of an axis of ${size}`)
    }
    return a.shape.map((extent, i) => (i === axis ? end - start : extent))
  },
  gradient: (g, { attributes: { axis, start } }): [Piece] => [{ kind: 'piece', axis, start, value: g }],
  onnx: (emitter, [a], { attributes: { axis, start, end } }) =>
    emitter.node('Slice', [a, emitter.ints([start]), emitter.ints([end]), emitter.ints([axis])]),
  tensorflow: (tf, [a], { shape, attributes: { axis, start } }) =>
    tf.slice(
      a,
      shape.map((_, i) => (i === axis ? start : 0)),
      shape,
    ),
  reference([a], { shape, attributes: { axis, start } }) {
    const steps = strides(a.shape)
    return strided(shape, a, steps, start * steps[axis]!)
  },
})

/** `count` equal slices along `axis`. */
export function split(a: Value, axis: number, count: number): Value[] {
  const size = dim(a, axis) / count
  return Array.from({ length: count }, (_, part) => slice(a, axis, part * size, (part + 1) * size))
}
