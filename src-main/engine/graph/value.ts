/**
 * The graph: a value is one tensor of static shape, which is an input, a constant, or an operation applied to
 * other values. Values are immutable and know only what they are made of, so a graph is simply what its
 * outputs lead back to: there is no builder object, no tape and no order but the data's. `op.ts` defines
 * operations, `gradient.ts` differentiates, `onnx.ts` compiles.
 */
import type { Emitter } from './emitter.ts'
import type { NdArray } from './ndarray.ts'
import { elementCount, shapeText } from './shape.ts'
import type { DType, Shape } from './shape.ts'
import type { TensorFlow, TfTensor } from './tensorflow-api.ts'

export { elementCount, sameShape } from './shape.ts'
export type { DType, Shape } from './shape.ts'

export type Value = Input | Constant | Application

interface ValueBase {
  /** Grows with creation: what a value is made of has smaller ids. */
  readonly id: number
  readonly shape: Shape
  readonly dtype: DType
}

/** A tensor that is fed at run time, by its name. */
export interface Input extends ValueBase {
  readonly kind: 'input'
  readonly name: string
}

/** A small fixed tensor. */
export interface Constant extends ValueBase {
  readonly kind: 'constant'
  /** Row-major. */
  readonly elements: readonly number[]
}

/** What an operation makes of other values. */
export interface Application<
  Inputs extends readonly Value[] = readonly Value[],
  Attributes = unknown,
> extends ValueBase {
  readonly kind: 'application'
  readonly op: Op<Inputs, Attributes>
  readonly inputs: Inputs
  readonly attributes: Attributes
}

/** One of something for each input. */
export type PerInput<Inputs extends readonly Value[], T> = { [Position in keyof Inputs]: T }

/**
 * Everything that an operation is. `Attributes` are its settings (axes, sizes, flags): plain data, part of an
 * application's identity. `output` is always an application of the operation itself, which is why its rules
 * never have to check what they are given.
 */
export interface Op<Inputs extends readonly Value[] = readonly Value[], Attributes = unknown> {
  /** Unique. */
  readonly name: string
  /** The output's shape. Throws when the inputs do not fit. */
  shape(inputs: Inputs, attributes: Attributes): Shape
  /** The output's type, when it is not float32. */
  readonly dtype?: DType
  /** What it adds to the gradient of each input, given the output's gradient; null: none flows there. */
  gradient(
    gradient: Value,
    output: Application<Inputs, Attributes>,
  ): PerInput<Inputs, Contribution | null> | null
  /** Emits ONNX nodes and returns the output's name. */
  onnx(emitter: Emitter, inputs: PerInput<Inputs, string>, output: Application<Inputs, Attributes>): string
  /** Its evaluation by TensorFlow; the caller disposes what is made on the way. */
  tensorflow(
    tf: TensorFlow,
    inputs: PerInput<Inputs, TfTensor>,
    output: Application<Inputs, Attributes>,
  ): TfTensor
  /** The meaning, in float64 loops. */
  reference(inputs: PerInput<Inputs, NdArray>, output: Application<Inputs, Attributes>): NdArray
}

/**
 * What a user of a value adds to the value's gradient: the addend itself, or one that is deferred until all
 * users have contributed.
 */
export type Contribution = Value | Product | Piece

/**
 * `left^T right`, contracted over the rows (second to last axis). A weight used at many time steps collects
 * many; where the weight is large, they are concatenated over the rows and become one large product.
 */
export interface Product {
  readonly kind: 'product'
  readonly left: Value
  readonly right: Value
}

/** Zero but for `value` at `start` along `axis`. Pieces that tile a tensor become one concatenation. */
export interface Piece {
  readonly kind: 'piece'
  readonly axis: number
  readonly start: number
  readonly value: Value
}

let created = 0

/** A named tensor fed at run time. */
export function input(name: string, shape: Shape, dtype: DType = 'float32'): Input {
  return { kind: 'input', id: created++, shape, dtype, name }
}

/** A small fixed tensor, row-major; a number is a scalar (shape []). */
export function constant(
  content: number | readonly number[],
  shape?: Shape,
  dtype: DType = 'float32',
): Constant {
  const isScalar = typeof content === 'number'
  const elements = isScalar ? [content] : content
  const dims = shape ?? (isScalar ? [] : [elements.length])
  if (elementCount(dims) !== elements.length) {
    throw new Error(`constant: ${elements.length} elements do not fill ${shapeText(dims)}`)
  }
  return { kind: 'constant', id: created++, shape: dims, dtype, elements }
}

/** What an operation makes of inputs; called by the functions that `defineOp` returns. */
export function application<Inputs extends readonly Value[], Attributes>(
  op: Op<Inputs, Attributes>,
  inputs: Inputs,
  attributes: Attributes,
): Application<Inputs, Attributes> {
  return {
    kind: 'application',
    id: created++,
    shape: op.shape(inputs, attributes),
    dtype: op.dtype ?? 'float32',
    op,
    inputs,
    attributes,
  }
}

/**
 * `dim(value, axis)`: the size along an axis; negative axes count from the end. Throws when there is no such
 * axis.
 */
export function dim(value: Value, axis: number): number {
  const size = value.shape.at(axis)
  if (size === undefined) {
    const label = value.kind === 'application' ? value.op.name : value.kind
    throw new Error(`${label} of shape ${shapeText(value.shape)} has no axis ${axis}`)
  }
  return size
}

/**
 * Everything `outputs` depend on, inputs before users, in order of creation. Iterative: graphs are thousands
 * deep.
 */
export function reachable(outputs: readonly Value[]): Value[] {
  const seen = new Set<Value>()
  const stack = [...outputs]
  for (let value = stack.pop(); value; value = stack.pop()) {
    if (seen.has(value)) {
      continue
    }
    seen.add(value)
    if (value.kind === 'application') {
      stack.push(...value.inputs)
    }
  }
  return [...seen].sort((a, b) => a.id - b.id)
}

/** The inputs that `outputs` depend on, in order of creation. */
export const inputsOf = (outputs: readonly Value[]): Input[] =>
  reachable(outputs).filter((value) => value.kind === 'input')

/**
 * Computes something of every value that `outputs` depend on, from what was computed of its own inputs.
 * Returns what was computed of the outputs.
 */
export function foldGraph<Result>(
  outputs: readonly Value[],
  compute: (value: Value, inputs: readonly Result[]) => Result,
): Result[] {
  const results = new Map<Value, Result>()
  const resultOf = (value: Value): Result => results.get(value)!
  for (const value of reachable(outputs)) {
    results.set(value, compute(value, value.kind === 'application' ? value.inputs.map(resultOf) : []))
  }
  return outputs.map(resultOf)
}
