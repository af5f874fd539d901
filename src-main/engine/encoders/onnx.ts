/** Builds a small ONNX file for inference: float32 tensors in NCHW, one method an operator. */
import onnxProto from 'onnx-proto'
import type { ConvolutionWeights } from './layers.ts'

const { AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } = onnxProto.onnx
const OPSET = 17
const IR_VERSION = 8
const { FLOAT, INT64 } = TensorProto.DataType
const AttributeType = AttributeProto.AttributeType

/** The name of a tensor in the graph. */
export type Value = string & { readonly brand: unique symbol }

/** A number is an ONNX integer; a list is a list of integers; a text is a string. */
type Attributes = Record<string, number | readonly number[] | string | { float: number }>

export interface ConvolutionOptions {
  strides: readonly [height: number, width: number]
  padding: 'SAME' | 'VALID'
  groups: number
}

export class OnnxBuilder {
  readonly #nodes: onnxProto.onnx.INodeProto[] = []
  readonly #initializers: onnxProto.onnx.ITensorProto[] = []
  readonly #inputs: onnxProto.onnx.IValueInfoProto[] = []
  readonly #outputs: onnxProto.onnx.IValueInfoProto[] = []

  /** `shape`: a text is a dimension that is only known at run time. */
  input(name: string, shape: readonly (number | string)[]): Value {
    this.#inputs.push(valueInfo(name, shape))
    return name as Value
  }

  output(name: string, value: Value, shape: readonly (number | string)[]): void {
    this.#nodes.push(NodeProto.create({ name, opType: 'Identity', input: [value], output: [name] }))
    this.#outputs.push(valueInfo(name, shape))
  }

  floats(values: Float32Array, dims: readonly number[]): Value {
    return this.#initializer({ dims: [...dims], dataType: FLOAT, rawData: littleEndian(values) })
  }

  integers(values: readonly number[]): Value {
    return this.#initializer({ dims: [values.length], dataType: INT64, int64Data: [...values] })
  }

  /** TensorFlow's convolution: SAME puts the odd row and column of padding below and to the right. */
  convolution(
    x: Value,
    { kernel, shape, bias }: ConvolutionWeights,
    { strides, padding, groups }: ConvolutionOptions,
  ): Value {
    return this.#node('Conv', [x, this.floats(kernel, shape), this.floats(bias, [bias.length])], {
      strides,
      group: groups,
      kernel_shape: shape.slice(2),
      auto_pad: padding === 'SAME' ? 'SAME_UPPER' : 'VALID',
    })
  }

  clip(x: Value, low: number, high: number): Value {
    return this.#node('Clip', [x, this.#scalar(low), this.#scalar(high)])
  }
  relu(x: Value): Value {
    return this.#node('Relu', [x])
  }
  /** min(max(x / 6 + 1/2, 0), 1) */
  hardSigmoid(x: Value): Value {
    return this.#node('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } })
  }
  /** x times its hard sigmoid. */
  hardSwish(x: Value): Value {
    return this.#node('HardSwish', [x])
  }
  add(a: Value, b: Value): Value {
    return this.#node('Add', [a, b])
  }
  multiply(a: Value, b: Value): Value {
    return this.#node('Mul', [a, b])
  }
  matMul(a: Value, b: Value): Value {
    return this.#node('MatMul', [a, b])
  }
  /** The mean of each channel's map: [N, C, 1, 1]. */
  globalAverage(x: Value): Value {
    return this.#node('GlobalAveragePool', [x])
  }
  /** The largest value of each size x size block. */
  maxPool(x: Value, size: number): Value {
    return this.#node('MaxPool', [x], { kernel_shape: [size, size], strides: [size, size] })
  }
  /** 0 in `shape` keeps that dimension, -1 takes what is left. */
  reshape(x: Value, shape: readonly number[]): Value {
    return this.#node('Reshape', [x, this.integers(shape)])
  }
  concat(parts: readonly Value[], axis: number): Value {
    return this.#node('Concat', parts, { axis })
  }
  /** Divides each row of [N, F], or column of [N, F, cells], by its Euclidean length; a zero one stays zero. */
  l2Normalize(x: Value): Value {
    return this.#node('LpNormalization', [x], { axis: 1, p: 2 })
  }

  /** The file's bytes; the same calls give the same bytes. */
  build(graphName: string): Uint8Array {
    const graph = GraphProto.create({
      name: graphName,
      node: this.#nodes,
      initializer: this.#initializers,
      input: this.#inputs,
      output: this.#outputs,
    })
    return ModelProto.encode({
      irVersion: IR_VERSION,
      producerName: 'vitrine',
      opsetImport: [{ domain: '', version: OPSET }],
      graph,
    }).finish()
  }

  #node(opType: string, inputs: readonly Value[], attributes: Attributes = {}): Value {
    const name = `${opType}_${this.#nodes.length}`
    const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(key, value))
    this.#nodes.push(NodeProto.create({ name, opType, input: [...inputs], output: [name], attribute }))
    return name as Value
  }

  #scalar(value: number): Value {
    return this.floats(new Float32Array([value]), [])
  }

  #initializer(tensor: onnxProto.onnx.ITensorProto): Value {
    const name = `constant_${this.#initializers.length}`
    this.#initializers.push(TensorProto.create({ ...tensor, name }))
    return name as Value
  }
}

function attributeOf(name: string, value: Attributes[string]): onnxProto.onnx.IAttributeProto {
  if (typeof value === 'string') {
    return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) }
  }
  if (typeof value === 'number') {
    return { name, type: AttributeType.INT, i: value }
  }
  if (typeof value === 'object' && 'float' in value) {
    return { name, type: AttributeType.FLOAT, f: value.float }
  }
  return { name, type: AttributeType.INTS, ints: [...(value ?? [])] }
}

function valueInfo(name: string, shape: readonly (number | string)[]): onnxProto.onnx.IValueInfoProto {
  const dim = shape.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size }))
  return ValueInfoProto.create({ name, type: { tensorType: { elemType: FLOAT, shape: { dim } } } })
}

function littleEndian(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 * values.length)
  const view = new DataView(bytes.buffer)
  values.forEach((value, i) => view.setFloat32(4 * i, value, true))
  return bytes
}
