/** What line charts compute on their own: axes, smoothed lines, and the value that stands nearest to the cursor. */
import { scaleLinear, scaleLog } from 'd3-scale'
import type { ScaleContinuousNumeric } from 'd3-scale'

export interface Mark {
  value: number
  label: string
}
export interface Axis {
  scale: ScaleContinuousNumeric<number, number>
  marks: Mark[]
}

/**
 * A linear axis over `values`. With `least` it starts at zero and reaches at least as far; otherwise it ends at round
 * numbers around the values.
 */
export function linearAxis(values: readonly number[], range: [number, number], least?: number): Axis {
  const [low, high] = extentOf(values)
  const scale = scaleLinear()
    .domain(least === undefined ? [low, high] : [Math.min(0, low), Math.max(high * 1.05, least, 1e-12)])
    .range(range)
  return marked(least === undefined ? scale.nice(4) : scale, 4)
}

/** A logarithmic axis over those values that are above 0. */
export function logAxis(values: readonly number[], range: [number, number]): Axis {
  const [low, high] = extentOf(values.filter((value) => value > 0))
  const domain = [low / 1.05, high * 1.05]
  const axis = marked(scaleLog().domain(domain).range(range), 5, '~g')
  // Over a narrow range there are no round marks on it: those of a linear axis stand there.
  return axis.marks.length > 1 ? axis : { ...axis, marks: marked(scaleLinear().domain(domain), 4).marks }
}

/** The axis of steps: from the first to the last, as they are. */
export function stepAxis(x: readonly number[], range: [number, number]): Axis {
  const [first = 0, last = first] = [x[0], x.at(-1)]
  return marked(
    scaleLinear()
      .domain(first === last ? [first - 1, last + 1] : [first, last])
      .range(range),
    Math.max(2, Math.floor(Math.abs(range[1] - range[0]) / 70)),
  )
}

function marked(scale: Axis['scale'], wanted: number, specifier?: string): Axis {
  const label = scale.tickFormat(wanted, specifier)
  return {
    scale,
    marks: scale
      .ticks(wanted)
      .map((value) => ({ value, label: label(value) }))
      // A logarithmic axis has more marks than there is room for labels; only those with one are drawn.
      .filter((mark) => mark.label !== ''),
  }
}

function extentOf(values: readonly number[]): [number, number] {
  const [low, high] = values.reduce(
    ([least, largest], value) => [Math.min(least, value), Math.max(largest, value)],
    [Infinity, -Infinity],
  )
  switch (true) {
    case low > high:
      return [0.1, 1]
    case low === 0 && high === 0:
      return [0, 1]
    // So near that no marks between them could be told apart.
    case high - low <= 1e-9 * Math.max(Math.abs(low), Math.abs(high)):
      return [low - Math.abs(low) / 10, high + Math.abs(high) / 10]
    default:
      return [low, high]
  }
}

/**
 * The exponential moving average of a line as TensorBoard draws it: each value counts `weight` (0 to below 1; 0: the
 * line itself) times as much as the next, and the first ones are not drawn to zero (divided by 1 − weight^n). Gaps stay.
 */
export function smoothed(values: readonly (number | null)[], weight: number): (number | null)[] {
  let [sum, known] = [0, 0]
  return values.map((value) => {
    if (value === null) {
      return null
    }
    sum = weight * sum + (1 - weight) * value
    known++
    return sum / (1 - weight ** known)
  })
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

/** The index of the number of `x`, which ascends, that is nearest to `at`; −1 where there are none. */
export function nearestIndex(x: readonly number[], at: number): number {
  let best = -1
  x.forEach((value, i) => {
    if (best < 0 || Math.abs(value - at) < Math.abs((x[best] ?? 0) - at)) {
      best = i
    }
  })
  return best
}
