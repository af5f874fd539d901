/** Captions of a row or an object whose columns are known: what all tables and lists of objects come to. */
import { captionsOf } from './cells.ts'
import { failures } from './failures.ts'
import type { CaptionEntry, ColumnRole } from './format.ts'
import { languageOf } from './languages.ts'

/** Where a record stands. */
export interface RecordPlace {
  file: string
  /** What is counted: `line`, `sentence`. */
  counts: string
  line: number
}

export const placeOf = ({ counts, line }: Pick<RecordPlace, 'counts' | 'line'>): string => `${counts} ${line}`

/** What stands in each role. */
export type RecordValues = Partial<Record<ColumnRole, unknown>>

/**
 * The captions of a record. Throws BAD_INPUT for a caption that
 * is missing or code, and for times that are none.
 */
export function entriesOf(values: RecordValues, at: RecordPlace): CaptionEntry[] {
  const clip = wordOf(values.clip)
  const { file, line } = at
  const place = placeOf(at)
  if (clip === undefined) {
    throw failures.clipUnnamed({ file, place })
  }
  const facts = {
    ...factsOf(values),
    ...boundsOf(values.start, values.end, { file, place, clip }),
  }
  return captionsOf(values.caption, { file, place, clip }).map((caption) => ({
    clip,
    caption,
    line,
    ...facts,
  }))
}

function factsOf(values: RecordValues): Partial<CaptionEntry> {
  const facts: Partial<CaptionEntry> = {}
  for (const role of ['author', 'source', 'split', 'category', 'score'] as const) {
    const word = wordOf(values[role])
    if (word !== undefined) {
      facts[role] = word
    }
  }
  const language = wordOf(values.language)
  if (language !== undefined) {
    facts.language = languageOf(language)
  }
  return facts
}

/** What an object says of how its one caption came about, which formats of others pass over. */
export const captionFacts = ({
  language,
  author,
  source,
}: Readonly<Record<string, unknown>>): RecordValues => ({ language, author, source })

/** A string or number as text; undefined: there is none, or it is something else. */
export function wordOf(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) {
    return String(value)
  }
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

/** The part of a clip, in seconds; without times there is none. Throws BAD_INPUT. */
function boundsOf(
  start: unknown,
  end: unknown,
  at: { file: string; place: string; clip: string },
): { start?: number; end?: number } {
  const [from, to] = [wordOf(start), wordOf(end)]
  if (from === undefined && to === undefined) {
    return {}
  }
  // A part without its end is a part all the same.
  const first = from === undefined ? 0 : secondsOf(from, at)
  const bounds = { start: first, end: to === undefined ? first : secondsOf(to, at) }
  if (bounds.end < bounds.start) {
    throw failures.boundsTurned({ ...at, ...bounds })
  }
  return bounds
}

/** `12.5`, `1:02.5`, `00:01:02,500`. */
function secondsOf(text: string, { file, place }: { file: string; place: string }): number {
  const parts = text.replace(',', '.').split(':').map(Number)
  const seconds = parts.reduce((sum, part) => sum * 60 + part, 0)
  if (parts.length > 3 || !(seconds >= 0) || !Number.isFinite(seconds)) {
    throw failures.timeUnreadable({ file, place, text })
  }
  return seconds
}
