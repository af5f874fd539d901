/**
 * What people said of clips, as files: CSV and JSON lines with the same fields. Each line is one thing that one person said:
 * a verdict on a caption that a model generated, a note, a tag, a caption that they typed or edited, whether a topic is in a
 * clip, how a model is to be corrected on it, or what one of its neurons stands for.
 */
import { Readable } from 'node:stream'
import { CsvError, parse as parseCsv } from 'csv-parse'
import * as z from 'zod'
import type { Breathe } from '../common/breather.ts'
import { defineFailures } from '../common/failures.ts'
import { csv, isGuarded } from './text/csv.ts'

const failures = defineFailures('annotations', {
  notCsv: {
    code: 'BAD_INPUT',
    message: '{file} line {line} is not a row of CSV with as many cells as the first line.',
    remedy: 'Take a file that Vitrine exported as annotations.',
  },
  columnMissing: {
    code: 'BAD_INPUT',
    message: '{file} has no column "{column}".',
    remedy:
      'Take a file that Vitrine exported as annotations: kind, video, text, verdict, before, model, who, at, topics, note, neuron, parameters.',
  },
  notJson: {
    code: 'BAD_INPUT',
    message: '{file} line {line} is not a JSON object.',
    remedy: 'Take a file that Vitrine exported as annotations.',
  },
  lineUnfit: { code: 'BAD_INPUT', message: '{file} line {line}: {reason}.' },
})

/** Captions of files have whatever length they have. */
const LONGEST_CAPTION = 100_000

const common = {
  /** The name of the clip. */
  video: z.string().min(1).max(4096),
  /** Whose it is. */
  who: z.string().trim().min(1).max(80),
  /** ISO 8601 in UTC; null: not known. */
  at: z.iso.datetime().nullable().default(null),
}

export const annotation = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('verdict'),
    ...common,
    /** The caption that was judged. */
    text: z.string().max(LONGEST_CAPTION),
    verdict: z.enum(['right', 'nearly', 'wrong', 'skip']),
    /** The model that said it where it was judged; null: not known. */
    model: z.number().int().nullable().default(null),
  }),
  z.object({ kind: z.literal('note'), ...common, text: z.string().trim().min(1).max(2000) }),
  z.object({ kind: z.literal('tag'), ...common, text: z.string().trim().min(1).max(50) }),
  z.object({
    kind: z.literal('caption'),
    ...common,
    text: z.string().trim().min(1).max(LONGEST_CAPTION),
    /** What it was imported as before it was edited; null: it was typed. */
    before: z.string().max(LONGEST_CAPTION).nullable().default(null),
  }),
  z.object({
    kind: z.literal('topic'),
    ...common,
    /** What the topic is called. */
    text: z.string().trim().min(1).max(2000),
    /** Whether the clip bears it. */
    verdict: z.enum(['bears', 'lacks']),
  }),
  z.object({
    kind: z.literal('correction'),
    ...common,
    /** What is to be said of the clip, as typed or as moved topics have it. */
    text: z.string().max(LONGEST_CAPTION),
    /** What the model said. */
    before: z.string().max(LONGEST_CAPTION).default(''),
    /** Names of topics, each with how far its neurons are moved (`movedTopic` of the contract); none: it was typed. */
    topics: z
      .array(z.tuple([z.string().trim().min(1).max(2000), z.number().min(-1).max(2)]))
      .max(1000)
      .default([]),
    note: z.string().max(2000).default(''),
  }),
  z.object({
    kind: z.literal('neuron'),
    ...common,
    /** It is of no clip. */
    video: z.literal('').default(''),
    /** The SHA-256 of its model's parameters: wherever they are the same, it is the same neuron. */
    parameters: z.string().regex(/^[0-9a-f]{64}$/),
    neuron: z.number().int().min(0),
    verdict: z.enum(['agree', 'disagree']).nullable().default(null),
    /** What it stands for, in a word of one's own; empty: none. */
    text: z.string().max(80),
    note: z.string().max(2000).default(''),
  }),
])
export type Annotation = z.infer<typeof annotation>
export type AnnotationLine = Annotation & { line: number }

const COLUMNS = [
  'kind',
  'video',
  'text',
  'verdict',
  'before',
  'model',
  'who',
  'at',
  'topics',
  'note',
  'neuron',
  'parameters',
] as const
type Column = (typeof COLUMNS)[number]

type Field = string | number | readonly (readonly [string, number])[] | null

/** What an annotation says in a column; of nothing null. */
function fieldOf(one: Annotation, column: Column): Field {
  const field = (one as Partial<Record<Column, Field>>)[column] ?? null
  return Array.isArray(field) && field.length === 0 ? null : field
}

/** A list is JSON in a cell. */
const cellOf = (field: Field): string | number | null =>
  typeof field === 'object' && field !== null ? JSON.stringify(field) : field

export const annotationsAsCsv = (annotations: Iterable<Annotation>): Generator<string> =>
  csv(COLUMNS, rowsOf(annotations))

function* rowsOf(annotations: Iterable<Annotation>): Generator<(string | number | null)[]> {
  for (const one of annotations) {
    yield COLUMNS.map((column) => cellOf(fieldOf(one, column)))
  }
}

export function* annotationsAsJsonLines(annotations: Iterable<Annotation>): Generator<string> {
  for (const one of annotations) {
    // What is not known is left out.
    const known = COLUMNS.flatMap((column) => {
      const value = fieldOf(one, column)
      return value === null ? [] : [[column, value] as const]
    })
    yield `${JSON.stringify(Object.fromEntries(known))}\n`
  }
}

/**
 * The annotations of a text, CSV or JSON lines as it looks, each with its line; others have their turn meanwhile. Throws
 * BAD_INPUT naming the line.
 */
export async function parseAnnotations(
  text: string,
  file: string,
  breathe: Breathe,
): Promise<AnnotationLine[]> {
  const lines = text.trimStart().startsWith('{') ? fromJsonLines(text, file) : fromCsv(text, file)
  const annotations: AnnotationLine[] = []
  for await (const line of lines) {
    annotations.push(line)
    await breathe()
  }
  return annotations
}

function* fromJsonLines(text: string, file: string): Generator<AnnotationLine> {
  for (const [i, content] of text.split('\n').entries()) {
    const line = i + 1
    if (content.trim() !== '') {
      yield checked(jsonObject(content, file, line), file, line)
    }
  }
}

function jsonObject(content: string, file: string, line: number): unknown {
  try {
    return JSON.parse(content)
  } catch {
    throw failures.notJson({ file, line })
  }
}

const csvRow = z.object({ record: z.array(z.string()), info: z.object({ lines: z.number().int() }) })
type CsvRow = z.infer<typeof csvRow>

async function* fromCsv(text: string, file: string): AsyncGenerator<AnnotationLine> {
  let places: number[] | null = null
  for await (const {
    record,
    info: { lines: line },
  } of csvRows(text, file)) {
    if (places === null) {
      places = placesOf(record, file)
    } else {
      yield checked(annotationOf(record, places), file, line)
    }
  }
  // A file without a first line lacks its columns, too.
  if (places === null) {
    placesOf([], file)
  }
}

/** Where each column stands, -1: nowhere. Throws BAD_INPUT. */
function placesOf(header: readonly string[], file: string): number[] {
  const places = COLUMNS.map((column) => header.indexOf(column))
  const missing = COLUMNS.find((column, i) => NEEDED.includes(column) && places[i] === -1)
  if (missing !== undefined) {
    throw failures.columnMissing({ file, column: missing })
  }
  return places
}

function annotationOf(record: readonly string[], places: readonly number[]): unknown {
  const cells = COLUMNS.map(
    (column, i) => [column, cellValue(column, record[places[i] ?? -1] ?? '')] as const,
  )
  return Object.fromEntries(cells.filter(([, value]) => value !== null))
}

const NEEDED: readonly Column[] = ['kind', 'video', 'text', 'who']

/** Empty cells say nothing, but for a judged caption, which may be empty. */
function cellValue(column: Column, cell: string): unknown {
  if (cell === '') {
    return column === 'text' ? '' : null
  }
  switch (column) {
    case 'model':
    case 'neuron':
      return Number(cell)
    case 'topics':
      return parsedCell(cell)
    default:
      return withoutApostrophe(cell)
  }
}

/** A list of JSON; what is none is refused with its line. */
function parsedCell(cell: string): unknown {
  try {
    return JSON.parse(cell)
  } catch {
    return cell
  }
}

/** An export puts an apostrophe before what a spreadsheet would take for a formula (text/csv.ts). */
const withoutApostrophe = (cell: string): string => (isGuarded(cell) ? cell.slice(1) : cell)

async function* csvRows(text: string, file: string): AsyncGenerator<CsvRow> {
  const rows = Readable.from([text]).pipe(parseCsv({ info: true, skip_empty_lines: true, bom: true }))
  try {
    for await (const row of rows) {
      yield csvRow.parse(row)
    }
  } catch (error) {
    if (error instanceof CsvError) {
      throw failures.notCsv({ file, line: Number(error.lines) }, { cause: error })
    }
    throw error
  }
}

function checked(value: unknown, file: string, line: number): AnnotationLine {
  const { success, data, error } = annotation.safeParse(value)
  if (success) {
    return { ...data, line }
  }
  const [issue] = error.issues
  const reason = [issue?.path.join('.'), issue?.message].filter(Boolean).join(': ')
  throw failures.lineUnfit({ file, line, reason }, { cause: error })
}
