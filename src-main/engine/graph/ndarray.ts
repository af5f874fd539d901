/**
 * The slow reference: dense float64 arrays and the loops that the op table's `evaluate` rules are written
 * with. It exists to be obviously right, so that gradients can be checked by finite differences and runtimes
 * against it; never to be fast.
 */
import { elementCount, reachable } from './value.ts'
import type { Shape, Value } from './value.ts'
import { opOf } from './ops.ts'

export interface NdArray {
  readonly shape: Shape
  /** Row-major. */
  readonly data: Float64Array
}

export function ndarray(shape: Shape, data?: ArrayLike<number>): NdArray {
  return { shape, data: data ? Float64Array.from(data) : new Float64Array(elementCount(shape)) }
}

/** Row-major strides: how far apart neighbours along each axis are. */
export function strides(shape: Shape): number[] {
  const out = new Array<number>(shape.length).fill(1)
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    out[axis] = (out[axis + 1] ?? 1) * (shape[axis + 1] ?? 1)
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
      index[axis] = (index[axis] ?? 0) + 1
      if ((index[axis] ?? 0) < (shape[axis] ?? 0)) {
        break
      }
      index[axis] = 0
    }
  }
}

/** Flat position in `array` of an index of a shape that `array` broadcasts to. */
export function broadcastPosition(array: NdArray, index: readonly number[]): number {
  const lead = index.length - array.shape.length
  const step = strides(array.shape)
  let position = 0
  array.shape.forEach((size, axis) => {
    if (size !== 1) {
      position += (index[lead + axis] ?? 0) * (step[axis] ?? 0)
    }
  })
  return position
}

/** Evaluates `outputs` in float64 with the inputs fed by name. Throws when an input is missing. */
export function evaluate(
  outputs: readonly Value[],
  feeds: Readonly<Record<string, ArrayLike<number>>>,
): NdArray[] {
  const results = new Map<number, NdArray>()
  const resultOf = (value: Value): NdArray => {
    const result = results.get(value.id)
    if (!result) {
      throw new Error(`value ${value.id} (${value.op}) was not evaluated`)
    }
    return result
  }
  for (const value of reachable(outputs)) {
    if (value.op === 'constant') {
      results.set(value.id, ndarray(value.shape, value.data))
    } else if (value.op === 'input') {
      const feed = feeds[value.name ?? '']
      if (feed?.length !== elementCount(value.shape)) {
        throw new Error(`input ${value.name ?? ''} is not fed with [${value.shape.join(', ')}]`)
      }
      results.set(value.id, ndarray(value.shape, feed))
    } else {
      results.set(value.id, opOf(value).evaluate(value.inputs.map(resultOf), value))
    }
  }
  return outputs.map(resultOf)
}
