/**
 * Turns the backbone of a TensorFlow Lite model into an ONNX frame encoder.
 *
 * Works backwards from the layers that are wanted, so that heads nobody asks for are never built. TensorFlow
 * keeps maps as NHWC and ONNX as NCHW: only the kernels have to be rearranged, once, here. Pooling over cells
 * and normalisation are part of the graph, so that it gives finished feature vectors.
 */
import { OnnxBuilder } from './onnx.ts'
import type { ConvolutionWeights, Value } from './onnx.ts'
import type { FeaturePart } from './descriptor.ts'
import { tensorValues } from './tflite.ts'
import type { Activation, TfliteModel, TfliteOperator, TfliteTensor } from './tflite.ts'

type ConvolutionOperator = Extract<TfliteOperator, { type: 'convolution' | 'depthwise' }>

export interface BackboneOutput {
  name: string
  parts: readonly FeaturePart[]
}

/**
 * The ONNX file: input `input` [N, 3, size, size], each output [N, F]. `layerPrefix` stands before the
 * layers' names in the model. Throws when a layer is missing or needs an operator other than convolution,
 * depthwise convolution and add.
 */
export function buildBackbone(
  model: TfliteModel,
  {
    input,
    size,
    layerPrefix,
    outputs,
  }: { input: string; size: number; layerPrefix: string; outputs: readonly BackboneOutput[] },
): Uint8Array {
  const builder = new OnnxBuilder()
  const layers = new Layers(model, builder, {
    value: builder.input(input, ['N', 3, size, size]),
    side: size,
  })
  const features = new Map<string, Value>()
  const feature = (part: FeaturePart): Value => {
    const key = `${part.layer} ${part.pooling} ${part.grid}`
    const known = features.get(key)
    if (known) {
      return known
    }
    const map = layers.find(layerPrefix + part.layer, part.channels)
    const vector = builder.l2Normalize(
      builder.reshape(poolCells(builder, map, part), [0, featureLength(part)]),
    )
    features.set(key, vector)
    return vector
  }
  for (const output of outputs) {
    builder.output(output.name, builder.concat(output.parts.map(feature), 1), [
      'N',
      dimensionOf(output.parts),
    ])
  }
  return builder.build('frame-encoder')
}

/** A square map [N, C, side, side] in the graph. */
interface SquareMap {
  value: Value
  side: number
}

/** The layers of a model in an ONNX graph, each built when it is first asked for. */
class Layers {
  readonly #model: TfliteModel
  readonly #builder: OnnxBuilder
  readonly #producers: ReadonlyMap<number, TfliteOperator>
  /** By the index of the tensor. */
  readonly #maps: Map<number, SquareMap>

  constructor(model: TfliteModel, builder: OnnxBuilder, input: SquareMap) {
    this.#model = model
    this.#builder = builder
    this.#producers = new Map(model.operators.map((operator) => [operator.output, operator]))
    this.#maps = new Map(model.inputs.map((index) => [index, input]))
  }

  /** The map of the layer whose name starts with `name`. */
  find(name: string, channels: number): SquareMap {
    const operator = this.#model.operators.find(
      ({ output, type }) => type !== 'dequantize' && this.#model.tensors[output]?.name.startsWith(name),
    )
    if (operator === undefined) {
      throw new Error(`the TensorFlow Lite file has no layer ${name}`)
    }
    const found = this.#model.tensors[operator.output]?.shape[3]
    if (found !== channels) {
      throw new Error(`layer ${name} has ${found} channels, not ${channels}`)
    }
    return this.#map(operator.output)
  }

  #map(index: number): SquareMap {
    const known = this.#maps.get(index)
    if (known) {
      return known
    }
    const computed = this.#compute(this.#producers.get(index))
    this.#maps.set(index, computed)
    return computed
  }

  #compute(operator: TfliteOperator | undefined): SquareMap {
    switch (operator?.type) {
      case 'convolution':
      case 'depthwise':
        return this.#convolve(operator)
      case 'add': {
        const [a, b] = [this.#map(indexOf(operator, 0)), this.#map(indexOf(operator, 1))]
        const sum = this.#builder.add(a.value, b.value)
        return { value: activate(this.#builder, sum, operator.activation), side: a.side }
      }
      default:
        throw new Error(
          `the backbone needs a TensorFlow Lite operator that is not supported (${JSON.stringify(operator)})`,
        )
    }
  }

  #convolve(operator: ConvolutionOperator): SquareMap {
    const { strides, padding, activation } = operator
    const input = this.#map(indexOf(operator, 0))
    const weights = convolutionWeights(
      operator,
      this.#constant(indexOf(operator, 1)),
      this.#constant(indexOf(operator, 2)),
    )
    const groups = operator.type === 'depthwise' ? weights.shape[0] : 1
    const value = this.#builder.convolution(input.value, weights, { strides, padding, groups })
    const [stride] = strides
    const positions = padding === 'SAME' ? input.side : input.side - weights.shape[2] + 1
    return { value: activate(this.#builder, value, activation), side: Math.ceil(positions / stride) }
  }

  /** A stored tensor, directly or through the operator that widens float16 to float32. */
  #constant(index: number): TfliteTensor {
    const producer = this.#producers.get(index)
    const tensor = this.#model.tensors[producer?.type === 'dequantize' ? indexOf(producer, 0) : index]
    if (tensor === undefined) {
      throw new Error(`the TensorFlow Lite file has no tensor ${index}`)
    }
    return tensor
  }
}

/** F: how long the feature vector of these parts is. */
export function dimensionOf(parts: readonly FeaturePart[]): number {
  return parts.reduce((sum, part) => sum + featureLength(part), 0)
}

/** A map [N, C, side, side] pooled over cells: as many values as [N, C, grid, grid], in that order. */
function poolCells(
  builder: OnnxBuilder,
  { value, side }: SquareMap,
  { layer, channels, pooling, grid }: FeaturePart,
): Value {
  if (pooling === 'mean') {
    const averages = builder.floats(cellAverages(side, grid), [side * side, grid * grid])
    return builder.matMul(builder.reshape(value, [0, channels, side * side]), averages)
  }
  if (side % grid !== 0) {
    throw new Error(`layer ${layer} is ${side} wide: it has no maximum over ${grid} equal cells`)
  }
  return builder.maxPool(value, side / grid)
}

/**
 * The matrix [side^2, grid^2] that averages a square map over each cell of a grid x grid division. A row or
 * column that a cell's edge cuts counts for the share of it that lies inside, so the cells weigh the same
 * even when 7 is cut in 2.
 */
export function cellAverages(side: number, grid: number): Float32Array {
  const cell = side / grid
  const overlap = (position: number, index: number) =>
    Math.max(0, Math.min(position + 1, (index + 1) * cell) - Math.max(position, index * cell)) / cell
  const matrix = new Float32Array(side * side * grid * grid)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      for (let row = 0; row < grid; row++) {
        for (let column = 0; column < grid; column++) {
          matrix[((y * side + x) * grid + row) * grid + column] = overlap(y, row) * overlap(x, column)
        }
      }
    }
  }
  return matrix
}

function featureLength(part: FeaturePart): number {
  return part.channels * part.grid ** 2
}

function indexOf(operator: TfliteOperator, input: number): number {
  const index = operator.inputs[input]
  if (index === undefined) {
    throw new Error(`a TensorFlow Lite operator (${operator.type}) lacks input ${input}`)
  }
  return index
}

/**
 * Kernels from [out, height, width, in], or [1, height, width, channels] when depthwise, to ONNX's [out, in /
 * groups, height, width].
 */
function convolutionWeights(
  operator: ConvolutionOperator,
  kernelTensor: TfliteTensor,
  biasTensor: TfliteTensor,
): ConvolutionWeights {
  const source = tensorValues(kernelTensor)
  const [first = 0, height = 0, width = 0, last = 0] = kernelTensor.shape
  const [out, inner] = operator.type === 'depthwise' ? [last, 1] : [first, last]
  const [outStride, pixelStride] = operator.type === 'depthwise' ? [1, last] : [height * width * last, last]
  const kernel = new Float32Array(source.length)
  let at = 0
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < inner; i++) {
      for (let pixel = 0; pixel < height * width; pixel++) {
        kernel[at++] = source[o * outStride + pixel * pixelStride + i] ?? NaN
      }
    }
  }
  return { kernel, shape: [out, inner, height, width], bias: tensorValues(biasTensor) }
}

function activate(builder: OnnxBuilder, value: Value, activation: Activation): Value {
  if (activation === 'relu6') {
    return builder.clip(value, 0, 6)
  }
  return activation === 'relu' ? builder.relu(value) : value
}
