import { linearAxis, logAxis, stepAxis } from '../../../chart/scale.ts'
import type { Axis } from '../../../chart/scale.ts'
import type { Figure } from '../document.ts'
import {
  drawing,
  element,
  horizontalAxis,
  seriesColour,
  seriesDash,
  tip,
  verticalAxis,
  WIDTH,
} from './svg.ts'

export interface ReportLine {
  label: string
  /** One for each of x; null: none there, which is bridged. */
  values: readonly (number | null)[]
  /** Whose colour it has; its place among the lines unless said otherwise. */
  series?: number
  dashed?: boolean
}

export interface LineFigure {
  title: string
  note: string
  /** Ascending. */
  x: readonly number[]
  lines: readonly ReportLine[]
  /** What x and what the lines count. */
  over: string
  counted: string
  /** The axis starts at zero and reaches at least so far; without it, it fits the values. */
  least?: number
  /** A logarithmic axis, on which only what is above zero stands. */
  log?: boolean
  /** A straight line from corner to corner, where both axes count the same from 0 to 1. */
  diagonal?: boolean
}

const HEIGHT = 220
const PLOT = { left: 44, right: WIDTH - 12, top: 24, bottom: HEIGHT - 36 }
/** Lines of fewer values have a dot for each. */
const DOTTED = 30

/** Lines over a number; those without any value, or at zero all along, are left out. */
export function lineFigure(figure: LineFigure): Figure {
  const { title, note, x, over, counted, least, log = false, diagonal = false } = figure
  const lines = figure.lines.filter((line) => line.values.some((value) => value !== null && value !== 0))
  const values = lines.flatMap((line) => line.values.filter((value) => value !== null))
  const vertical = log
    ? logAxis(values, [PLOT.bottom, PLOT.top])
    : linearAxis(values, [PLOT.bottom, PLOT.top], least)
  const horizontal = stepAxis(diagonal ? [0, 1] : x, [PLOT.left, PLOT.right])
  const parts = [
    ...verticalAxis(vertical, PLOT, counted),
    ...horizontalAxis(horizontal, PLOT, { over, grid: false }),
    ...(diagonal
      ? [
          element('line', {
            x1: horizontal.scale(0),
            y1: vertical.scale(0),
            x2: horizontal.scale(1),
            y2: vertical.scale(1),
            class: 'axis',
            'stroke-dasharray': '2 3',
          }),
        ]
      : []),
    ...lines.map((line, place) => drawLine(line, place, { x, log, vertical, horizontal })),
  ]
  return {
    title,
    note,
    svg: drawing({ width: WIDTH, height: HEIGHT }, title, parts),
    legend:
      lines.length < 2
        ? []
        : lines.map((line, place) => ({
            label: line.label,
            colour: seriesColour(line.series ?? place),
            dash: dashOf(line, place),
          })),
  }
}

function drawLine(
  line: ReportLine,
  place: number,
  { x, log, vertical, horizontal }: { x: readonly number[]; log: boolean; vertical: Axis; horizontal: Axis },
): string {
  const points = line.values.flatMap((value, i): { left: number; top: number; words: string }[] =>
    value === null || (log && value <= 0)
      ? []
      : [
          {
            left: horizontal.scale(x[i]!),
            top: vertical.scale(value),
            words: `${line.label}: ${Number(value.toPrecision(4))} at ${Number(x[i]!.toPrecision(6))}`,
          },
        ],
  )
  const stroke = seriesColour(line.series ?? place)
  const path = points
    .map(({ left, top }, i) => `${i === 0 ? 'M' : 'L'}${left.toFixed(1)} ${top.toFixed(1)}`)
    .join('')
  const dots = points.length < DOTTED ? points : []
  return [
    element('path', {
      d: path,
      fill: 'none',
      stroke,
      'stroke-width': 1.5,
      'stroke-dasharray': dashOf(line, place),
    }),
    ...dots.map(({ left, top, words }) =>
      element('circle', { cx: left, cy: top, r: 2, fill: stroke }, tip(words)),
    ),
  ].join('')
}

function dashOf({ dashed, series }: ReportLine, place: number): string {
  if (dashed === undefined) {
    return seriesDash(series ?? place)
  }
  return dashed ? '4 3' : ''
}
