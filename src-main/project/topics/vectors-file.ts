/**
 * Files of topic vectors: a `.csv` of an id and K columns, or a `.npy` of [clips, K] with the clips' names
 * beside it. Everything that is wrong is one sentence with the file, and the line where there is one.
 */
import { basename } from 'node:path'
import { CsvError, parse } from 'csv-parse'
import type { ImportVectorsRequest } from '#contract'
import type { VitrineError } from '../../common/failures.ts'
import { fileError } from '../../common/files/file-errors.ts'
import { readInPieces } from '../../formats/files.ts'
import { readNpyNumbers } from '../../formats/npy.ts'
import { linesOf, readText } from '../../formats/text/text-file.ts'
import type { TextLine } from '../../formats/text/text-file.ts'
import { failures } from './failures.ts'

/** What a sum of shares may be off 1 by: float32 values of 1,000 topics. */
const ROUNDING = 1e-3
const LONGEST_LABEL = 80
const MOST_TOPICS = 1000
/** Characters of a long text that an error quotes. */
const QUOTED = 40

export interface VectorFile {
  /**
   * The clips as the file calls them, by row, with the lines where they stand; null: the file does not name
   * them.
   */
  ids: ClipId[] | null
  /** By column; null where it has no name. */
  labels: (string | null)[]
  /** [rows, K], row-major: 0 and 1, or shares. */
  values: Float64Array
  rows: number
}

interface ClipId {
  id: string
  line: number
  file: string
}

/** A place in a file, for errors. */
interface LineOfFile {
  file: string
  line: number
}

/** Reads vectors. Throws BAD_INPUT, and NOT_FOUND for a file that is missing. */
export async function readVectors(
  { path, ids, labels }: ImportVectorsRequest,
  signal: AbortSignal,
): Promise<VectorFile> {
  const file = basename(path)
  const isArray = path.toLowerCase().endsWith('.npy')
  if (!isArray && ids != null) {
    throw failures.idsOfCsv({ file })
  }
  const vectors = isArray ? await readArray(path, ids ?? null) : await readCsv(path, signal)
  checkSize(vectors, file)
  return labels == null
    ? vectors
    : { ...vectors, labels: await readLabels(labels, vectors.labels.length, file) }
}

function checkSize({ labels: { length: topics }, rows }: VectorFile, file: string): void {
  if (topics === 0) {
    throw failures.noTopic({ file })
  }
  if (topics === 1) {
    throw failures.singleTopic({ file })
  }
  if (topics > MOST_TOPICS) {
    throw failures.tooManyTopics({ file, topics, limit: MOST_TOPICS })
  }
  if (rows === 0) {
    throw failures.noVectors({ file })
  }
}

async function readArray(path: string, idsPath: string | null): Promise<VectorFile> {
  const file = basename(path)
  const { shape, data: values } = await readNpyNumbers(path)
  const [rows, k] = shape
  if (shape.length !== 2 || rows === undefined || k === undefined) {
    throw failures.notATable({ file, shape: shape.join(', ') })
  }
  const bad = values.findIndex((value) => !isShare(value))
  if (bad !== -1) {
    throw failures.notAShareInArray({
      file,
      row: Math.floor(bad / k),
      column: bad % k,
      value: String(values[bad]),
    })
  }
  for (let row = 0; row < rows; row++) {
    const sum = sumAboveWhole(values.subarray(row * k, (row + 1) * k))
    if (sum !== null) {
      throw failures.sumTooLargeInArray({ file, row, sum })
    }
  }
  const ids = idsPath === null ? null : await readIds(idsPath, rows, file)
  return { ids, labels: new Array<string | null>(k).fill(null), values, rows }
}

/** The names of an array's rows. */
async function readIds(path: string, rows: number, vectors: string): Promise<ClipId[]> {
  const file = basename(path)
  const ids = await readTrimmedLines(path)
  if (ids.length !== rows) {
    throw failures.idCount({ file, ids: ids.length, vectors, rows })
  }
  return ids.map(({ text, line }) => ({ id: text, line, file }))
}

async function readCsv(path: string, signal: AbortSignal): Promise<VectorFile> {
  const file = basename(path)
  const ids: ClipId[] = []
  const vectors: Float64Array[] = []
  let labels: (string | null)[] | null = null
  try {
    for await (const { id, cells, line } of csvRows(path, signal)) {
      const at: LineOfFile = { file, line }
      if (labels === null) {
        const header = headerLabels(id, cells)
        labels = header ?? cells.map(() => null)
        checkHeader(labels, at)
        if (header !== null) {
          continue
        }
      }
      if (cells.length !== labels.length) {
        throw failures.valueCount({ ...at, values: cells.length, columns: labels.length })
      }
      if (id === '') {
        throw failures.clipUnnamed(at)
      }
      vectors.push(parseVector(cells, at))
      ids.push({ id, ...at })
    }
  } catch (error) {
    throw error instanceof CsvError ? csvFailure(error, file) : fileError(error, path)
  }
  const k = labels?.length ?? 0
  const values = new Float64Array(vectors.length * k)
  vectors.forEach((vector, row) => {
    values.set(vector, row * k)
  })
  return { ids, labels: labels ?? [], values, rows: vectors.length }
}

/** The rows of a CSV file, which is read as a stream: it may be larger than memory likes. */
async function* csvRows(
  path: string,
  signal: AbortSignal,
): AsyncGenerator<{ id: string; cells: string[]; line: number }> {
  const stream = await readInPieces(path, { signal })
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  })
  stream.on('error', (error) => parser.destroy(error))
  const rows = stream.pipe(parser) as AsyncIterable<{ record: string[]; info: { lines: number } }>
  for await (const { record, info: position } of rows) {
    const [id = '', ...cells] = record.map(withoutApostrophe)
    yield { id, cells, line: position.lines }
  }
}

/** Exports put an apostrophe before what a spreadsheet would take for a formula. */
const withoutApostrophe = (cell: string): string => cell.replace(/^'(?=[=+\-@])/, '')

/**
 * The names of the columns by the first line; null when it is a vector already. A number or nothing is no
 * name.
 */
function headerLabels(id: string, cells: readonly string[]): (string | null)[] | null {
  const isNumber = (cell: string): boolean => cell !== '' && Number.isFinite(Number(cell))
  const isVector = id.toLowerCase() !== 'id' && cells.every(isNumber)
  return isVector ? null : cells.map((cell) => (cell === '' || isNumber(cell) ? null : cell))
}

function checkHeader(labels: readonly (string | null)[], at: LineOfFile): void {
  for (const label of labels) {
    if (label !== null && label.length > LONGEST_LABEL) {
      throw failures.columnLabelTooLong({ ...at, label: label.slice(0, QUOTED), limit: LONGEST_LABEL })
    }
  }
}

function parseVector(cells: readonly string[], at: LineOfFile): Float64Array {
  const vector = Float64Array.from(cells, (cell, column) => {
    const value = cell === '' ? NaN : Number(cell)
    if (!isShare(value)) {
      // In the file the first column is the id, and people count from 1.
      throw failures.notAShare({ ...at, text: cell.slice(0, QUOTED), column: column + 2 })
    }
    return value
  })
  const sum = sumAboveWhole(vector)
  if (sum !== null) {
    throw failures.sumTooLarge({ ...at, sum })
  }
  return vector
}

const isShare = (value: number): boolean => value >= 0 && value <= 1

/**
 * Shares are parts of a whole: the sum of a vector that has other values than 0 and 1, where it is more than
 * 1; else null.
 */
function sumAboveWhole(vector: Float64Array): number | null {
  const isBinary = vector.every((value) => value === 0 || value === 1)
  const sum = vector.reduce((total, value) => total + value, 0)
  return !isBinary && sum > 1 + ROUNDING ? Number(sum.toFixed(3)) : null
}

function csvFailure(error: CsvError, file: string): VitrineError {
  const at: LineOfFile = { file, line: Number(error.lines) }
  return error.code === 'CSV_QUOTE_NOT_CLOSED' ? failures.quoteOpen(at) : failures.notCsv(at)
}

async function readLabels(path: string, k: number, vectors: string): Promise<string[]> {
  const file = basename(path)
  const labels = await readTrimmedLines(path)
  if (labels.length !== k) {
    throw failures.labelCount({ file, labels: labels.length, vectors, columns: k })
  }
  for (const { text, line } of labels) {
    if (text.length > LONGEST_LABEL) {
      throw failures.labelTooLong({ file, line, limit: LONGEST_LABEL })
    }
  }
  return labels.map(({ text }) => text)
}

/** The lines of a file that are not blank. */
async function readTrimmedLines(path: string): Promise<TextLine[]> {
  return [...linesOf(await readText(path))].map(({ line, text }) => ({ line, text: text.trim() }))
}
