export interface Series {
  mark: string
  name: string
  /** x above 0. */
  points: readonly { x: number; y: number }[]
}

/**
 * Prints points over a logarithmic x and a linear y axis; of points in one place the later series is seen.
 */
export function printPlot(
  series: readonly Series[],
  { x, y, width = 72, height = 18 }: { x: string; y: string; width?: number; height?: number },
): void {
  const points = series.flatMap((line) => line.points)
  const [left, right] = range(points.map((point) => Math.log10(point.x)))
  const [low, high] = range(points.map((point) => point.y))
  const rows = Array.from({ length: height }, () => new Array<string>(width).fill(' '))
  for (const { mark, points: marked } of series) {
    for (const point of marked) {
      const column = Math.round(((Math.log10(point.x) - left) / (right - left || 1)) * (width - 1))
      const row = Math.round(((high - point.y) / (high - low || 1)) * (height - 1))
      rows[row]![column] = mark
    }
  }
  const label = (row: number): string =>
    (row % 4 === 0 || row === height - 1
      ? (high - ((high - low) * row) / (height - 1)).toFixed(3)
      : ''
    ).padStart(8)
  console.log(`${y}, by ${x} (logarithmic)`)
  rows.forEach((cells, row) => console.log(`${label(row)} |${cells.join('').trimEnd()}`))
  const ends = [left, right].map((exponent) => `${Number((10 ** exponent).toPrecision(2))}`)
  console.log(
    `${' '.repeat(9)}+${'-'.repeat(width)}\n${' '.repeat(10)}${ends[0]!.padEnd(width - ends[1]!.length)}${ends[1]!}`,
  )
  for (const { mark, name } of series) {
    console.log(`${' '.repeat(10)}${mark} ${name}`)
  }
}

const range = (values: readonly number[]): [number, number] => [Math.min(...values), Math.max(...values)]

const COLOURS = ['#0f766e', '#b45309', '#6d28d9', '#be123c']

/** Where the plot's area lies in the picture, in pixels, and where values lie in it. */
interface Axes {
  left: number
  right: number
  top: number
  bottom: number
  /** Of the x axis, as exponents of ten. */
  exponents: [number, number]
  /** Of the y axis. */
  values: [number, number]
  across: (value: number) => string
  down: (value: number) => string
}

/** The same as a picture: an SVG with a line for each series. */
export function svgPlot(
  series: readonly Series[],
  { x, y, width = 720, height = 400 }: { x: string; y: string; width?: number; height?: number },
): string {
  const axes = axesOf(series, width, height)
  const { left, right, top, bottom } = axes
  const elements = [
    ...valueTicks(axes),
    ...exponentTicks(axes),
    `<path d="M${left} ${top}V${bottom}H${right}" fill="none" stroke="#64748b"/>`,
    `<text x="${(left + right) / 2}" y="${height - 6}" text-anchor="middle">${x}</text><text transform="translate(14 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${y}</text>`,
    ...series.flatMap((line, i) => drawSeries(line, i, axes)),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12" fill="#334155"><rect width="100%" height="100%" fill="#fff"/>\n${elements.join('\n')}\n</svg>\n`
}

function axesOf(series: readonly Series[], width: number, height: number): Axes {
  const points = series.flatMap((line) => line.points)
  const exponents = range(points.map((point) => Math.log10(point.x)))
  const ys = points.map((point) => point.y)
  const [low, high] = [Math.min(0, ...ys), Math.max(...ys) * 1.05]
  const area = { left: 56, right: width - 12, top: 16 + 18 * series.length, bottom: height - 44 }
  const [first, last] = exponents
  return {
    ...area,
    exponents,
    values: [low, high],
    across: (value) =>
      (area.left + ((Math.log10(value) - first) / (last - first || 1)) * (area.right - area.left)).toFixed(1),
    down: (value) =>
      (area.bottom - ((value - low) / (high - low || 1)) * (area.bottom - area.top)).toFixed(1),
  }
}

function valueTicks({ left, right, values: [low, high], down }: Axes): string[] {
  const elements: string[] = []
  const step = 10 ** Math.floor(Math.log10((high - low) / 2))
  for (let tick = Math.ceil(low / step); tick * step <= high; tick++) {
    elements.push(
      `<path d="M${left} ${down(tick * step)}H${right}" stroke="#e2e8f0"/><text x="${left - 8}" y="${down(tick * step)}" text-anchor="end" dominant-baseline="middle">${Number((tick * step).toPrecision(3))}</text>`,
    )
  }
  return elements
}

function exponentTicks({ bottom, exponents: [first, last], across }: Axes): string[] {
  const elements: string[] = []
  for (let exponent = Math.floor(first); exponent <= last; exponent++) {
    for (const value of [1, 2, 5].map((digit) => digit * 10 ** exponent)) {
      if (Math.log10(value) < first || Math.log10(value) > last) {
        continue
      }
      elements.push(
        `<path d="M${across(value)} ${bottom}v5" stroke="#64748b"/><text x="${across(value)}" y="${bottom + 20}" text-anchor="middle">${Number(value.toPrecision(3))}</text>`,
      )
    }
  }
  return elements
}

/** A series' line, its points, and its entry in the legend. */
function drawSeries({ name, points }: Series, index: number, { left, across, down }: Axes): string[] {
  const colour = COLOURS[index % COLOURS.length]
  return [
    `<path d="M${points.map((point) => `${across(point.x)} ${down(point.y)}`).join('L')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...points.map(
      (point) => `<circle cx="${across(point.x)}" cy="${down(point.y)}" r="2.5" fill="${colour}"/>`,
    ),
    `<path d="M${left} ${14 + 18 * index}h18" stroke="${colour}" stroke-width="2"/><text x="${left + 26}" y="${18 + 18 * index}">${name}</text>`,
  ]
}
