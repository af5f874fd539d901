/**
 * Caption files and split files, as text in and entries out; nothing here touches the disk. Three caption
 * formats:
 *   csv    a header line with a column for the clip and one for the caption, in any order, among others
 *   jsonl  one object a line: {"video": "a", "caption": "..."} or {"video": "a", "captions": ["...", "..."]}
 *   tsv    `id<TAB>caption` lines, with or without a header
 * The clip may be called by any name in CLIP_COLUMNS. Every error names the file and the line.
 */
import { createHash } from 'node:crypto'
import { CsvError, parse as parseCsv } from 'csv-parse/sync'
import * as z from 'zod'
import { VitrineError } from '#contract'
import type { CaptionFormat, Split } from '#contract'

const CLIP_COLUMNS = ['video', 'clip', 'id', 'name', 'video_id', 'videoid', 'clip_id', 'file', 'filename']
const CAPTION_COLUMNS = ['caption', 'captions', 'sentence', 'description', 'text']
const REMEDY =
  'Accepted are CSV with columns video and caption, JSON lines {"video", "caption"}, and id<TAB>caption lines.'

/**
 * One caption: `clip` as the file calls it (a clip's name with or without extension), and the line it stands
 * on.
 */
export interface CaptionEntry {
  clip: string
  caption: string
  line: number
}

/**
 * The captions of a file in its order; white space is collapsed. `file` is what errors call it, and its
 * extension helps `auto` to tell the format. Throws VitrineError BAD_INPUT for an empty file and for the
 * first line that is wrong.
 */
export function parseCaptions(text: string, file: string, format: CaptionFormat = 'auto'): CaptionEntry[] {
  const body = text.replace(/^\uFEFF/, '')
  const kind = format === 'auto' ? detectFormat(body, file) : format
  const entries =
    kind === 'csv'
      ? csvEntries(body, file)
      : kind === 'jsonl'
        ? jsonEntries(body, file)
        : tabEntries(body, file)
  if (entries.length === 0) {
    throw new VitrineError('BAD_INPUT', `${file} holds no captions.`, REMEDY)
  }
  return entries.map((entry) => {
    const clip = entry.clip.trim()
    const caption = entry.caption.trim().replace(/\s+/g, ' ')
    if (clip === '') {
      throw badLine(file, entry.line, 'the clip has no name')
    }
    if (caption === '') {
      throw badLine(file, entry.line, `the caption of ${clip} is empty`)
    }
    return { clip, caption, line: entry.line }
  })
}

/**
 * The format by the first line that is not blank: an object is jsonl, a tab is tsv (unless the extension says
 * csv), else csv.
 */
export function detectFormat(text: string, file: string): Exclude<CaptionFormat, 'auto'> {
  const first = text.split('\n').find((line) => line.trim() !== '') ?? ''
  if (first.trimStart().startsWith('{')) {
    return 'jsonl'
  }
  if (file.toLowerCase().endsWith('.csv')) {
    return 'csv'
  }
  return first.includes('\t') || !first.includes(',') ? 'tsv' : 'csv'
}

/** Text of UTF-8 bytes. Throws BAD_INPUT naming the first line that is something else. */
export function decodeText(bytes: Uint8Array, file: string): string {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    return decoder.decode(bytes)
  } catch {
    const newline = 10
    for (let start = 0, line = 1; start <= bytes.length; line++) {
      const end = bytes.indexOf(newline, start)
      const stop = end === -1 ? bytes.length : end
      try {
        decoder.decode(bytes.subarray(start, stop))
      } catch {
        throw badLine(file, line, 'the text is not UTF-8', 'Save the file as UTF-8.')
      }
      start = stop + 1
    }
    throw new VitrineError('BAD_INPUT', `${file} is not UTF-8 text.`, 'Save the file as UTF-8.')
  }
}

const SPLIT_NAMES: Record<string, Split> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  dev: 'val',
  test: 'test',
  testing: 'test',
}

export interface SplitEntry {
  clip: string
  split: Split
  line: number
}

/**
 * The lines `id<TAB>split` of a split file. Throws BAD_INPUT at an unknown split, or a clip that is put in
 * two.
 */
export function parseSplits(text: string, file: string): SplitEntry[] {
  const seen = new Map<string, Split>()
  const entries: SplitEntry[] = []
  for (const { line, content } of lines(text.replace(/^\uFEFF/, ''))) {
    const [clip = '', name = ''] = content.split('\t').map((cell) => cell.trim())
    if (entries.length === 0 && name.toLowerCase() === 'split') {
      continue
    }
    const split = SPLIT_NAMES[name.toLowerCase()]
    if (clip === '' || split === undefined) {
      throw badLine(
        file,
        line,
        `"${shorten(content)}" is not id<TAB>split`,
        'The split is train, val or test.',
      )
    }
    const before = seen.get(clip)
    if (before === split) {
      continue
    }
    if (before !== undefined) {
      throw badLine(file, line, `${clip} is in ${split} here and in ${before} above`)
    }
    seen.set(clip, split)
    entries.push({ clip, split, line })
  }
  if (entries.length === 0) {
    throw new VitrineError('BAD_INPUT', `${file} holds no splits.`, 'Write lines id<TAB>split.')
  }
  return entries
}

/**
 * Deals clips to train, validation and test by `shares` (their sum is scaled to 1): the counts are exact
 * (largest remainder) and who goes where follows from a hash of the names alone, whatever their order. A
 * split with a share gets at least one clip where there are enough. Throws BAD_INPUT when shares are negative
 * or all zero.
 */
export function dealSplits(names: readonly string[], shares: readonly [number, number, number]): Split[] {
  const sum = shares[0] + shares[1] + shares[2]
  if (!shares.every((share) => share >= 0) || !(sum > 0) || !Number.isFinite(sum)) {
    throw new VitrineError(
      'BAD_INPUT',
      `The split shares ${shares.join(', ')} are not three shares.`,
      'Give train, validation and test shares, such as 0.6,0.1,0.3.',
    )
  }
  const counts = splitCounts(
    names.length,
    shares.map((share) => share / sum),
  )
  const key = (name: string) => createHash('sha256').update(name).digest('hex')
  const order = names
    .map((name, index) => ({ index, name, key: key(name) }))
    .sort((a, b) => compare(a.key, b.key) || compare(a.name, b.name))
  const splits = new Array<Split>(names.length)
  const [train = 0, val = 0] = counts
  order.forEach(({ index }, rank) => {
    splits[index] = rank < train ? 'train' : rank < train + val ? 'val' : 'test'
  })
  return splits
}

function splitCounts(total: number, shares: number[]): number[] {
  const counts = shares.map((share) => Math.floor(share * total))
  const byRemainder = shares
    .map((share, i) => ({ i, remainder: share * total - Math.floor(share * total) }))
    .sort((a, b) => b.remainder - a.remainder)
  let left = total - counts.reduce((a, b) => a + b, 0)
  for (const { i } of byRemainder) {
    if (left-- > 0) {
      counts[i] = (counts[i] ?? 0) + 1
    }
  }
  if (total >= shares.filter((share) => share > 0).length) {
    shares.forEach((share, i) => {
      if (share === 0 || counts[i] !== 0) {
        return
      }
      const largest = counts.indexOf(Math.max(...counts))
      counts[largest] = (counts[largest] ?? 0) - 1
      counts[i] = 1
    })
  }
  return counts
}

function csvEntries(text: string, file: string): CaptionEntry[] {
  const header = text.slice(0, text.search(/\r?\n|$/))
  const delimiter =
    !header.includes(',') && header.includes(';')
      ? ';'
      : !header.includes(',') && header.includes('\t')
        ? '\t'
        : ','
  const rows: z.infer<typeof csvRow>[] = []
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
    if (!(error instanceof CsvError)) {
      throw error
    }
    // A quote left open swallows the rest of the file: it was opened in the row after the last whole one.
    const unclosed = error.code === 'CSV_QUOTE_NOT_CLOSED'
    throw badLine(file, unclosed ? (rows.at(-1)?.info.lines ?? 0) + 1 : Number(error.lines), csvFault(error))
  }
  const [names, ...records] = rows
  if (names === undefined) {
    return []
  }
  const columns = headerColumns(names.record)
  if (columns === null) {
    throw badLine(
      file,
      names.info.lines,
      `the header names no clip and caption columns (it reads ${shorten(header)})`,
      REMEDY,
    )
  }
  return records.map(({ record, info }) => ({
    clip: record[columns.clip] ?? '',
    caption: record[columns.caption] ?? '',
    line: info.lines,
  }))
}

const csvRow = z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) })

function csvFault(error: CsvError): string {
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    return 'a quote is opened and never closed'
  }
  if (error.code.startsWith('CSV_RECORD_INCONSISTENT')) {
    return 'the row has another number of columns than the header'
  }
  return 'the row is not valid CSV; a cell that holds a quote or a comma must be quoted'
}

function headerColumns(cells: readonly string[]): { clip: number; caption: number } | null {
  const names = cells.map((cell) => cell.trim().toLowerCase())
  const find = (known: string[]) => names.indexOf(known.find((name) => names.includes(name)) ?? '\0')
  const clip = find(CLIP_COLUMNS)
  const caption = find(CAPTION_COLUMNS)
  return clip === -1 || caption === -1 || clip === caption ? null : { clip, caption }
}

function tabEntries(text: string, file: string): CaptionEntry[] {
  const entries: CaptionEntry[] = []
  let first = true
  for (const { line, content } of lines(text)) {
    const tab = content.indexOf('\t')
    if (tab === -1) {
      throw badLine(file, line, `"${shorten(content)}" has no tab between clip and caption`, REMEDY)
    }
    const cells = [content.slice(0, tab), content.slice(tab + 1)]
    const isHeader = first && headerColumns(cells)?.clip === 0
    first = false
    if (!isHeader) {
      entries.push({ clip: cells[0] ?? '', caption: cells[1] ?? '', line })
    }
  }
  return entries
}

function jsonEntries(text: string, file: string): CaptionEntry[] {
  const entries: CaptionEntry[] = []
  for (const { line, content } of lines(text)) {
    let value: unknown
    try {
      value = JSON.parse(content)
    } catch {
      throw badLine(file, line, 'the line is not valid JSON', REMEDY)
    }
    const object = jsonLine.safeParse(value)
    const clip = object.success
      ? CLIP_COLUMNS.map((name) => clipName.safeParse(object.data[name])).find((name) => name.success)?.data
      : undefined
    if (!object.success || clip === undefined) {
      throw badLine(file, line, 'the object names no clip ("video": "...")', REMEDY)
    }
    const captions = captionTexts.safeParse(object.data.captions ?? object.data.caption)
    if (!captions.success) {
      throw badLine(file, line, `the object of ${clip} holds no caption ("caption": "...")`, REMEDY)
    }
    for (const caption of [captions.data].flat()) {
      entries.push({ clip, caption, line })
    }
  }
  return entries
}

const jsonLine = z.record(z.string(), z.unknown())
const clipName = z.union([z.string(), z.number().transform(String)])
const captionTexts = z.union([z.string(), z.array(z.string()).min(1)])

/** The lines that are not blank, numbered from 1. */
function* lines(text: string): Generator<{ line: number; content: string }> {
  let line = 0
  for (const content of text.split('\n')) {
    line++
    if (content.trim() !== '') {
      yield { line, content: content.replace(/\r$/, '') }
    }
  }
}

/** The BAD_INPUT error of a line: `captions.csv line 17: ...`. */
export function badLine(
  file: string,
  line: number,
  what: string,
  remedy: string | null = null,
): VitrineError {
  return new VitrineError('BAD_INPUT', `${file} line ${line}: ${what}.`, remedy)
}

const shorten = (text: string) => (text.length > 60 ? `${text.slice(0, 57)}...` : text)
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
