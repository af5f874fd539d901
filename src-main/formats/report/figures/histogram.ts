import { linearAxis } from '../../../chart/scale.ts'
import type { Figure } from '../document.ts'
import { drawing, element, horizontalAxis, seriesColour, tip, verticalAxis, WIDTH } from './svg.ts'

export interface HistogramSeries {
  label: string
  values: readonly number[]
}

export interface HistogramFigure {
  title: string
  note: string
  series: readonly HistogramSeries[]
  /** What the values are, and what is counted. */
  over: string
  counted: string
  /** Bins are around whole numbers, one each as far as there is room. */
  whole?: boolean
  /** A value that is marked, such as that of chance. */
  reference?: { value: number; label: string }
}

const HEIGHT = 220
const PLOT = { left: 44, right: WIDTH - 12, top: 24, bottom: HEIGHT - 36 }
const BINS = 24

export interface Bin {
  from: number
  to: number
  counts: number[]
}

/**
 * Equally wide bins that hold all values of all series, `from` included and `to` not, but for the last one; none where
 * there are no values.
 */
export function binsOf(series: readonly HistogramSeries[], whole: boolean): Bin[] {
  const [least, most] = series
    .flatMap(({ values }) => values)
    .reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity])
  if (least > most) {
    return []
  }
  const start = whole ? least - 0.5 : least
  const range = whole ? most - least + 1 : most - least || Math.abs(most) || 1
  const width = whole ? Math.ceil(range / BINS) : range / BINS
  const bins = Array.from({ length: Math.ceil(range / width - 1e-9) }, (_, i) => ({
    from: start + i * width,
    to: start + (i + 1) * width,
    counts: series.map(() => 0),
  }))
  series.forEach(({ values }, place) => {
    for (const value of values) {
      const bin = bins[Math.min(Math.floor((value - start) / width), bins.length - 1)]!
      bin.counts[place]!++
    }
  })
  return bins
}

/** How many values fall where, the series before one another: the first filled, others as outlines. */
export function histogramFigure({
  title,
  note,
  series,
  over,
  counted,
  whole = false,
  reference,
}: HistogramFigure): Figure {
  const bins = binsOf(series, whole)
  const marked = reference === undefined ? [] : [reference.value]
  const edges = [...bins.flatMap(({ from, to }) => [from, to]), ...marked]
  const vertical = linearAxis(
    bins.flatMap(({ counts }) => counts),
    [PLOT.bottom, PLOT.top],
    1,
  )
  const horizontal = linearAxis(edges, [PLOT.left, PLOT.right])
  const columns = bins.flatMap(({ from, to, counts: [first = 0] }) => {
    const [left, right] = [horizontal.scale(from), horizontal.scale(to)]
    return first === 0
      ? []
      : [
          element(
            'rect',
            {
              x: left + 0.5,
              y: vertical.scale(first),
              width: Math.max(right - left - 1, 0.5),
              height: PLOT.bottom - vertical.scale(first),
              fill: seriesColour(0),
            },
            tip(`${rangeText(from, to, whole)}: ${first}`),
          ),
        ]
  })
  const outlines = series.slice(1).map((_, i) => {
    const place = i + 1
    const path = bins
      .map(({ from, to, counts }) => {
        const top = vertical.scale(counts[place] ?? 0).toFixed(1)
        return `L${horizontal.scale(from).toFixed(1)} ${top}L${horizontal.scale(to).toFixed(1)} ${top}`
      })
      .join('')
    return element('path', {
      d: `M${horizontal.scale(bins[0]?.from ?? 0).toFixed(1)} ${PLOT.bottom}${path}V${PLOT.bottom}`,
      fill: 'none',
      stroke: seriesColour(place),
      'stroke-width': 1.5,
    })
  })
  const line =
    reference === undefined
      ? []
      : [
          element('line', {
            x1: horizontal.scale(reference.value),
            x2: horizontal.scale(reference.value),
            y1: PLOT.top,
            y2: PLOT.bottom,
            class: 'axis',
            'stroke-dasharray': '3 3',
          }),
        ]
  return {
    title,
    note,
    svg: drawing({ width: WIDTH, height: HEIGHT }, title, [
      ...verticalAxis(vertical, PLOT, counted),
      ...horizontalAxis(horizontal, PLOT, { over, grid: false }),
      ...columns,
      ...outlines,
      ...line,
    ]),
    legend: [
      ...(series.length < 2
        ? []
        : series.map(({ label }, place) => ({
            label,
            colour: seriesColour(place),
            ...(place === 0 && { mark: 'bar' as const }),
          }))),
      ...(reference === undefined ? [] : [{ label: reference.label, colour: 'var(--soft)', dash: '3 3' }]),
    ],
  }
}

function rangeText(from: number, to: number, whole: boolean): string {
  const [first, last] = whole ? [from + 0.5, to - 0.5] : [from, to].map((edge) => Number(edge.toPrecision(4)))
  return first === last ? String(first) : `${first} to ${last}`
}
