/** Where an operation writes ONNX (operator set 18). Tensors are known by their names. */
import type { Shape } from './shape.ts'

/** Numbers are int attributes; `{ float }` is a float one. */
export type OnnxAttributes = Readonly<Record<string, number | readonly number[] | string | { float: number }>>

export interface Emitter {
  /** The device that is emitted for has no kernel for an operation, so it has to be composed of others. */
  lacks(opType: string): boolean
  /** Adds a node and returns its output's name; an equal node is not added twice. */
  node(opType: string, inputs: readonly string[], attributes?: OnnxAttributes): string
  /** The same for a node of two outputs. */
  nodeOfTwo(opType: string, inputs: readonly string[], attributes?: OnnxAttributes): [string, string]
  /** An int64 constant; a vector unless a shape is given. */
  ints(values: readonly number[], shape?: Shape): string
  /** A float32 scalar constant. */
  float(value: number): string
}
