/** Figures with a row for each thing that is named: bars from zero, or points with their intervals. */
import { linearAxis } from '../../../chart/scale.ts'
import type { Axis } from '../../../chart/scale.ts'
import type { Figure } from '../document.ts'
import { drawing, element, fitted, horizontalAxis, seriesColour, textAt, tip, WIDTH } from './svg.ts'
import type { LegendEntry } from './svg.ts'

interface RowFigure<Row> {
  title: string
  note: string
  /** What is counted. */
  over: string
  rows: readonly Row[]
  format: (value: number) => string
  /** How far the axis reaches at least. */
  least?: number
}

export interface BarRow {
  label: string
  value: number
  /** A colour of CSS. */
  colour?: string
}

export interface PointRow {
  label: string
  /** Null: not measured. */
  value: number | null
  low?: number | null
  high?: number | null
  /** What it would be by chance, as a ring. */
  reference?: number | null
}

const ROW = 18
const LABEL = 128
const TOP = 8

interface Frame {
  width: number
  height: number
  plot: { left: number; right: number; top: number; bottom: number }
  horizontal: Axis
}

function frameOf(rows: number, values: readonly number[], least = 0): Frame {
  const plot = { left: LABEL, right: WIDTH - 44, top: TOP, bottom: TOP + rows * ROW + 4 }
  const horizontal = linearAxis(values, [plot.left, plot.right], least)
  return { width: WIDTH, height: plot.bottom + 36, plot, horizontal }
}

const rowTop = (place: number): number => TOP + place * ROW
const labelOf = (label: string, place: number): string =>
  element(
    'g',
    {},
    tip(label) + textAt(fitted(label, LABEL - 10), { x: LABEL - 8, y: rowTop(place) + 13, anchor: 'end' }),
  )

/** Bars from zero, with their values at their ends. */
export function barFigure({ title, note, over, rows, format, least }: RowFigure<BarRow>): Figure {
  const frame = frameOf(
    rows.length,
    rows.map(({ value }) => value),
    least,
  )
  const { scale } = frame.horizontal
  const zero = scale(0)
  const bars = rows.map(({ label, value, colour }, place) => {
    const [from, to] = [Math.min(zero, scale(value)), Math.max(zero, scale(value))]
    return [
      labelOf(label, place),
      element(
        'rect',
        {
          x: from,
          y: rowTop(place) + 4,
          width: Math.max(to - from, 0.5),
          height: ROW - 7,
          fill: colour ?? seriesColour(0),
        },
        tip(`${label}: ${format(value)}`),
      ),
      textAt(format(value), { x: to + 4, y: rowTop(place) + 13, soft: true }),
    ].join('')
  })
  return {
    title,
    note,
    legend: [],
    svg: drawing(frame, title, [
      ...horizontalAxis(frame.horizontal, frame.plot, { over, grid: true }),
      ...bars,
    ]),
  }
}

/** Points with the intervals that they have; a ring stands for what would be there by chance. */
export function pointFigure({
  title,
  note,
  over,
  rows,
  format,
  legend = [],
  least,
}: RowFigure<PointRow> & { legend?: readonly LegendEntry[] }): Figure {
  const values = rows.flatMap(({ value, low, high, reference }) =>
    [value, low, high, reference].filter((known) => known != null),
  )
  const frame = frameOf(rows.length, values, least)
  const { scale } = frame.horizontal
  const points = rows.map(({ label, value, low, high, reference }, place) => {
    const middle = rowTop(place) + ROW / 2
    const interval =
      low == null || high == null
        ? ''
        : element('path', {
            d: `M${scale(low).toFixed(1)} ${middle - 3}v6m0-3H${scale(high).toFixed(1)}m0-3v6`,
            fill: 'none',
            stroke: seriesColour(0),
            'stroke-width': 1.25,
          })
    const words = low == null || high == null ? '' : ` (${format(low)} to ${format(high)})`
    return [
      labelOf(label, place),
      interval,
      reference == null
        ? ''
        : element(
            'circle',
            {
              cx: scale(reference),
              cy: middle,
              r: 3.5,
              fill: 'none',
              stroke: seriesColour(1),
              'stroke-width': 1.25,
            },
            tip(`${label}: ${format(reference)} by chance`),
          ),
      value === null
        ? textAt('not measured', { x: frame.plot.left + 4, y: middle + 4, soft: true })
        : element(
            'circle',
            { cx: scale(value), cy: middle, r: 3.5, fill: seriesColour(0) },
            tip(`${label}: ${format(value)}${words}`),
          ) +
          textAt(format(value), {
            x: scale(Math.max(value, high ?? value, reference ?? value)) + 7,
            y: middle + 4,
            soft: true,
          }),
    ].join('')
  })
  return {
    title,
    note,
    legend,
    svg: drawing(frame, title, [
      ...horizontalAxis(frame.horizontal, frame.plot, { over, grid: true }),
      ...points,
    ]),
  }
}
