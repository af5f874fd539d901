/** The value after one of several, and after the last the first. */
export const nextOf = <T>(values: readonly T[], value: T): T =>
  values[(values.indexOf(value) + 1) % values.length] ?? value
