/** A TensorFlow Lite model as layers. */
import type { Activation, ConvolutionLayer, ConvolutionWeights, Layer, LayerGraph } from './layers.ts'
import { tensorValues } from './tflite.ts'
import type { TfliteModel, TfliteOperator, TfliteTensor } from './tflite.ts'

type Convolution = Extract<TfliteOperator, { type: 'convolution' | 'depthwise' }>

/** What stands before the sum of an `add` that has an activation of its own. */
const SUM = 'sum of '

/** The layers of the first subgraph, by the names of the tensors that they compute. */
export function tfliteLayers(model: TfliteModel): LayerGraph {
  const nameOf = (index: number | undefined): string => tensorOf(model, index).name
  const widened = new Map(
    model.operators.flatMap((operator) =>
      operator.type === 'dequantize' ? [[operator.output, operator.inputs[0]] as const] : [],
    ),
  )
  const constant = (index: number | undefined): TfliteTensor =>
    tensorOf(model, index === undefined ? index : (widened.get(index) ?? index))
  const layers = new Map<string, Layer>()
  for (const operator of model.operators) {
    const name = nameOf(operator.output)
    switch (operator.type) {
      case 'convolution':
      case 'depthwise':
        layers.set(name, convolutionLayer(operator, nameOf(operator.inputs[0]), constant))
        break
      case 'add':
        for (const [part, layer] of sumLayers(name, operator.inputs.map(nameOf), operator.activation)) {
          layers.set(part, layer)
        }
        break
      case 'dequantize':
        break
      case 'other':
        layers.set(name, { type: 'other', operator: `TensorFlow Lite ${operator.code}` })
    }
  }
  return { input: nameOf(model.inputs[0]), layers }
}

function tensorOf(model: TfliteModel, index: number | undefined): TfliteTensor {
  const tensor = model.tensors[index ?? -1]
  if (tensor === undefined) {
    throw new Error(`the TensorFlow Lite file has no tensor ${index}`)
  }
  return tensor
}

function convolutionLayer(
  operator: Convolution,
  input: string,
  constant: (index: number | undefined) => TfliteTensor,
): ConvolutionLayer {
  const { type, inputs, strides, padding, activation } = operator
  return {
    type: 'convolution',
    input,
    weights: () => weightsOf(type === 'depthwise', constant(inputs[1]), constant(inputs[2])),
    isDepthwise: type === 'depthwise',
    strides,
    padding,
    activation,
  }
}

function sumLayers(name: string, [a = '', b = '']: string[], activation: Activation): [string, Layer][] {
  const sum: Layer = { type: 'add', inputs: [a, b] }
  return activation === 'none'
    ? [[name, sum]]
    : [
        [SUM + name, sum],
        [name, { type: 'activation', input: SUM + name, activation }],
      ]
}

/** Kernels are stored as [out, height, width, in], or [1, height, width, channels] when depthwise. */
function weightsOf(isDepthwise: boolean, kernelTensor: TfliteTensor, bias: TfliteTensor): ConvolutionWeights {
  const source = tensorValues(kernelTensor)
  const [first = 0, height = 0, width = 0, last = 0] = kernelTensor.shape
  const [out, inner] = isDepthwise ? [last, 1] : [first, last]
  const [outStride, pixelStride] = isDepthwise ? [1, last] : [height * width * last, last]
  const kernel = new Float32Array(source.length)
  let at = 0
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < inner; i++) {
      for (let pixel = 0; pixel < height * width; pixel++) {
        kernel[at++] = source[o * outStride + pixel * pixelStride + i] ?? NaN
      }
    }
  }
  return { kernel, shape: [out, inner, height, width], bias: tensorValues(bias) }
}
