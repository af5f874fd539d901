/** The mean of vectors, [width]; zero where there are none. */
export function meanVector(rows: readonly Float32Array[], width: number): Float32Array {
  const total = new Float64Array(width)
  for (const row of rows) {
    row.forEach((x, j) => {
      total[j]! += x
    })
  }
  return Float32Array.from(total, (x) => x / Math.max(1, rows.length))
}

/** Neurons are dead whose deviation over clips is at most this share of the median neuron's. */
const DEAD_SHARE = 0.01

/** The deviation at which, and below which, a neuron is dead, by the deviations of all neurons of its layer. */
export function deadAt(deviations: ArrayLike<number>): number {
  const ordered = Float64Array.from(deviations).sort()
  return DEAD_SHARE * (ordered[Math.floor(ordered.length / 2)] ?? 0)
}

/** The standard deviation of values, over their number. */
export function deviationOf(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  return Math.sqrt(values.reduce((total, x) => total + (x - mean) ** 2, 0) / values.length)
}
