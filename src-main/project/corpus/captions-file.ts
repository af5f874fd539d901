/**
 * Caption files, as text in and entries out; nothing here touches the disk. Three formats:
 *   csv    a header line with a column for the clip and one for the caption, in any order, among others
 *   jsonl  one object a line: {"video": "a", "caption": "..."} or {"video": "a", "captions": ["...", "..."]}
 *   tsv    `id<TAB>caption` lines, with or without a header
 * The clip may be called by any name in CLIP_COLUMNS. Every error names the file and the line.
 */
import { CsvError, parse as parseCsv } from 'csv-parse/sync'
import * as z from 'zod'
import type { CaptionFormat } from '#contract'
import type { VitrineError } from '../../common/failures.ts'
import { failures } from './failures.ts'
import { linesOf, shorten, withoutByteOrderMark } from './text-file.ts'

/** What a file of captions may be called. */
export const CAPTION_EXTENSIONS: ReadonlySet<string> = new Set(['.csv', '.tsv', '.txt', '.jsonl', '.ndjson'])

const CLIP_COLUMNS = ['video', 'clip', 'id', 'name', 'video_id', 'videoid', 'clip_id', 'file', 'filename']
const CAPTION_COLUMNS = ['caption', 'captions', 'sentence', 'description', 'text']

/**
 * One caption: `clip` as the file calls it (a clip's name with or without extension), and the line it stands
 * on.
 */
export interface CaptionEntry {
  clip: string
  caption: string
  line: number
}

type KnownFormat = Exclude<CaptionFormat, 'auto'>

/** Text and file name in, captions out. */
const PARSERS: Record<KnownFormat, (text: string, file: string) => CaptionEntry[]> = {
  csv: parseCsvEntries,
  jsonl: parseJsonEntries,
  tsv: parseTabEntries,
}

/**
 * The captions of a file in its order; white space is collapsed. `file` is what errors call it, and its
 * extension helps `auto` to tell the format. Throws BAD_INPUT for an empty file and for the first line that is
 * wrong.
 */
export function parseCaptions(text: string, file: string, format: CaptionFormat = 'auto'): CaptionEntry[] {
  const body = withoutByteOrderMark(text)
  const parse = PARSERS[format === 'auto' ? detectFormat(body, file) : format]
  const entries = parse(body, file)
  if (entries.length === 0) {
    throw failures.noCaptionsInFile({ file })
  }
  return entries.map((entry) => tidy(entry, file))
}

/**
 * The format by the first line that is not blank: an object is jsonl, a tab is tsv (unless the extension says
 * csv), else csv.
 */
function detectFormat(text: string, file: string): KnownFormat {
  const first = text.split('\n').find((line) => line.trim() !== '') ?? ''
  if (first.trimStart().startsWith('{')) {
    return 'jsonl'
  }
  if (file.toLowerCase().endsWith('.csv')) {
    return 'csv'
  }
  return first.includes('\t') || !first.includes(',') ? 'tsv' : 'csv'
}

function tidy({ line, ...entry }: CaptionEntry, file: string): CaptionEntry {
  const clip = entry.clip.trim()
  const caption = entry.caption.trim().replace(/\s+/g, ' ')
  if (clip === '') {
    throw failures.clipUnnamed({ file, line })
  }
  if (caption === '') {
    throw failures.captionEmpty({ file, line, clip })
  }
  return { clip, caption, line }
}

interface CsvRow {
  cells: string[]
  line: number
}

const csvRow = z
  .object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) })
  .transform(({ record, info: { lines } }): CsvRow => ({ cells: record, line: lines }))

function parseCsvEntries(text: string, file: string): CaptionEntry[] {
  const header = text.slice(0, text.search(/\r?\n|$/))
  const [names, ...rows] = csvRows(text, delimiterOf(header), file)
  if (names === undefined) {
    return []
  }
  const columns = headerColumns(names.cells)
  if (columns === null) {
    throw failures.columnsUnknown({ file, line: names.line, header: shorten(header) })
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

function headerColumns(cells: readonly string[]): { clip: number; caption: number } | null {
  const names = cells.map((cell) => cell.trim().toLowerCase())
  const find = (known: readonly string[]) => names.indexOf(known.find((name) => names.includes(name)) ?? '\0')
  const clip = find(CLIP_COLUMNS)
  const caption = find(CAPTION_COLUMNS)
  return clip === -1 || caption === -1 || clip === caption ? null : { clip, caption }
}

function parseTabEntries(content: string, file: string): CaptionEntry[] {
  const entries: CaptionEntry[] = []
  let isFirst = true
  for (const { line, text } of linesOf(content)) {
    const tab = text.indexOf('\t')
    if (tab === -1) {
      throw failures.noTab({ file, line, text: shorten(text) })
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

const jsonLine = z.record(z.string(), z.unknown())
const clipName = z.union([z.string(), z.number().transform(String)])
const captionTexts = z.union([z.string(), z.array(z.string()).min(1)])

function parseJsonEntries(content: string, file: string): CaptionEntry[] {
  return [...linesOf(content)].flatMap(({ line, text }) => {
    const { clip, captions } = parseJsonLine(text, { file, line })
    return captions.map((caption) => ({ clip, caption, line }))
  })
}

function parseJsonLine(
  text: string,
  at: { file: string; line: number },
): { clip: string; captions: string[] } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw failures.notJson(at)
  }
  const object = jsonLine.safeParse(value).data ?? {}
  const clip = CLIP_COLUMNS.map((name) => clipName.safeParse(object[name]).data).find(
    (name) => name !== undefined,
  )
  if (clip === undefined) {
    throw failures.noClipInObject(at)
  }
  const captions = captionTexts.safeParse(object['captions'] ?? object['caption'])
  if (!captions.success) {
    throw failures.noCaptionInObject({ ...at, clip })
  }
  return { clip, captions: [captions.data].flat() }
}
