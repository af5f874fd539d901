/** Tables and headings on standard output. */

/**
 * Rows of cells under a heading; numbers are strings already. The first column is aligned left, the others
 * right.
 */
export function printTable(columns: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...rows.map((row) => row[i]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) => {
    const padded = widths.map((width, i) =>
      i === 0 ? (cells[i] ?? '').padEnd(width) : (cells[i] ?? '').padStart(width),
    )
    console.log(`  ${padded.join('   ')}`.trimEnd())
  }
  line(columns)
  line(widths.map((width) => '-'.repeat(width)))
  rows.forEach(line)
}

/** 1234.5 -> "1,234" (0 digits). */
export const figure = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })

export const percent = (share: number): string => `${(100 * share).toFixed(0)}%`

export const megabytes = (bytes: number): string => `${figure(bytes / 2 ** 20)} MB`
