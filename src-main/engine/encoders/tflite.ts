/**
 * Reads the part of a TensorFlow Lite file that a convolutional backbone needs: tensors and their stored
 * weights, and the operators of the first subgraph. The format is a FlatBuffer: tables whose fields are found
 * through a small offset table. Schema: tensorflow/lite/schema/schema.fbs; the numbers below are its field
 * indices and enum values. The bytes are trusted (callers check their SHA-256), so damage shows up as a
 * thrown RangeError, not as a diagnosis.
 */

export interface TfliteTensor {
  name: string
  shape: number[]
  type: 'float32' | 'float16' | 'other'
  /** The stored weights; empty for a tensor that is computed. */
  bytes: Uint8Array
}

export type Activation = 'none' | 'relu' | 'relu6'

interface Wiring {
  /** Indices into `tensors`. */
  inputs: number[]
  output: number
}
interface Convolution extends Wiring {
  padding: 'SAME' | 'VALID'
  strides: [height: number, width: number]
  activation: Activation
}
export type TfliteOperator =
  | ({ type: 'convolution' } & Convolution)
  | ({ type: 'depthwise' } & Convolution)
  | ({ type: 'add'; activation: Activation } & Wiring)
  | ({ type: 'dequantize' } & Wiring)
  | ({ type: 'other'; code: number } & Wiring)

export interface TfliteModel {
  tensors: TfliteTensor[]
  /** In execution order. */
  operators: TfliteOperator[]
  inputs: number[]
}

const BUILTIN = { add: 0, convolution: 3, depthwise: 4, dequantize: 6 }
const FLOAT_TYPES: Readonly<Record<number, 'float32' | 'float16'>> = { 0: 'float32', 1: 'float16' }

export function readTflite(bytes: Uint8Array): TfliteModel {
  const model = new Table(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0).follow()
  // Old files put the operator's code in an int8 field, new ones in an int32; the larger is valid.
  const codes = model.tables(1).map((code) => Math.max(code.int8(0), code.int32(3)))
  const buffers = model.tables(4).map((buffer) => buffer.bytes(0))
  const graph = model.tables(2)[0]
  if (graph === undefined) {
    throw new Error('the TensorFlow Lite file has no subgraph')
  }
  return {
    tensors: graph.tables(0).map((tensor) => readTensor(tensor, buffers)),
    operators: graph.tables(3).map((operator) => readOperator(operator, codes)),
    inputs: graph.int32s(1),
  }
}

/** The weights of a stored float32 or float16 tensor. */
export function tensorValues(tensor: TfliteTensor): Float32Array {
  const { bytes, name, type } = tensor
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length === 0 || type === 'other') {
    throw new Error(`tensor ${name} holds no float weights`)
  }
  if (type === 'float32') {
    return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true))
  }
  return Float32Array.from({ length: bytes.length / 2 }, (_, i) => halfToNumber(view.getUint16(2 * i, true)))
}

/** IEEE 754 half precision: sign, 5 bits of exponent, 10 of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits >> 15 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) {
    return sign * fraction * 2 ** -24
  }
  if (exponent === 0x1f) {
    return fraction === 0 ? sign * Infinity : NaN
  }
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

function readTensor(table: Table, buffers: Uint8Array[]): TfliteTensor {
  return {
    name: table.text(3),
    shape: table.int32s(0),
    type: FLOAT_TYPES[table.int8(1)] ?? 'other',
    bytes: buffers[table.uint32(2)] ?? new Uint8Array(),
  }
}

function readOperator(table: Table, codes: number[]): TfliteOperator {
  const code = codes[table.uint32(0)] ?? -1
  const wiring: Wiring = { inputs: table.int32s(1), output: table.int32s(2)[0] ?? -1 }
  const options = table.table(4)
  const convolution = (activationField: number): Convolution => ({
    ...wiring,
    padding: options?.int8(0) ? 'VALID' : 'SAME',
    strides: [options?.int32(2) ?? 1, options?.int32(1) ?? 1],
    activation: activationOf(options?.int8(activationField)),
  })
  switch (code) {
    case BUILTIN.convolution:
      return { type: 'convolution', ...convolution(3) }
    case BUILTIN.depthwise:
      return { type: 'depthwise', ...convolution(4) }
    case BUILTIN.add:
      return { type: 'add', ...wiring, activation: activationOf(options?.int8(0)) }
    case BUILTIN.dequantize:
      return { type: 'dequantize', ...wiring }
    default:
      return { type: 'other', ...wiring, code }
  }
}

function activationOf(code = 0): Activation {
  if (code === 0) {
    return 'none'
  }
  if (code === 1) {
    return 'relu'
  }
  if (code === 3) {
    return 'relu6'
  }
  throw new Error(`TensorFlow Lite activation ${code} is not supported`)
}

/** A FlatBuffer table: `position` is where it starts. Absent fields read as 0 or empty. */
class Table {
  readonly #view: DataView
  readonly #position: number

  constructor(view: DataView, position: number) {
    this.#view = view
    this.#position = position
  }

  /** The table that the offset stored here points to. */
  follow(): Table {
    return new Table(this.#view, this.#position + this.#view.getUint32(this.#position, true))
  }

  int8(field: number): number {
    const at = this.#field(field)
    return at === null ? 0 : this.#view.getInt8(at)
  }
  int32(field: number): number {
    const at = this.#field(field)
    return at === null ? 0 : this.#view.getInt32(at, true)
  }
  uint32(field: number): number {
    return this.int32(field) >>> 0
  }
  table(field: number): Table | null {
    const at = this.#field(field)
    return at === null ? null : new Table(this.#view, at).follow()
  }
  tables(field: number): Table[] {
    const { start, length } = this.#vector(field)
    return Array.from({ length }, (_, i) => new Table(this.#view, start + 4 * i).follow())
  }
  int32s(field: number): number[] {
    const { start, length } = this.#vector(field)
    return Array.from({ length }, (_, i) => this.#view.getInt32(start + 4 * i, true))
  }
  bytes(field: number): Uint8Array {
    const { start, length } = this.#vector(field)
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, length)
  }
  text(field: number): string {
    return new TextDecoder().decode(this.bytes(field))
  }

  #vector(field: number): { start: number; length: number } {
    const at = this.#field(field)
    if (at === null) {
      return { start: 0, length: 0 }
    }
    const vector = at + this.#view.getUint32(at, true)
    return { start: vector + 4, length: this.#view.getUint32(vector, true) }
  }

  /** Where a field is stored, or null when it is absent. */
  #field(index: number): number | null {
    const offsets = this.#position - this.#view.getInt32(this.#position, true)
    const entry = 4 + 2 * index
    if (entry >= this.#view.getUint16(offsets, true)) {
      return null
    }
    const offset = this.#view.getUint16(offsets + entry, true)
    return offset === 0 ? null : this.#position + offset
  }
}
