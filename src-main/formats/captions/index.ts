/**
 * Caption files, as text in and entries out; nothing here touches the disk. A new format is a file beside
 * csv.ts, jsonl.ts and tsv.ts, and a line in the table.
 */
import { withoutByteOrderMark } from '../text/text-file.ts'
import { csv } from './csv.ts'
import { failures } from './failures.ts'
import type { CaptionEntry, CaptionFormat } from './format.ts'
import { jsonl } from './jsonl.ts'
import { tsv } from './tsv.ts'

export type { CaptionEntry, CaptionFormat } from './format.ts'

/**
 * From the plainest to the most particular: of the formats that recognise a file, the last one reads it, and
 * the first one reads what none recognises.
 */
export const CAPTION_FORMATS: readonly [CaptionFormat, ...CaptionFormat[]] = [tsv, csv, jsonl]

/** The format is told by the file. */
const AUTO = 'auto'

const BY_NAME = CAPTION_FORMATS.toSorted((a, b) => (a.name < b.name ? -1 : 1))

/** What a request's format may be. */
export const CAPTION_FORMAT_NAMES: readonly string[] = [AUTO, ...BY_NAME.map(({ name }) => name)]

/** What a file of captions may end in. */
export const CAPTION_EXTENSIONS: ReadonlySet<string> = new Set(
  BY_NAME.flatMap(({ extensions }) => extensions),
)

/** What a file of captions may be, in few words. */
export const CAPTION_FORMATS_IN_BRIEF = new Intl.ListFormat('en', { type: 'disjunction' }).format(
  BY_NAME.map(({ brief }) => brief),
)

const ACCEPTED = new Intl.ListFormat('en', { type: 'conjunction' }).format(
  BY_NAME.map(({ accepts }) => accepts),
)

/**
 * The captions of a file in its order; white space is collapsed. `file` is what errors call it, and its
 * extension helps `auto` to tell the format. Throws BAD_INPUT for an unknown format, an empty file, and the
 * first line that is wrong.
 */
export function parseCaptions(content: string, file: string, format: string = AUTO): CaptionEntry[] {
  const text = withoutByteOrderMark(content)
  const source = { file, accepted: ACCEPTED }
  const { parse } = format === AUTO ? recognisedFormat(text, file) : namedFormat(format)
  const entries = parse(text, source)
  if (entries.length === 0) {
    throw failures.noCaptions(source)
  }
  return entries.map((entry) => tidy(entry, file))
}

/** Throws BAD_INPUT for a name that is neither `auto` nor a format's. */
export function checkCaptionFormat(name: string): void {
  if (name !== AUTO) {
    namedFormat(name)
  }
}

function recognisedFormat(text: string, file: string): CaptionFormat {
  const firstLine = text.split('\n').find((line) => line.trim() !== '') ?? ''
  return CAPTION_FORMATS.findLast(({ recognises }) => recognises(firstLine, file)) ?? CAPTION_FORMATS[0]
}

function namedFormat(name: string): CaptionFormat {
  const format = CAPTION_FORMATS.find((candidate) => candidate.name === name)
  if (format === undefined) {
    throw failures.formatUnknown({ format: name, formats: CAPTION_FORMAT_NAMES.join(', ') })
  }
  return format
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
