/** What a network gives of frames, made into one vector a frame. */
import type { OutputPart } from './descriptor.ts'

/** An output of the network in plain numbers. */
export interface NetworkOutput {
  values: Float32Array
  dims: readonly number[]
}

/** A map of one frame inside an output: where it begins, and how far its neighbours are. */
interface FrameMap {
  values: Float32Array
  start: number
  rows: number
  columns: number
  channelStride: number
  pixelStride: number
}

/** Writes what `part` makes of one frame of an output into `vector`, from `at` on. */
export function poolPart(
  output: NetworkOutput,
  frame: number,
  part: OutputPart,
  vector: Float32Array,
  at: number,
): void {
  const { values, dims } = output
  const size = values.length / (dims[0] ?? 1)
  const start = frame * size
  if (part.pooling === 'none' || part.pooling === 'first') {
    vector.set(values.subarray(start, start + part.channels), at)
    return
  }
  const map = mapOf(output, start, part)
  const pool = part.pooling === 'mean' ? meanOver : maximumOver
  const cells = part.grid ** 2
  for (let cell = 0; cell < cells; cell++) {
    const rows = cellSpan(map.rows, part.grid, Math.floor(cell / part.grid))
    const columns = cellSpan(map.columns, part.grid, cell % part.grid)
    for (let channel = 0; channel < part.channels; channel++) {
      vector[at + channel * cells + cell] = pool(map, channel, rows, columns)
    }
  }
}

function mapOf(
  { values, dims }: NetworkOutput,
  start: number,
  { form, extra, channels }: OutputPart,
): FrameMap {
  if (form === 'tokens') {
    const tokens = (dims[1] ?? 0) - extra
    const side = Math.round(Math.sqrt(tokens))
    // Tokens that are no square map are one row.
    const [rows, columns] = side * side === tokens ? [side, side] : [1, tokens]
    return { values, start: start + extra * channels, rows, columns, channelStride: 1, pixelStride: channels }
  }
  const [, second = 0, third = 0, fourth = 0] = dims
  return form === 'NCHW'
    ? { values, start, rows: third, columns: fourth, channelStride: third * fourth, pixelStride: 1 }
    : { values, start, rows: second, columns: third, channelStride: 1, pixelStride: channels }
}

/** Positions along one side that a cell covers, with the share of each that lies in it. */
type Span = readonly { position: number; share: number }[]

/** A row or column that a cell's edge cuts counts for the share of it that lies inside: so all cells weigh the same. */
export function cellSpan(side: number, grid: number, index: number): Span {
  const length = side / grid
  const [from, to] = [index * length, (index + 1) * length]
  return Array.from({ length: side }, (_, position) => ({
    position,
    share: Math.max(0, Math.min(position + 1, to) - Math.max(position, from)),
  })).filter(({ share }) => share > 1e-9)
}

function meanOver(map: FrameMap, channel: number, rows: Span, columns: Span): number {
  let sum = 0
  let weight = 0
  for (const row of rows) {
    for (const column of columns) {
      const share = row.share * column.share
      sum += share * valueAt(map, channel, row.position, column.position)
      weight += share
    }
  }
  return sum / weight
}

function maximumOver(map: FrameMap, channel: number, rows: Span, columns: Span): number {
  let most = -Infinity
  for (const row of rows) {
    for (const column of columns) {
      most = Math.max(most, valueAt(map, channel, row.position, column.position))
    }
  }
  return most
}

const valueAt = (
  { values, start, columns, channelStride, pixelStride }: FrameMap,
  channel: number,
  row: number,
  column: number,
): number => values[start + channel * channelStride + (row * columns + column) * pixelStride] ?? NaN
