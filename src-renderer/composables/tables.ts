/** Tables as text that other programs take: the figures themselves, not as they are rounded on the screen. */

export type Cell = string | number | null

export interface Table {
  columns: readonly string[]
  /** As many cells each as there are columns; null where there is nothing. */
  rows: readonly (readonly Cell[])[]
}

/** How rows that are not here are asked for: until `signal` stops it, and with the share of them that came, 0 to 1. */
export interface Reading {
  signal: AbortSignal
  progress(share: number): void
}

const text = (cell: Cell): string => (cell === null ? '' : String(cell))
/** What a spreadsheet takes for a formula; a sign before a plain word is none. It gets an apostrophe, as in every export. */
const FORMULA = /^'*(?:[=@\t\r]|[+-](?![\w .-]*$))/
const guarded = (cell: Cell): string =>
  typeof cell === 'string' && FORMULA.test(cell) ? `'${cell}` : text(cell)
const oneLine = (words: string): string => words.replace(/\s*[\t\r\n]\s*/g, ' ')

/** What spreadsheets take from the clipboard: cells with tabs between them; those within a cell become spaces. */
export const asTabs = ({ columns, rows }: Table): string =>
  [columns, ...rows].map((cells) => cells.map((cell) => oneLine(guarded(cell))).join('\t')).join('\n')

/** Comma-separated values, word for word as main writes them in exports (formats/text/csv.ts). */
export function asCsv({ columns, rows }: Table): string {
  const quoted = (cell: Cell): string =>
    /[",\r\n]/.test(guarded(cell)) ? `"${guarded(cell).replaceAll('"', '""')}"` : guarded(cell)
  return [columns, ...rows].map((cells) => `${cells.map(quoted).join(',')}\n`).join('')
}

/** A table of GitHub Flavored Markdown; columns of nothing but numbers are aligned to the right. */
export function asMarkdown({ columns, rows }: Table): string {
  const escaped = (cell: Cell): string => oneLine(text(cell)).replace(/[\\|`*_<[\]]/g, '\\$&')
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const isNumeric = (column: number): boolean =>
    rows.some((row) => typeof row[column] === 'number') &&
    rows.every((row) => row[column] === null || typeof row[column] === 'number')
  return [
    line(columns.map(escaped)),
    line(columns.map((_, column) => (isNumeric(column) ? '---:' : '---'))),
    ...rows.map((row) => line(row.map(escaped))),
  ].join('\n')
}
