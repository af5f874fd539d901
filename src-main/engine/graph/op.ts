/** What a primitive must say of itself: one row of the table in `ops.ts`. */
import type { NdArray } from './ndarray.ts'
import type { TensorFlow, TfTensor } from './tensorflow-api.ts'
import type { Attributes, DType, Shape, Value } from './value.ts'

/**
 * What a user of a value adds to the value's gradient. Two of the three are deferred until all users have
 * spoken:
 * - a value: the addend itself;
 * - a product: `left^T right`, contracted over the rows (second to last axis). A weight used at many time
 *   steps collects many; where the weight is large, they are concatenated over the rows and become one large
 *   product;
 * - a piece: the addend is zero but for `value` at `start` along `axis`. Slices that tile a tensor become one
 *   concatenation.
 */
export type Contribution =
  | { kind: 'value'; value: Value }
  | { kind: 'product'; left: Value; right: Value }
  | { kind: 'piece'; axis: number; start: number; value: Value }

/** Numbers are int attributes; `{ float }` is a float one. */
export type OnnxAttributes = Readonly<Record<string, number | readonly number[] | string | { float: number }>>

/** Where `emit` writes ONNX (operator set 18). Names are tensor names. */
export interface Emitter {
  /** The device that is emitted for has no kernel for an operation, so it has to be composed of others. */
  lacks(opType: string): boolean
  node(opType: string, inputs: readonly string[], attributes?: OnnxAttributes): string
  /** A node of several outputs, all their names. */
  nodeOf(outputs: number, opType: string, inputs: readonly string[], attributes?: OnnxAttributes): string[]
  /** An int64 constant; a vector unless a shape is given. */
  ints(values: readonly number[], shape?: Shape): string
  /** A float32 scalar constant. */
  float(value: number): string
}

export interface Op {
  /** Shape (and type, when not float32) of the output. Throws when the inputs do not fit. */
  shape(inputs: readonly Value[], attributes: Attributes): Shape
  dtype?: DType
  /** Contributions to the gradient of each input, given the output's gradient; null: none flows there. */
  gradient(gradient: Value, output: Value): (Contribution | null)[]
  /** Emits ONNX nodes and returns the output's name. */
  emit(emitter: Emitter, inputs: readonly string[], output: Value): string
  /**
   * Its evaluation by TensorFlow; the caller disposes what is made on the way. A row's own type says how many
   * inputs it has.
   */
  tensorflow(tf: TensorFlow, inputs: readonly TfTensor[], output: Value): TfTensor
  /** The meaning, in float64 loops. */
  evaluate(inputs: readonly NdArray[], output: Value): NdArray
}
