/** Writing CSV, by RFC 4180. */

export type Cell = string | number | null

/**
 * What a spreadsheet takes for a formula, which it computes when the file is opened. A sign before a plain word is
 * left alone: videos of YouTube have such names (-4wsuPCjDBc), by which other programs find them.
 */
const FORMULA = /^'*(?:[=@\t\r]|[+-](?![\w .-]*$))/

/** Whether a cell has an apostrophe in front that was put there: it is taken away where the cell is read again. */
export const isGuarded = (cell: string): boolean => cell.startsWith("'") && FORMULA.test(cell)

/**
 * A line of CSV by RFC 4180, with newlines as on Unix; an unknown value is an empty cell. A text that a
 * spreadsheet would compute has an apostrophe in front, which makes it a text there.
 */
function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\n`
}

function csvCell(value: Cell): string {
  if (typeof value !== 'string') {
    return String(value ?? '')
  }
  const text = FORMULA.test(value) ? `'${value}` : value
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export function* csv(header: readonly string[], rows: Iterable<readonly Cell[]>): Generator<string> {
  yield csvLine(header)
  for (const row of rows) {
    yield csvLine(row)
  }
}
