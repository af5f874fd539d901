/**
 * Dense float64 arrays and the loops that the operations' reference meanings are written with. They exist to
 * be obviously right, never to be fast.
 */
import { elementCount } from './shape.ts'
import type { Shape } from './shape.ts'

export interface NdArray {
  readonly shape: Shape
  /** Row-major. */
  readonly data: Float64Array
}

/** A copy of row-major elements as an array; zeros when they are left out. */
export function ndarray(shape: Shape, elements?: ArrayLike<number>): NdArray {
  return { shape, data: elements ? Float64Array.from(elements) : new Float64Array(elementCount(shape)) }
}

/** Row-major strides: how far apart neighbours along each axis are. */
export function strides(shape: Shape): number[] {
  const out = new Array<number>(shape.length).fill(1)
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    out[axis] = out[axis + 1]! * shape[axis + 1]!
  }
  return out
}

/**
 * Calls `visit(index, flat)` for every element of `shape` in row-major order; `index` is reused between
 * calls.
 */
export function forEachIndex(shape: Shape, visit: (index: readonly number[], flat: number) => void): void {
  const index = new Array<number>(shape.length).fill(0)
  const count = elementCount(shape)
  for (let flat = 0; flat < count; flat++) {
    visit(index, flat)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = index[axis]! + 1
      if (index[axis]! < shape[axis]!) {
        break
      }
      index[axis] = 0
    }
  }
}

/** An array of `shape` whose element at every index is `elementAt(index)`. */
export function arrayOf(shape: Shape, elementAt: (index: readonly number[]) => number): NdArray {
  const out = ndarray(shape)
  forEachIndex(shape, (index, flat) => {
    out.data[flat] = elementAt(index)
  })
  return out
}

/** Strides to read an array of `shape` by the indices of a tensor of `rank` axes that it broadcasts to. */
export function broadcastStrides(shape: Shape, rank: number): number[] {
  const steps = strides(shape).map((step, axis) => (shape[axis] === 1 ? 0 : step))
  return [...new Array<number>(rank - shape.length).fill(0), ...steps]
}

/** The flat position of an index. */
export const positionOf = (index: readonly number[], steps: readonly number[]): number =>
  index.reduce((position, i, axis) => position + i * steps[axis]!, 0)

/** An array of `shape` that reads `from` by strides, beginning at the flat position `start`. */
export const strided = (shape: Shape, from: NdArray, steps: readonly number[], start = 0): NdArray =>
  arrayOf(shape, (index) => from.data[start + positionOf(index, steps)]!)
