/** The rows of CSV and its kin, whatever divides their cells. */
import { CsvError, parse as parseCsv } from 'csv-parse/sync'
import * as z from 'zod'
import { defineFailures } from '../../common/failures.ts'
import type { VitrineError } from '../../common/failures.ts'
import { headerPlaces } from './columns.ts'
import type { CaptionDocument } from './format.ts'
import type { TableRow } from './table.ts'

const failures = defineFailures('captions.csv', {
  quoteOpen: { code: 'BAD_INPUT', message: '{file} line {line}: a quote is opened and never closed.' },
  columnCount: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: the row has another number of columns than the header.',
  },
  notCsv: {
    code: 'BAD_INPUT',
    message:
      '{file} line {line}: the row is not valid CSV; a cell that holds a quote or a comma must be quoted.',
  },
})

/** The cells of the first line. */
export function headerOf({ head: [first] }: CaptionDocument): string[] {
  const line = first?.text ?? ''
  return unquoted(line.split(delimiterOf(line)))
}

const DELIMITERS = [',', ';', '\t', '|']

/** What divides the first line into names of columns, or else into cells at all. */
function delimiterOf(header: string): string {
  const named = DELIMITERS.find((delimiter) => headerPlaces(unquoted(header.split(delimiter))) !== null)
  return named ?? DELIMITERS.find((delimiter) => header.includes(delimiter)) ?? ','
}

const unquoted = (cells: readonly string[]): string[] =>
  cells.map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))

const csvRow = z
  .object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) })
  .transform(({ record, info: { lines } }): TableRow => ({ cells: record, line: lines }))

/** The rows of a text, each with the line that it ends on. Throws BAD_INPUT. */
export function csvRows(text: string, file: string): TableRow[] {
  const rows: TableRow[] = []
  const [header = ''] = text.trimStart().split(/[\r\n]/, 1)
  const delimiter = delimiterOf(header)
  try {
    parseCsv(text, {
      delimiter,
      // Tables with bars don't quote.
      quote: delimiter === '|' ? null : '"',
      record_delimiter: ['\r\n', '\n', '\r'],
      info: true,
      skip_empty_lines: true,
      trim: true,
      on_record: (row: unknown) => {
        rows.push(csvRow.parse(row))
      },
    })
  } catch (error) {
    throw error instanceof CsvError ? csvFailure(error, file, rows) : error
  }
  return rows
}

function csvFailure(error: CsvError, file: string, rows: readonly TableRow[]): VitrineError {
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    // An open quote swallows the rest of the file: it was opened in the row after the last whole one.
    return failures.quoteOpen({ file, line: (rows.at(-1)?.line ?? 0) + 1 })
  }
  const line = Number(error.lines)
  return error.code.startsWith('CSV_RECORD_INCONSISTENT')
    ? failures.columnCount({ file, line })
    : failures.notCsv({ file, line })
}
