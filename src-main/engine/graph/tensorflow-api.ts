/**
 * What the operations and their TensorFlow runtime use of TensorFlow.js, whichever package it comes from: the
 * packages are optional, so their own types can't be relied on. Semantics:
 * https://js.tensorflow.org/api/4.22.0/.
 */
import type { Shape } from './shape.ts'

/** Tensors of int64 ids and of bytes are int32 there: TensorFlow.js has neither type. */
export interface TfTensor {
  readonly shape: Shape
  readonly dtype: 'float32' | 'int32'
  data(): Promise<Float32Array | Int32Array | Uint8Array>
  dispose(): void
}

type Unary = (x: TfTensor) => TfTensor
type Binary = (a: TfTensor, b: TfTensor) => TfTensor

export interface TensorFlow {
  add: Binary
  sub: Binary
  mul: Binary
  div: Binary
  maximum: Binary
  neg: Unary
  tanh: Unary
  sigmoid: Unary
  relu: Unary
  /** 1 where x > 0, else 0. */
  step: Unary
  exp: Unary
  sqrt: Unary
  square: Unary
  softplus: Unary
  /** Over the last axis, as the next. */
  softmax: Unary
  logSoftmax: Unary
  clone: Unary
  cast(x: TfTensor, dtype: 'float32'): TfTensor
  sum(x: TfTensor, axes: readonly number[], keepDims?: boolean): TfTensor
  matMul(a: TfTensor, b: TfTensor, transposeA?: boolean, transposeB?: boolean): TfTensor
  broadcastTo(x: TfTensor, shape: Shape): TfTensor
  reshape(x: TfTensor, shape: Shape): TfTensor
  transpose(x: TfTensor, axes: readonly number[]): TfTensor
  concat(parts: readonly TfTensor[], axis: number): TfTensor
  slice(x: TfTensor, begin: readonly number[], size: readonly number[]): TfTensor
  gather(table: TfTensor, indices: TfTensor): TfTensor
  gatherND(x: TfTensor, indices: TfTensor): TfTensor
  /** Zeros with `updates` added at `indices`. */
  scatterND(indices: TfTensor, updates: TfTensor, shape: Shape): TfTensor
  oneHot(indices: TfTensor, depth: number): TfTensor
  range(start: number, stop: number, step: number, dtype: 'int32'): TfTensor
  /** The k largest of the last axis, in descending order; of equal ones the first comes first. */
  topk(x: TfTensor, k: number): { values: TfTensor; indices: TfTensor }
  scalar(value: number): TfTensor
  tensor(data: Float32Array | Int32Array, shape: Shape, dtype: 'float32' | 'int32'): TfTensor
  /** Disposes every tensor made in `work` but the one it returns. */
  tidy(work: () => TfTensor): TfTensor
  memory(): { numTensors: number }
  setBackend(name: string): Promise<boolean>
}
