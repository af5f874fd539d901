/**
 * What a chart computes on its own: the marks of a logarithmic axis, and the value that stands nearest to the
 * cursor.
 */

/**
 * Marks of a logarithmic axis from `low` to `high` (both above 0): 1, 2, 5 of each power of ten, only the
 * powers where those would be many, all nine where they would be fewer than three, even steps where even
 * those are.
 */
export function logMarks(low: number, high: number): number[] {
  const within = (multiples: readonly number[]): number[] => {
    const marks: number[] = []
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      for (const multiple of multiples) {
        const mark = Number(`${multiple}e${power}`)
        if (mark >= low && mark <= high) {
          marks.push(mark)
        }
      }
    }
    return marks
  }
  const usual = within([1, 2, 5])
  if (usual.length > 8) {
    return within([1])
  }
  if (usual.length >= 3) {
    return usual
  }
  const allNine = within([1, 2, 3, 4, 5, 6, 7, 8, 9])
  if (allNine.length >= 3) {
    return allNine
  }
  const step = 10 ** Math.floor(Math.log10(Math.max(high - low, low * 1e-6) / 2))
  const first = Math.ceil(low / step)
  const marks = Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  )
  return marks.filter((_, i) => i % Math.ceil(marks.length / 5) === 0)
}

/** The index at or nearest to `at` that holds a value, the earlier of two; null where there is none. */
export function nearest(values: readonly (number | null)[], at: number): number | null {
  for (let away = 0; away < values.length; away++) {
    if (values[at - away] != null) {
      return at - away
    }
    if (values[at + away] != null) {
      return at + away
    }
  }
  return null
}
