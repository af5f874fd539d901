export interface Series {
  mark: string
  name: string
  /** x above 0. */
  points: readonly { x: number; y: number }[]
}

/** Prints points over a logarithmic x and a linear y axis; of points in one place the later series is seen. */
export function printPlot(series: readonly Series[], { x, y, width = 72, height = 18 }: { x: string; y: string; width?: number; height?: number }): void {
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
  const label = (row: number): string => (row % 4 === 0 || row === height - 1 ? (high - ((high - low) * row) / (height - 1)).toFixed(3) : '').padStart(8)
  console.log(`${y}, by ${x} (logarithmic)`)
  rows.forEach((cells, row) => console.log(`${label(row)} |${cells.join('').trimEnd()}`))
  const ends = [left, right].map((exponent) => `${Number((10 ** exponent).toPrecision(2))}`)
  console.log(`${' '.repeat(9)}+${'-'.repeat(width)}\n${' '.repeat(10)}${ends[0]!.padEnd(width - ends[1]!.length)}${ends[1]!}`)
  for (const { mark, name } of series) console.log(`${' '.repeat(10)}${mark} ${name}`)
}
