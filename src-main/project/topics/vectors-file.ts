/**
 * Files of topic vectors: a `.csv` of an id and K columns, or a `.npy` of [clips, K] with the clips' names
 * beside it. Everything that is wrong is one sentence with the file, and the line where there is one.
 */
import { createReadStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { basename } from 'node:path'
import { CsvError, parse } from 'csv-parse'
import { VitrineError } from '#contract'
import type { ImportVectorsRequest } from '#contract'
import { readNpyNumbers } from '../../formats/npy.ts'
import { badLine } from '../corpus/captions-file.ts'
import { readText } from '../corpus/clips.ts'

/** What a sum of shares may be off 1 by: float32 values of 1,000 topics. */
const ROUNDING = 1e-3
const LONGEST_LABEL = 80
const MOST_TOPICS = 1000
const REMEDY = 'Give a CSV of an id and K columns of 0 and 1 (or of shares), or a .npy of [clips, K].'

export interface VectorFile {
  /**
   * The clips as the file calls them, by row, with the lines where they stand; null: the file does not name
   * them.
   */
  ids: { id: string; line: number; file: string }[] | null
  /** By column; null where it has no name. */
  labels: (string | null)[]
  /** [rows, K], row-major: 0 and 1, or shares. */
  values: Float64Array
  rows: number
}

/** Reads vectors. Throws BAD_INPUT, and NOT_FOUND for a .npy that is missing. */
export async function readVectors(
  { path, ids, labels }: ImportVectorsRequest,
  signal: AbortSignal,
): Promise<VectorFile> {
  const isArray = path.toLowerCase().endsWith('.npy')
  if (!isArray && ids != null) {
    throw new VitrineError(
      'BAD_INPUT',
      `${basename(path)} names its clips itself: a file of ids goes with a .npy.`,
      'Leave the file of ids out.',
    )
  }
  const read = isArray ? await readArray(path, ids ?? null) : await readCsv(path, signal)
  const k = read.labels.length
  if (k < 2) {
    throw new VitrineError(
      'BAD_INPUT',
      `${basename(path)} has ${k === 1 ? 'a single topic' : 'no topic'}: vectors need two columns at least.`,
      REMEDY,
    )
  }
  if (k > MOST_TOPICS) {
    throw new VitrineError(
      'BAD_INPUT',
      `${basename(path)} has ${k} topics; ${MOST_TOPICS} is the most.`,
      'Leave columns out.',
    )
  }
  if (read.rows === 0) {
    throw new VitrineError('BAD_INPUT', `${basename(path)} holds no vectors.`, REMEDY)
  }
  return labels == null ? read : { ...read, labels: await readLabels(labels, k, basename(path)) }
}

async function readArray(path: string, idsPath: string | null): Promise<VectorFile> {
  const file = basename(path)
  const { shape, data } = await readNpyNumbers(path)
  const [rows, k] = shape
  if (shape.length !== 2 || rows === undefined || k === undefined) {
    throw new VitrineError(
      'BAD_INPUT',
      `${file} has shape (${shape.join(', ')}); vectors are a table of [clips, K].`,
      REMEDY,
    )
  }
  const bad = data.findIndex((value) => !(value >= 0 && value <= 1))
  if (bad !== -1) {
    throw new VitrineError(
      'BAD_INPUT',
      `${file} row ${Math.floor(bad / k)}, column ${bad % k} (counted from 0) is ${data[bad]}: values are 0 and 1, or shares between them.`,
      'Scale the values.',
    )
  }
  checkSums({ values: data, k, where: (row) => `${file} row ${row} (counted from 0)` })
  let ids: VectorFile['ids'] = null
  if (idsPath !== null) {
    const name = basename(idsPath)
    ids = (await textLines(idsPath)).map(({ text, line }) => ({ id: text, line, file: name }))
    if (ids.length !== rows) {
      throw new VitrineError(
        'BAD_INPUT',
        `${name} names ${ids.length} clips, but ${file} has ${rows} rows.`,
        'Write one name a line, in the order of the rows.',
      )
    }
  }
  return { ids, labels: new Array<string | null>(k).fill(null), values: data, rows }
}

async function readCsv(path: string, signal: AbortSignal): Promise<VectorFile> {
  const file = basename(path)
  await access(path).catch((cause: unknown) => {
    throw new VitrineError(
      'BAD_INPUT',
      `The file ${path} can't be read.`,
      'Check its name and permissions.',
      { cause },
    )
  })
  const ids: NonNullable<VectorFile['ids']> = []
  const parts: Float64Array[] = []
  let labels: (string | null)[] | null = null
  try {
    const stream = createReadStream(path, { signal })
    const parser = parse({
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    })
    stream.on('error', (error) => parser.destroy(error))
    for await (const { record, info } of stream.pipe(parser) as AsyncIterable<{
      record: string[]
      info: { lines: number }
    }>) {
      const [id = '', ...cells] = record
      const line = info.lines
      if (labels === null) {
        labels = headerLabels(id, cells)
        const isHeader = labels !== null
        labels ??= cells.map(() => null)
        for (const label of labels) {
          if (label !== null && label.length > LONGEST_LABEL) {
            throw badLine(
              file,
              line,
              `the name "${label.slice(0, 40)}..." has more than ${LONGEST_LABEL} characters`,
            )
          }
        }
        if (isHeader) {
          continue
        }
      }
      const k = labels.length
      if (cells.length !== k) {
        throw badLine(file, line, `${cells.length} values where the first line has ${k}`, REMEDY)
      }
      if (id === '') {
        throw badLine(file, line, 'the clip has no name')
      }
      const values = Float64Array.from(cells, (cell, column) => {
        const value = cell === '' ? NaN : Number(cell)
        if (value >= 0 && value <= 1) {
          return value
        }
        throw badLine(
          file,
          line,
          `"${cell.slice(0, 40)}" in column ${column + 2} is no value from 0 to 1`,
          'Values are 0 and 1, or shares between them.',
        )
      })
      checkSums({ values, k, where: () => `${file} line ${line}` })
      ids.push({ id, line, file })
      parts.push(values)
    }
  } catch (error) {
    if (!(error instanceof CsvError)) {
      throw error
    }
    throw badLine(
      file,
      Number(error.lines),
      error.code === 'CSV_QUOTE_NOT_CLOSED'
        ? 'a quote is opened and never closed'
        : 'the row is not valid CSV',
      REMEDY,
    )
  }
  const k = labels?.length ?? 0
  const values = new Float64Array(parts.length * k)
  parts.forEach((part, row) => {
    values.set(part, row * k)
  })
  return { ids, labels: labels ?? [], values, rows: parts.length }
}

/**
 * The names of the columns by the first line; null when it is a vector already. A number or nothing is no
 * name.
 */
function headerLabels(id: string, cells: readonly string[]): (string | null)[] | null {
  const isNumber = (cell: string): boolean => cell !== '' && Number.isFinite(Number(cell))
  const nameless = id.toLowerCase() !== 'id' && cells.every(isNumber)
  return nameless ? null : cells.map((cell) => (cell === '' || isNumber(cell) ? null : cell))
}

/** Shares are parts of a whole: unless all values of a row are 0 or 1 they must not sum to more than 1. */
function checkSums({
  values,
  k,
  where,
}: {
  values: Float64Array
  k: number
  where: (row: number) => string
}): void {
  for (let row = 0; row * k < values.length; row++) {
    let sum = 0
    let binary = true
    for (const value of values.subarray(row * k, (row + 1) * k)) {
      sum += value
      if (value !== 0 && value !== 1) {
        binary = false
      }
    }
    if (!binary && sum > 1 + ROUNDING) {
      throw new VitrineError(
        'BAD_INPUT',
        `${where(row)}: the shares sum to ${Number(sum.toFixed(3))}, more than the whole.`,
        'Divide them by their sum, or make them 0 and 1.',
      )
    }
  }
}

async function readLabels(path: string, k: number, vectors: string): Promise<string[]> {
  const file = basename(path)
  const labels = await textLines(path)
  if (labels.length !== k) {
    throw new VitrineError(
      'BAD_INPUT',
      `${file} holds ${labels.length} labels, but ${vectors} has ${k} columns.`,
      'Write one label a line, in the order of the columns.',
    )
  }
  for (const { text, line } of labels) {
    if (text.length > LONGEST_LABEL) {
      throw badLine(file, line, `the label has more than ${LONGEST_LABEL} characters`)
    }
  }
  return labels.map(({ text }) => text)
}

/** The lines of a file that are not blank. */
async function textLines(path: string): Promise<{ text: string; line: number }[]> {
  const lines = (await readText(path)).replace(/^\uFEFF/, '').split('\n')
  return lines.map((text, i) => ({ text: text.trim(), line: i + 1 })).filter(({ text }) => text !== '')
}
