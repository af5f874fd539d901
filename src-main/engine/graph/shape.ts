/** Shapes and element types of tensors: what everything here counts with. */

/** Sizes along the axes; [] is a scalar's. */
export type Shape = readonly number[]
export type DType = 'float32' | 'int64' | 'uint8'

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1)
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis])
}

/** A shape as messages show it: `[2, 3]`. */
export const shapeText = (shape: Shape): string => `[${shape.join(', ')}]`
