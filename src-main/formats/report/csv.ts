import { csv } from '../text/csv.ts'
import type { Cell } from '../text/csv.ts'
import { isInterval } from './document.ts'
import type { Column, ReportCell, ReportTable } from './document.ts'

/** A table as CSV, with its figures as they are, not rounded. A column with intervals is three: the figure, low and high. */
export const tableCsv = ({ columns, rows }: ReportTable): Iterable<string> =>
  csv(
    columns.flatMap(headOf),
    rows.map((row) => row.flatMap((cell, i) => cellsOf(cell, columns[i]!))),
  )

const headOf = ({ name, interval }: Column): string[] =>
  interval === true ? [name, `${name} low`, `${name} high`] : [name]

function cellsOf(cell: ReportCell, { interval }: Column): Cell[] {
  if (isInterval(cell)) {
    return [cell.value, cell.low, cell.high]
  }
  return interval === true ? [cell, null, null] : [cell]
}
