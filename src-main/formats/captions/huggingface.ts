/**
 * `metadata.csv` or `metadata.jsonl` of a folder in Hugging Face's layout: `file_name` is the path beside the
 * file, and a folder called `train`, `validation` or `test` is the split.
 */
import { rolesOf } from './columns.ts'
import { csvRows, headerOf } from './delimited.ts'
import type { CaptionDocument, CaptionEntry, CaptionFormat, CaptionSource } from './format.ts'
import { entriesOf } from './records.ts'
import { tableEntries } from './table.ts'
import { objectLines, objectOf } from './values.ts'

const FILE_NAME = /^(?:\w+_)?file_name$/
const METADATA = /^metadata\.(?:csv|jsonl)$/i

export const huggingface: CaptionFormat = {
  name: 'huggingface',
  title: 'Hugging Face folder (metadata.csv, metadata.jsonl)',
  accepts: 'metadata.csv and metadata.jsonl with file_name and text',
  follows: 'FolderBasedBuilder of huggingface/datasets, and its guide to video datasets',
  extensions: [],
  counts: 'line',
  structure: 'json lines',
  recognises: isHuggingFace,
  parse,
}

/** Whether a file is called and built as such metadata. */
function isHuggingFace(document: CaptionDocument): boolean {
  return METADATA.test(document.file.replace(/^.*[/\\]/, '')) && fileNameKey(document) !== undefined
}

/** The column of file names; other columns may hold pictures of their own as well. */
function fileNameKey(document: CaptionDocument): string | undefined {
  const keys = isLines(document)
    ? Object.keys(objectOf(document.head[0]?.text ?? '') ?? {})
    : headerOf(document)
  return keys.find((key) => key === 'file_name') ?? keys.find((key) => FILE_NAME.test(key))
}

const isLines = ({ head: [first] }: CaptionDocument): boolean =>
  first?.text.trimStart().startsWith('{') === true

function parse(document: CaptionDocument, source: CaptionSource): CaptionEntry[] {
  const { file, text } = document
  const columns = { clip: fileNameKey(document), ...source.columns }
  if (!isLines(document)) {
    return tableEntries(csvRows(text, file), file, { ...source, columns })
  }
  return objectLines(document, source).flatMap(({ line, object }) =>
    entriesOf(rolesOf(object, columns), { file, counts: 'line', line }),
  )
}
