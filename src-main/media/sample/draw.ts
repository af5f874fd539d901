/**
 * A small software rasterizer: painted polygons with smooth edges over a background that is drawn once a
 * clip.
 */
import type { Random } from '../../common/random.ts'
import type { Background, Colour, Finish, Paint, DrawnShape } from './vocabulary.ts'

export const WIDTH = 320
export const HEIGHT = 240

/** RGB bytes, [HEIGHT, WIDTH, 3]. */
export type Frame = Uint8Array

/** Corners as x0, y0, x1, y1, ..., in a circle of radius 1 around the origin, y downwards. */
type Polygon = readonly number[]

const SUBROWS = 4

const regular = (corners: number, turn = 0): Polygon =>
  Array.from({ length: corners }, (_, i) => turn - Math.PI / 2 + (2 * Math.PI * i) / corners).flatMap(
    (angle) => [Math.cos(angle), Math.sin(angle)],
  )

const scaled = (polygon: Polygon, factor: number): Polygon => polygon.map((value) => value * factor)

const star = (points: number, inner: number): Polygon =>
  regular(2 * points).map((value, i) => (Math.floor(i / 2) % 2 === 0 ? value : value * inner))

const ARM = 0.34
const REACH = Math.sqrt(1 - ARM * ARM)

/** Scaled so that all have about the same area. */
const POLYGONS: Record<DrawnShape, Polygon> = {
  circle: scaled(regular(48), 0.86),
  square: scaled(regular(4, Math.PI / 4), 1),
  triangle: scaled(regular(3), 1.18),
  star: scaled(star(5, 0.45), 1.24),
  hexagon: scaled(regular(6), 0.92),
  cross: scaled(
    [
      -ARM,
      -REACH,
      ARM,
      -REACH,
      ARM,
      -ARM,
      REACH,
      -ARM,
      REACH,
      ARM,
      ARM,
      ARM,
      ARM,
      REACH,
      -ARM,
      REACH,
      -ARM,
      ARM,
      -REACH,
      ARM,
      -REACH,
      -ARM,
      -ARM,
      -ARM,
    ],
    1.1,
  ),
}

/** Where and how an actor is drawn: centre and radius in pixels, angle in radians, clockwise. */
export interface Pose {
  x: number
  y: number
  radius: number
  angle: number
}

/**
 * Draws a painted shape. It wears a bar, darker than its paint (on black: lighter), from near its centre to
 * its rim, so that even a circle is seen to turn. A radius of 0 or less draws nothing.
 */
export function drawShape(
  frame: Frame,
  shape: DrawnShape,
  { colour, second, finish }: Paint,
  pose: Pose,
): void {
  if (pose.radius <= 0) {
    return
  }
  const { x, y, radius, angle } = pose
  const [cos, sin] = [Math.cos(angle) / radius, Math.sin(angle) / radius]
  const bar =
    Math.max(...colour) < 64 ? colour.map((value) => value + 100) : colour.map((value) => value * 0.35)
  const distance = FINISHES[finish]
  fillPolygon(placed(POLYGONS[shape], pose), (px, py, coverage, at) => {
    const dx = px - x
    const dy = py - y
    const u = dx * cos + dy * sin
    const v = dy * cos - dx * sin
    const inBar = Math.abs(u) < 0.09 && v > -0.62 && v < -0.06
    // A pixel of blur along the finish's edges.
    const share = Math.min(1, Math.max(0, distance(u, v) * radius + 0.5))
    for (let channel = 0; channel < 3; channel++) {
      const first = colour[channel] ?? 0
      const tone = inBar ? (bar[channel] ?? 0) : first + ((second[channel] ?? 0) - first) * share
      const under = frame[at + channel] ?? 0
      frame[at + channel] = under + (tone - under) * coverage
    }
  })
}

/** Signed distance into the second tone at a point of the shape, in radii; positive inside. */
const FINISHES: Record<Finish, (u: number, v: number) => number> = {
  solid: () => -1,
  stripes: (_, v) => 0.1 - Math.abs(fromNearest(v, 0.42)),
  rings: (u, v) => 0.1 - Math.abs(fromNearest(Math.hypot(u, v), 0.42)),
  dots: (u, v) => 0.14 - Math.hypot(fromNearest(u, 0.42), fromNearest(v, 0.42)),
}

/** Offset from the nearest odd multiple of half the period. */
const fromNearest = (value: number, period: number): number =>
  value - (Math.floor(value / period) + 0.5) * period

function placed(polygon: Polygon, { x, y, radius, angle }: Pose): number[] {
  const [cos, sin] = [Math.cos(angle) * radius, Math.sin(angle) * radius]
  const result: number[] = []
  for (let i = 0; i < polygon.length; i += 2) {
    const [px, py] = [polygon[i] ?? 0, polygon[i + 1] ?? 0]
    result.push(x + px * cos - py * sin, y + px * sin + py * cos)
  }
  return result
}

/**
 * Calls `paint` for every pixel that a polygon (even-odd rule) covers, with the pixel's centre, the share of
 * it that is covered, and its offset in a frame. Every pixel row is cut by SUBROWS lines; along a line
 * coverage is exact, so edges are smooth at the cost of a few crossings a row instead of a distance a pixel.
 */
function fillPolygon(
  points: readonly number[],
  paint: (x: number, y: number, coverage: number, at: number) => void,
): void {
  const ys = points.filter((_, i) => i % 2 === 1)
  const top = Math.max(0, Math.floor(Math.min(...ys)))
  const bottom = Math.min(HEIGHT - 1, Math.floor(Math.max(...ys)))
  const coverage = new Float32Array(WIDTH)
  for (let row = top; row <= bottom; row++) {
    coverage.fill(0)
    for (let sub = 0; sub < SUBROWS; sub++) {
      const cuts = crossings(points, row + (sub + 0.5) / SUBROWS)
      for (let i = 0; i + 1 < cuts.length; i += 2) {
        cover(coverage, cuts[i] ?? 0, cuts[i + 1] ?? 0)
      }
    }
    for (let x = 0, at = row * WIDTH * 3; x < WIDTH; x++, at += 3) {
      const share = coverage[x] ?? 0
      if (share > 0) {
        paint(x + 0.5, row + 0.5, Math.min(1, share), at)
      }
    }
  }
}

/** The x where the line at height y enters and leaves the polygon, ascending. */
function crossings(points: readonly number[], y: number): number[] {
  const cuts: number[] = []
  let [fromX, fromY] = [points.at(-2) ?? 0, points.at(-1) ?? 0]
  for (let i = 0; i < points.length; i += 2) {
    const [toX, toY] = [points[i] ?? 0, points[i + 1] ?? 0]
    if (fromY <= y !== toY <= y) {
      cuts.push(fromX + ((y - fromY) / (toY - fromY)) * (toX - fromX))
    }
    fromX = toX
    fromY = toY
  }
  return cuts.sort((a, b) => a - b)
}

function cover(coverage: Float32Array, from: number, to: number): void {
  const [left, right] = [Math.max(0, from), Math.min(WIDTH, to)]
  for (let x = Math.floor(left); x < right; x++) {
    coverage[x] = (coverage[x] ?? 0) + (Math.min(right, x + 1) - Math.max(left, x)) / SUBROWS
  }
}

/**
 * Middling greys with a tinge, each in two tones, so that white and black stand out as well as colours do.
 */
const TONES: readonly (readonly [Colour, Colour])[] = [
  [
    [102, 105, 112],
    [126, 130, 138],
  ],
  [
    [109, 104, 100],
    [135, 129, 124],
  ],
  [
    [101, 108, 107],
    [125, 133, 132],
  ],
]

/** A background with a random tone, pattern width and offset, and a little grain. */
export function drawBackground(background: Background, random: Random): Frame {
  const frame = new Uint8Array(WIDTH * HEIGHT * 3)
  const tones = TONES[random.below(TONES.length)] ?? TONES[0]
  const period = 36 + random.below(13)
  const shift = random.below(period)
  for (let y = 0, at = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++, at += 3) {
      const tone = tones?.[patternAt(background, x + shift, y + shift, period)]
      const grain = 8 * random.next() - 4
      for (let channel = 0; channel < 3; channel++) {
        frame[at + channel] = (tone?.[channel] ?? 0) + grain
      }
    }
  }
  return frame
}

/** Which of the two tones the pattern has at a pixel. */
function patternAt(background: Background, x: number, y: number, period: number): 0 | 1 {
  const half = period / 2
  switch (background) {
    case 'plain':
      return 0
    case 'stripes':
      return x % period < half ? 1 : 0
    case 'checks':
      return (Math.floor(x / half) + Math.floor(y / half)) % 2 === 0 ? 1 : 0
    case 'dots':
      return ((x % period) - half) ** 2 + ((y % period) - half) ** 2 < (0.24 * period) ** 2 ? 1 : 0
  }
}
