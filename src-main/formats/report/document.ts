/**
 * A report as data: sections of sentences, tables and figures, which are written as one page, and each table as CSV
 * and LaTeX. Tables hold the figures themselves; how many digits are shown is said beside them.
 */
import type { LegendEntry } from './figures/svg.ts'

/** A figure with its 95% interval. */
export interface Interval {
  value: number
  low: number
  high: number
}

/** Null: not measured, or not defined. */
export type ReportCell = string | number | null | Interval

export interface Column {
  name: string
  /** Places after the point of its figures; without it they are whole numbers. */
  digits?: number
  /** Text of more than a few words, which is broken into lines. */
  wide?: true
  /** Its cells have intervals: as CSV it is three columns. */
  interval?: true
  /** Left out where no row has anything in it. */
  optional?: true
  /** Numbers that name something, such as ids and seeds: no thousands are marked. */
  plain?: true
}

export interface ReportTable {
  /** Of its files: lower case letters, digits and hyphens; no two tables of a report have the same. */
  name: string
  title: string
  /** What of it: how many, and how it was measured. A sentence or several. */
  note: string
  /** The first names the rows. */
  columns: readonly Column[]
  /** As many cells each as there are columns. */
  rows: readonly (readonly ReportCell[])[]
  /** Cells that are shaded by their share of their row, as those of a confusion matrix are. */
  shaded?: true
}

export interface Figure {
  title: string
  note: string
  /** An element `svg` (figures/svg.ts). */
  svg: string
  legend: readonly LegendEntry[]
}

export type Block =
  | { kind: 'heading'; text: string }
  | { kind: 'paragraph'; text: string }
  | { kind: 'warning'; text: string }
  /** What nobody has measured yet, and the command that does. */
  | { kind: 'missing'; text: string; command: string }
  | { kind: 'table'; table: ReportTable }
  | { kind: 'figure'; figure: Figure }

export interface ReportSection {
  /** Its anchor on the page. */
  id: string
  title: string
  blocks: readonly Block[]
}

export interface Report {
  title: string
  /** What stands below the title, a line each. */
  about: readonly string[]
  sections: readonly ReportSection[]
}

export const heading = (text: string): Block => ({ kind: 'heading', text })
export const paragraph = (text: string): Block => ({ kind: 'paragraph', text })
export const warning = (text: string): Block => ({ kind: 'warning', text })
export const missing = (text: string, command: string): Block => ({ kind: 'missing', text, command })
export const tableBlock = (table: ReportTable): Block => ({ kind: 'table', table: withoutEmpty(table) })

function withoutEmpty(table: ReportTable): ReportTable {
  const isHeld = table.columns.map(
    ({ optional }, i) => optional !== true || table.rows.some((row) => row[i] !== null && row[i] !== ''),
  )
  const held = <Value>(values: readonly Value[]): Value[] => values.filter((_, i) => isHeld[i])
  return { ...table, columns: held(table.columns), rows: table.rows.map(held) }
}
export const figureBlock = (figure: Figure): Block => ({ kind: 'figure', figure })

/** All tables of a report in their order. */
export const tablesOf = ({ sections }: Report): ReportTable[] =>
  sections.flatMap(({ blocks }) => blocks.flatMap((block) => (block.kind === 'table' ? [block.table] : [])))

export const isInterval = (cell: ReportCell): cell is Interval => typeof cell === 'object' && cell !== null

/** A figure with as many places after the point as its column says; a whole number by its thousands. */
export function numberText(value: number, { digits, plain }: Column): string {
  if (digits !== undefined) {
    const text = value.toFixed(digits)
    return Number(text) === 0 ? text.replace('-', '') : text
  }
  return plain === true ? String(value) : value.toLocaleString('en', { maximumFractionDigits: 3 })
}

/** Whether a column's cells are figures alone, so that they stand to the right. */
export const isNumeric = ({ rows }: ReportTable, column: number): boolean =>
  rows.some((row) => row[column] !== null) && rows.every((row) => typeof row[column] !== 'string')
