/** The inner product of two vectors of the same length, added up in their order. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) {
    sum += a[i]! * b[i]!
  }
  return sum
}

/** Adds `factor` times `values` to `target`, in place. */
export function addScaled(target: Float64Array, factor: number, values: Float64Array): void {
  for (let i = 0; i < target.length; i++) {
    target[i]! += factor * values[i]!
  }
}
