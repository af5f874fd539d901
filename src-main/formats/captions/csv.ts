/** A header line with a column for the clip and one for the caption, in any order, among others. */
import { csvRows } from './delimited.ts'
import type { CaptionFormat } from './format.ts'
import { tableEntries } from './table.ts'
import type { TableRow } from './table.ts'
import { isGuarded } from '../text/csv.ts'

export const csv: CaptionFormat = {
  name: 'csv',
  title: 'CSV with a header',
  accepts: 'CSV with columns video and caption',
  follows: 'RFC 4180, and the tables on Kaggle of Flickr8k (captions.txt) and Flickr30k (results.csv)',
  extensions: ['.csv'],
  counts: 'line',
  structure: 'text',
  recognises: ({ file, head: [first] }) => {
    const line = first?.text ?? ''
    return file.toLowerCase().endsWith('.csv') || (/[,|]/.test(line) && !line.includes('\t'))
  },
  parse: ({ file, text }, source) => tableEntries(csvRows(text, file).map(withoutApostrophes), file, source),
}

/** An export puts an apostrophe before what a spreadsheet would take for a formula (text/csv.ts). */
const withoutApostrophes = ({ cells, line }: TableRow): TableRow => ({
  cells: cells.map((cell) => (isGuarded(cell) ? cell.slice(1) : cell)),
  line,
})
