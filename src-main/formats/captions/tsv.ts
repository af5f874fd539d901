/**
 * `id<TAB>caption` lines, with or without a header; with one that names them, among other columns. A tab in a
 * caption that ends the line is a space; but without a header a first line of three cells leaves open which is which.
 */
import { defineFailures } from '../../common/failures.ts'
import { linesOf, shorten } from '../text/text-file.ts'
import { headerPlaces } from './columns.ts'
import type { CaptionDocument, CaptionEntry, CaptionFormat, CaptionSource } from './format.ts'
import { isSentence } from './cells.ts'
import { entriesOf } from './records.ts'
import { tableEntries } from './table.ts'

const failures = defineFailures('captions.tsv', {
  noTab: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: "{text}" has no tab between clip and caption.',
    remedy: 'Accepted are {accepted}.',
  },
  severalColumns: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: there are {cells} columns, and no header says which hold clip and caption.',
    remedy: 'Choose them by number (--columns clip=1,caption=2), or write a header.',
  },
})

export const tsv: CaptionFormat = {
  name: 'tsv',
  title: 'TSV: id, tab, caption',
  accepts: 'id<TAB>caption lines',
  follows: "the text form of MSVD's captions that S2VT and others train on (sents_train_lc_nopunc.txt)",
  extensions: ['.tsv', '.txt'],
  counts: 'line',
  structure: 'text',
  recognises: ({ head: [first] }) => first?.text.includes('\t') === true,
  parse,
}

function parse({ file, text, head }: CaptionDocument, source: CaptionSource): CaptionEntry[] {
  const header = head[0]?.text.split('\t') ?? []
  if (headerPlaces(header) !== null || Object.keys(source.columns).length > 0) {
    const rows = Array.from(linesOf(text), ({ line, text: content }) => ({
      line,
      cells: cellsOf(content, { file, line, source }),
    }))
    return tableEntries(rows, file, source)
  }
  if (header.length > 2) {
    throw failures.severalColumns({ file, line: head[0]!.line, cells: header.length })
  }
  const entries: CaptionEntry[] = []
  for (const { line, text: content } of linesOf(text)) {
    const [clip = '', ...rest] = cellsOf(content, { file, line, source })
    const caption = rest.join(' ')
    if (clip !== '' && isSentence(caption)) {
      entries.push({ clip, caption, line })
    } else {
      entries.push(...entriesOf({ clip, caption }, { file, counts: 'line', line }))
    }
  }
  return entries
}

function cellsOf(
  text: string,
  { file, line, source: { accepted } }: { file: string; line: number; source: CaptionSource },
): string[] {
  const cells = text.split('\t')
  if (cells.length === 1) {
    throw failures.noTab({ file, line, text: shorten(text), accepted })
  }
  return cells
}
