/** A cell: text is aligned left, a number or a figure right; null is a dash. */
export type Cell = string | number | null | { figure: string }

/** A number with `digits` places after the point. */
export const fixed = (value: number | null | undefined, digits = 3): Cell =>
  value == null ? null : { figure: value.toFixed(digits) }

/** A 95% interval, where there is one. */
export const intervalCell = (interval: { low: number; high: number } | null | undefined): Cell =>
  interval == null ? null : { figure: `${interval.low.toFixed(3)} to ${interval.high.toFixed(3)}` }

/** An id in a column of figures: without a comma in the thousands. */
export const idCell = (id: number | null): Cell => (id === null ? null : { figure: String(id) })

/** Lines of a table with a header, two spaces between columns. */
export function table(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const isRight = header.map(
    (_, column) =>
      rows.some((row) => row[column] !== null && typeof row[column] !== 'string') &&
      rows.every((row) => typeof row[column] !== 'string'),
  )
  const texts = [header, ...rows.map((row) => row.map(textOf))]
  const widths = header.map((_, column) => Math.max(...texts.map((row) => (row[column] ?? '').length)))
  const lines = texts.map((row) =>
    row
      .map((text, column) =>
        isRight[column] ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '))
  return lines.join('\n')
}

function textOf(cell: Cell): string {
  if (cell === null) {
    return '-'
  }
  switch (typeof cell) {
    case 'string':
      return cell
    case 'number':
      return cell.toLocaleString('en')
    case 'object':
      return cell.figure
  }
}
