/**
 * The graph: a value is one tensor of static shape, made by one primitive from other values. Values are
 * immutable and know only their inputs, so a graph is simply what its outputs lead back to: there is no
 * builder object, no tape and no order but the data's. `ops.ts` says what each primitive means, `gradient.ts`
 * differentiates, `onnx.ts` compiles.
 */

export type Shape = readonly number[]
export type DType = 'float32' | 'int64' | 'uint8'

/** Settings of a primitive: axes, sizes, flags. Part of its identity, so plain data only. */
export type Attributes = Readonly<Record<string, number | boolean | readonly number[]>>

export interface Value {
  /** Grows with creation: an input's id is smaller than its users'. */
  readonly id: number
  /** A key of the op table, or one of the two leaves. */
  readonly op: string
  readonly inputs: readonly Value[]
  readonly attributes: Attributes
  readonly shape: Shape
  readonly dtype: DType
  /** Of an `input` leaf: the name it is fed by. */
  readonly name?: string
  /** Of a `constant` leaf: its elements, row-major. */
  readonly data?: readonly number[]
}

let created = 0

/** Makes a value; the op table's functions in `ops.ts` are the only callers beside the leaves here. */
export function makeValue(fields: Omit<Value, 'id'>): Value {
  return { id: created++, ...fields }
}

/** A named tensor fed at run time. */
export function input(name: string, shape: Shape, dtype: DType = 'float32'): Value {
  return makeValue({ op: 'input', inputs: [], attributes: {}, shape, dtype, name })
}

/** A small fixed tensor, row-major; a number is a scalar (shape []). */
export function constant(data: number | readonly number[], shape?: Shape, dtype: DType = 'float32'): Value {
  const elements = typeof data === 'number' ? [data] : data
  const dims = shape ?? (typeof data === 'number' ? [] : [elements.length])
  if (elementCount(dims) !== elements.length) {
    throw new Error(`constant: ${elements.length} elements do not fill [${dims.join(', ')}]`)
  }
  return makeValue({ op: 'constant', inputs: [], attributes: {}, shape: dims, dtype, data: elements })
}

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, dim) => product * dim, 1)
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis])
}

/**
 * `dim(value, axis)`: the size along an axis; negative axes count from the end. Throws when there is no such
 * axis.
 */
export function dim(value: Value, axis: number): number {
  const size = value.shape[axis < 0 ? value.shape.length + axis : axis]
  if (size === undefined) {
    throw new Error(`${value.op} of shape [${value.shape.join(', ')}] has no axis ${axis}`)
  }
  return size
}

/**
 * Everything `outputs` depend on, inputs before users, in order of creation. Iterative: graphs are thousands
 * deep.
 */
export function reachable(outputs: readonly Value[]): Value[] {
  const seen = new Map<number, Value>()
  const stack = [...outputs]
  for (let value = stack.pop(); value; value = stack.pop()) {
    if (seen.has(value.id)) {
      continue
    }
    seen.set(value.id, value)
    stack.push(...value.inputs)
  }
  return [...seen.values()].sort((a, b) => a.id - b.id)
}
