/** A header line with a column for the clip and one for the caption, in any order, among others. */
import { CsvError, parse as parseCsv } from 'csv-parse/sync'
import * as z from 'zod'
import { defineFailures } from '../../common/failures.ts'
import type { VitrineError } from '../../common/failures.ts'
import { shorten } from '../text/text-file.ts'
import { headerColumns } from './format.ts'
import type { CaptionEntry, CaptionFormat, CaptionSource } from './format.ts'

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
  columnsUnknown: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: the header names no clip and caption columns (it reads {header}).',
    remedy: 'Accepted are {accepted}.',
  },
})

interface CsvRow {
  cells: string[]
  line: number
}

const csvRow = z
  .object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) })
  .transform(({ record, info: { lines } }): CsvRow => ({ cells: record, line: lines }))

export const csv: CaptionFormat = {
  name: 'csv',
  title: 'CSV with a header',
  brief: 'CSV',
  accepts: 'CSV with columns video and caption',
  extensions: ['.csv'],
  recognises: (firstLine, file) =>
    file.toLowerCase().endsWith('.csv') || (firstLine.includes(',') && !firstLine.includes('\t')),
  parse,
}

function parse(text: string, { file, accepted }: CaptionSource): CaptionEntry[] {
  const header = text.slice(0, text.search(/\r?\n|$/))
  const [names, ...rows] = csvRows(text, delimiterOf(header), file)
  if (names === undefined) {
    return []
  }
  const columns = headerColumns(names.cells)
  if (columns === null) {
    throw failures.columnsUnknown({ file, line: names.line, header: shorten(header), accepted })
  }
  return rows.map(({ cells, line }) => ({
    clip: cells[columns.clip] ?? '',
    caption: cells[columns.caption] ?? '',
    line,
  }))
}

function delimiterOf(header: string): string {
  if (header.includes(',')) {
    return ','
  }
  if (header.includes(';')) {
    return ';'
  }
  return header.includes('\t') ? '\t' : ','
}

function csvRows(text: string, delimiter: string, file: string): CsvRow[] {
  const rows: CsvRow[] = []
  try {
    parseCsv(text, {
      delimiter,
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

function csvFailure(error: CsvError, file: string, rows: readonly CsvRow[]): VitrineError {
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    // An open quote swallows the rest of the file: it was opened in the row after the last whole one.
    return failures.quoteOpen({ file, line: (rows.at(-1)?.line ?? 0) + 1 })
  }
  const line = Number(error.lines)
  return error.code.startsWith('CSV_RECORD_INCONSISTENT')
    ? failures.columnCount({ file, line })
    : failures.notCsv({ file, line })
}
