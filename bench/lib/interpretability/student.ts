/** Two-sided 95% quantiles of Student's t, for 1 to 9 degrees of freedom. */
const QUANTILES = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

/** Of a sample. */
export function deviation(values: readonly number[]): number {
  const middle = mean(values)
  return Math.sqrt(values.reduce((sum, x) => sum + (x - middle) ** 2, 0) / (values.length - 1))
}

/** The 95% interval of the mean of 2 to 10 values by Student's t; null for other numbers of them. */
export function intervalOfMean(values: readonly number[]): { low: number; high: number } | null {
  const quantile = QUANTILES[values.length - 2]
  if (quantile === undefined) {
    return null
  }
  const reach = (quantile * deviation(values)) / Math.sqrt(values.length)
  return { low: mean(values) - reach, high: mean(values) + reach }
}
