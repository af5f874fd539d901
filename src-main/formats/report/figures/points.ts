import { linearAxis } from '../../../chart/scale.ts'
import type { Figure, Interval } from '../document.ts'
import { drawing, element, horizontalAxis, seriesColour, tip, verticalAxis, WIDTH } from './svg.ts'

export interface PlanePoint {
  label: string
  x: Interval
  y: Interval
  /** Drawn full; others are rings. */
  marked: boolean
}

export interface PlaneFigure {
  title: string
  note: string
  points: readonly PlanePoint[]
  /** What x and y count. */
  over: string
  counted: string
  /** What a full point is, and what a ring. */
  marks: { full: string; ring: string }
}

const HEIGHT = 260
const PLOT = { left: 44, right: WIDTH - 12, top: 24, bottom: HEIGHT - 36 }

/** Points in the plane with the intervals of both figures. */
export function planeFigure({ title, note, points, over, counted, marks }: PlaneFigure): Figure {
  const edges = (axis: 'x' | 'y'): number[] => points.flatMap((point) => [point[axis].low, point[axis].high])
  const vertical = linearAxis(edges('y'), [PLOT.bottom, PLOT.top])
  const horizontal = linearAxis(edges('x'), [PLOT.left, PLOT.right])
  const drawn = points.map(({ label, x, y, marked }) => {
    const [left, top] = [horizontal.scale(x.value), vertical.scale(y.value)]
    const cross = `M${horizontal.scale(x.low).toFixed(1)} ${top.toFixed(1)}H${horizontal.scale(x.high).toFixed(1)}M${left.toFixed(1)} ${vertical.scale(y.low).toFixed(1)}V${vertical.scale(y.high).toFixed(1)}`
    return [
      element('path', {
        d: cross,
        fill: 'none',
        stroke: seriesColour(0),
        'stroke-width': 0.75,
        opacity: 0.6,
      }),
      element(
        'circle',
        {
          cx: left,
          cy: top,
          r: 4,
          fill: marked ? seriesColour(0) : 'var(--page)',
          stroke: seriesColour(0),
          'stroke-width': 1.5,
        },
        tip(`${label}: ${x.value.toFixed(3)}, ${y.value.toFixed(3)}`),
      ),
    ].join('')
  })
  return {
    title,
    note,
    svg: drawing({ width: WIDTH, height: HEIGHT }, title, [
      ...verticalAxis(vertical, PLOT, counted),
      ...horizontalAxis(horizontal, PLOT, { over, grid: false }),
      ...drawn,
    ]),
    legend: [
      { label: marks.full, colour: seriesColour(0), mark: 'bar' },
      { label: marks.ring, colour: seriesColour(0), mark: 'ring' },
    ],
  }
}
