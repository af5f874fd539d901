/** `id<TAB>caption` lines, with or without a header. */
import { defineFailures } from '../../common/failures.ts'
import { linesOf, shorten } from '../text/text-file.ts'
import { headerColumns } from './format.ts'
import type { CaptionEntry, CaptionFormat, CaptionSource } from './format.ts'

const failures = defineFailures('captions.tsv', {
  noTab: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: "{text}" has no tab between clip and caption.',
    remedy: 'Accepted are {accepted}.',
  },
})

export const tsv: CaptionFormat = {
  name: 'tsv',
  title: 'TSV: id, tab, caption',
  brief: 'id<TAB>caption',
  accepts: 'id<TAB>caption lines',
  extensions: ['.tsv', '.txt'],
  recognises: (firstLine) => firstLine.includes('\t'),
  parse,
}

function parse(content: string, { file, accepted }: CaptionSource): CaptionEntry[] {
  const entries: CaptionEntry[] = []
  let isFirst = true
  for (const { line, text } of linesOf(content)) {
    const tab = text.indexOf('\t')
    if (tab === -1) {
      throw failures.noTab({ file, line, text: shorten(text), accepted })
    }
    const [clip, caption] = [text.slice(0, tab), text.slice(tab + 1)]
    const isHeader = isFirst && headerColumns([clip, caption])?.clip === 0
    isFirst = false
    if (!isHeader) {
      entries.push({ clip, caption, line })
    }
  }
  return entries
}
