/** Tables with a header, whatever stands between their cells. */
import { shorten } from '../text/text-file.ts'
import { areNumbers, chosenPlaces, headerPlaces } from './columns.ts'
import type { Places } from './columns.ts'
import { failures } from './failures.ts'
import type { CaptionEntry, CaptionSource, ColumnRole } from './format.ts'
import { entriesOf } from './records.ts'
import type { RecordValues } from './records.ts'

export interface TableRow {
  cells: string[]
  line: number
}

/**
 * The captions of a table's rows, the first of which is the header; with columns that are chosen by number it
 * may be a row like the others. Throws BAD_INPUT.
 */
export function tableEntries(
  rows: readonly TableRow[],
  file: string,
  { columns, accepted }: CaptionSource,
): CaptionEntry[] {
  const [first, ...others] = rows
  if (first === undefined) {
    return []
  }
  const known = headerPlaces(first.cells)
  const chosen = chosenPlaces(columns, first.cells, { file, place: `line ${first.line}` })
  const places = placesOf({ ...known, ...chosen })
  if (places === null) {
    throw failures.columnsUnknown({
      file,
      line: first.line,
      header: shorten(first.cells.join(',')),
      accepted,
    })
  }
  const isHeaderless = known === null && Object.keys(columns).length > 0 && areNumbers(columns)
  const roles = Object.entries(places)
  const entries: CaptionEntry[] = []
  const width = { columns: first.cells.length, caption: places.caption }
  for (const row of isHeaderless ? rows : others) {
    const { line } = row
    const cells = cellsWithin(row, width, file)
    const values: RecordValues = {}
    for (const [role, at] of roles) {
      values[role as ColumnRole] = cells[at]
    }
    entries.push(...entriesOf(values, { file, counts: 'line', line }))
  }
  return entries
}

/**
 * As many cells as there are columns: what is more belongs to a caption that ends the row, and elsewhere would
 * move every cell behind it. Throws BAD_INPUT.
 */
function cellsWithin(
  { cells, line }: TableRow,
  { columns, caption }: { columns: number; caption: number },
  file: string,
): readonly string[] {
  const more = cells.slice(columns)
  if (more.every((cell) => cell.trim() === '')) {
    return cells
  }
  if (caption !== columns - 1) {
    throw failures.cellsTooMany({ file, line, cells: cells.length, columns })
  }
  return cells.with(caption, cells.slice(caption).join(' '))
}

const placesOf = ({
  clip,
  caption,
  ...places
}: Places): (Places & { clip: number; caption: number }) | null =>
  clip === undefined || caption === undefined || clip === caption ? null : { ...places, clip, caption }
