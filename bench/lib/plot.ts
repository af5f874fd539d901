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
  const points = series.flatMap((own) => own.points)
  const [xs, ys] = [points.map((point) => Math.log10(point.x)), points.map((point) => point.y)]
  const range = (values: readonly number[]): [number, number] => [Math.min(...values), Math.max(...values)]
  const [left, right] = range(xs)
  const [low, high] = range(ys)
  const rows = Array.from({ length: height }, () => new Array<string>(width).fill(' '))
  for (const { mark, points: own } of series) {
    for (const point of own) {
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

const COLOURS = ['#0f766e', '#b45309', '#6d28d9', '#be123c']

/** The same as a picture: an SVG with a line for each series. */
export function svgPlot(
  series: readonly Series[],
  { x, y, width = 720, height = 400 }: { x: string; y: string; width?: number; height?: number },
): string {
  const points = series.flatMap((own) => own.points)
  const xs = points.map((point) => Math.log10(point.x))
  const [left, right] = [Math.min(...xs), Math.max(...xs)]
  const [low, high] = [
    Math.min(0, ...points.map((point) => point.y)),
    Math.max(...points.map((point) => point.y)) * 1.05,
  ]
  const area = { left: 56, right: width - 12, top: 16 + 18 * series.length, bottom: height - 44 }
  const across = (value: number): string =>
    (area.left + ((Math.log10(value) - left) / (right - left || 1)) * (area.right - area.left)).toFixed(1)
  const down = (value: number): string =>
    (area.bottom - ((value - low) / (high - low || 1)) * (area.bottom - area.top)).toFixed(1)
  const step = 10 ** Math.floor(Math.log10((high - low) / 2))
  const lines: string[] = []
  for (let tick = Math.ceil(low / step); tick * step <= high; tick++) {
    lines.push(
      `<path d="M${area.left} ${down(tick * step)}H${area.right}" stroke="#e2e8f0"/><text x="${area.left - 8}" y="${down(tick * step)}" text-anchor="end" dominant-baseline="middle">${Number((tick * step).toPrecision(3))}</text>`,
    )
  }
  for (let exponent = Math.floor(left); exponent <= right; exponent++) {
    for (const value of [1, 2, 5].map((digit) => digit * 10 ** exponent)) {
      if (Math.log10(value) < left || Math.log10(value) > right) {
        continue
      }
      lines.push(
        `<path d="M${across(value)} ${area.bottom}v5" stroke="#64748b"/><text x="${across(value)}" y="${area.bottom + 20}" text-anchor="middle">${Number(value.toPrecision(3))}</text>`,
      )
    }
  }
  lines.push(
    `<path d="M${area.left} ${area.top}V${area.bottom}H${area.right}" fill="none" stroke="#64748b"/>`,
  )
  lines.push(
    `<text x="${(area.left + area.right) / 2}" y="${height - 6}" text-anchor="middle">${x}</text><text transform="translate(14 ${(area.top + area.bottom) / 2}) rotate(-90)" text-anchor="middle">${y}</text>`,
  )
  series.forEach(({ name, points: own }, i) => {
    const colour = COLOURS[i % COLOURS.length]
    lines.push(
      `<path d="M${own.map((point) => `${across(point.x)} ${down(point.y)}`).join('L')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    )
    for (const point of own) {
      lines.push(`<circle cx="${across(point.x)}" cy="${down(point.y)}" r="2.5" fill="${colour}"/>`)
    }
    lines.push(
      `<path d="M${area.left} ${14 + 18 * i}h18" stroke="${colour}" stroke-width="2"/><text x="${area.left + 26}" y="${18 + 18 * i}">${name}</text>`,
    )
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12" fill="#334155"><rect width="100%" height="100%" fill="#fff"/>\n${lines.join('\n')}\n</svg>\n`
}
