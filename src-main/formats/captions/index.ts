/**
 * Caption files, as text in and entries out; nothing here touches the disk. A new format is a file beside
 * csv.ts, and a line in the table.
 */
import type { VitrineError } from '../../common/failures.ts'
import { brokenLine } from '../text/json.ts'
import { linesOf, withoutByteOrderMark } from '../text/text-file.ts'
import { activitynet } from './activitynet.ts'
import { coco } from './coco.ts'
import { csv } from './csv.ts'
import { cvat } from './cvat.ts'
import { failures } from './failures.ts'
import { fiftyone } from './fiftyone.ts'
import { flickr } from './flickr.ts'
import type { CaptionDocument, CaptionEntry, CaptionFormat, ChosenColumns } from './format.ts'
import { huggingface } from './huggingface.ts'
import { idCaptions } from './id-captions.ts'
import { jsonList } from './json-list.ts'
import { jsonl } from './jsonl.ts'
import { karpathy } from './karpathy.ts'
import { labelStudio } from './label-studio.ts'
import { msrvtt } from './msrvtt.ts'
import { msvd } from './msvd.ts'
import { placeOf } from './records.ts'
import { srt } from './srt.ts'
import { tsv } from './tsv.ts'
import { vatex } from './vatex.ts'
import { webvtt } from './webvtt.ts'

export type { CaptionEntry, CaptionFormat, ChosenColumns } from './format.ts'

/**
 * From the plainest to the most particular: of the formats that recognise a file, the last one reads it, and
 * the first one reads text that none recognises.
 */
export const CAPTION_FORMATS: readonly [CaptionFormat, ...CaptionFormat[]] = [
  tsv,
  csv,
  flickr,
  msvd,
  idCaptions,
  jsonList,
  jsonl,
  huggingface,
  coco,
  karpathy,
  msrvtt,
  vatex,
  activitynet,
  labelStudio,
  fiftyone,
  cvat,
  srt,
  webvtt,
]

/** The format is told by the file. */
const AUTO = 'auto'

const BY_NAME = CAPTION_FORMATS.toSorted((a, b) => (a.name < b.name ? -1 : 1))

/** What a request's format may be. */
export const CAPTION_FORMAT_NAMES: readonly string[] = [AUTO, ...BY_NAME.map(({ name }) => name)]

/** What a file of captions may end in. */
export const CAPTION_EXTENSIONS: ReadonlySet<string> = new Set(
  BY_NAME.flatMap(({ extensions }) => extensions),
)

const ACCEPTED = new Intl.ListFormat('en', { type: 'conjunction' }).format(
  BY_NAME.map(({ accepts }) => accepts),
)

/** How a file is to be read. */
export interface ReadingChoice {
  /** A format's name, or `auto`. */
  format?: string
  columns?: ChosenColumns
  /** Captions may be empty, as those of a system that says nothing. */
  allowEmpty?: boolean
}

export interface CaptionText {
  format: CaptionFormat
  /** In the file's order; white space of captions is collapsed. */
  entries: CaptionEntry[]
}

/**
 * The captions of a text. `file` is what errors call it, and its name helps `auto` to tell the format. Throws
 * BAD_INPUT for an unknown format, an empty file, and the first place that is wrong.
 */
export function parseCaptionText(
  content: string,
  file: string,
  { format: name = AUTO, columns = {}, allowEmpty = false }: ReadingChoice = {},
): CaptionText {
  const document = documentOf(withoutByteOrderMark(content), file)
  const source = { accepted: ACCEPTED, columns }
  const format = name === AUTO ? recognisedFormat(document, columns) : chosenFormat(name, document)
  const entries = format.parse(document, source)
  if (entries.length === 0) {
    throw failures.noCaptions({ file, ...source })
  }
  for (const entry of entries) {
    tidy(entry, { file, format, allowEmpty })
  }
  return { format, entries }
}

/** Where an entry stands, in words: `line 3`, `sentence 12`. */
const entryPlace = ({ counts }: CaptionFormat, { line }: Pick<CaptionEntry, 'line'>): string =>
  placeOf({ counts, line })

/** What people call a format. */
export const captionFormatTitle = (name: string): string => namedFormat(name).title

/** Throws BAD_INPUT for a name that is neither `auto` nor a format's. */
export function checkCaptionFormat(name: string): void {
  if (name !== AUTO) {
    namedFormat(name)
  }
}

/** Lines that are enough to tell a format by. */
const HEAD_LINES = 20

function documentOf(text: string, file: string): CaptionDocument {
  const head = []
  for (const line of linesOf(text)) {
    head.push(line)
    if (head.length === HEAD_LINES) {
      break
    }
  }
  return { file, text, head, json: jsonOf(text) }
}

/** What begins a value of JSON and hardly anything else. */
const JSON_START = /^\s*(?:\{\s*["}]|\[\s*[{["\]])/

/** The value of a text that is JSON as a whole; undefined: it is not. */
function jsonOf(text: string): unknown {
  if (!JSON_START.test(text)) {
    return undefined
  }
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Formats in which columns can be chosen: the others have their own words. */
const WITH_COLUMNS: readonly CaptionFormat[] = [tsv, csv, jsonList, jsonl, huggingface]

function recognisedFormat(document: CaptionDocument, columns: ChosenColumns): CaptionFormat {
  const formats = Object.keys(columns).length > 0 ? WITH_COLUMNS : CAPTION_FORMATS
  const format = formats.findLast(({ recognises }) => recognises(document)) ?? tsv
  if (format.structure === 'text' && JSON_START.test(document.text)) {
    throw jsonFailure(document)
  }
  return format
}

/** Where JSON is broken; or that it is of no kind that is known. */
function jsonFailure({ json, text, file }: CaptionDocument): VitrineError {
  if (json !== undefined) {
    return failures.unrecognised({ file, accepted: ACCEPTED })
  }
  return failures.jsonBroken({ file, line: brokenLine(text), accepted: ACCEPTED })
}

/** Throws BAD_INPUT for a name that there is none of, and for a file that this format can't be. */
function chosenFormat(name: string, document: CaptionDocument): CaptionFormat {
  const format = namedFormat(name)
  if (format.structure !== 'json' || format.recognises(document)) {
    return format
  }
  throw document.json === undefined && JSON_START.test(document.text)
    ? jsonFailure(document)
    : failures.notThisFormat({ file: document.file, format: name })
}

function namedFormat(name: string): CaptionFormat {
  const format = CAPTION_FORMATS.find((candidate) => candidate.name === name)
  if (format === undefined) {
    throw failures.formatUnknown({ format: name, formats: CAPTION_FORMAT_NAMES.join(', ') })
  }
  return format
}

/** What is to be one space: characters that control a terminal, too. */
const SPACES = /[^\S ]|\s\s|\p{Cc}/u

/** Takes away space that means nothing, and what is no letter. Throws BAD_INPUT where nothing is left. */
function tidy(
  entry: CaptionEntry,
  { file, format, allowEmpty }: { file: string; format: CaptionFormat; allowEmpty: boolean },
): void {
  // Halves of letters, which JSON can write, have no form in a file.
  entry.clip = entry.clip.toWellFormed().trim()
  const caption = entry.caption.toWellFormed().trim()
  entry.caption = SPACES.test(caption) ? caption.replace(/[\s\p{Cc}]+/gu, ' ').trim() : caption
  if (entry.clip === '') {
    throw failures.clipUnnamed({ file, place: entryPlace(format, entry) })
  }
  if (entry.caption === '' && !allowEmpty) {
    throw failures.captionEmpty({ file, place: entryPlace(format, entry), clip: entry.clip })
  }
}
