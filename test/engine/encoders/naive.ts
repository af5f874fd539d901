/**
 * A plain evaluation of a TensorFlow Lite backbone, straight from its definition: maps are [height, width,
 * channels], one image.
 */
import { tensorValues } from '../../../src-main/engine/encoders/tflite.ts'
import type {
  Activation,
  TfliteModel,
  TfliteOperator,
  TfliteTensor,
} from '../../../src-main/engine/encoders/tflite.ts'

export interface FeatureMap {
  side: number
  channels: number
  data: Float64Array
}

interface Convolution {
  kernel: Float32Array
  bias: Float32Array
  /** Width and height of the kernel. */
  size: number
  stride: number
  depthwise: boolean
}

/** The map of the first computed tensor whose name starts with `layer`. */
export function evaluateLayer(model: TfliteModel, input: FeatureMap, layer: string): FeatureMap {
  const maps = new Map([[model.inputs[0] ?? -1, input]])
  const widened = new Map<number, number>()
  const constant = (index: number) => model.tensors[widened.get(index) ?? index] ?? missingTensor(index)
  for (const op of model.operators) {
    const [first = -1] = op.inputs
    if (op.type === 'dequantize') {
      widened.set(op.output, first)
      continue
    }
    const map = evaluateOperator(op, maps, constant)
    if (!map) {
      continue
    }
    maps.set(op.output, map)
    if (model.tensors[op.output]?.name.startsWith(layer)) {
      return map
    }
  }
  throw new Error(`no layer ${layer}`)
}

/** Null for an operator whose inputs are not known, or that is none of a backbone. */
function evaluateOperator(
  op: TfliteOperator,
  maps: ReadonlyMap<number, FeatureMap>,
  constant: (index: number) => TfliteTensor,
): FeatureMap | null {
  const [first = -1, second = -1, third = -1] = op.inputs
  const x = maps.get(first)
  if (x === undefined) {
    return null
  }
  switch (op.type) {
    case 'add': {
      const y = maps.get(second)
      return y ? activated(add(x, y), op.activation) : null
    }
    case 'convolution':
    case 'depthwise': {
      const convolution = {
        kernel: tensorValues(constant(second)),
        bias: tensorValues(constant(third)),
        size: constant(second).shape[1] ?? 0,
        stride: op.strides[0],
        depthwise: op.type === 'depthwise',
      }
      return activated(convolve(x, convolution), op.activation)
    }
    default:
      return null
  }
}

const add = (x: FeatureMap, y: FeatureMap): FeatureMap => ({
  ...x,
  data: x.data.map((value, i) => value + (y.data[i] ?? NaN)),
})

const activated = (map: FeatureMap, activation: Activation): FeatureMap =>
  activation === 'relu6' ? { ...map, data: map.data.map((value) => Math.min(6, Math.max(0, value))) } : map

function convolve(x: FeatureMap, { kernel, bias, size, stride, depthwise }: Convolution): FeatureMap {
  const side = Math.ceil(x.side / stride)
  const before = Math.floor(Math.max(0, (side - 1) * stride + size - x.side) / 2)
  const channels = bias.length
  const values = new Float64Array(side * side * channels)
  for (let oy = 0; oy < side; oy++) {
    for (let ox = 0; ox < side; ox++) {
      for (let o = 0; o < channels; o++) {
        let sum = bias[o] ?? NaN
        for (let ky = 0; ky < size; ky++) {
          for (let kx = 0; kx < size; kx++) {
            const [iy, ix] = [oy * stride + ky - before, ox * stride + kx - before]
            if (iy < 0 || ix < 0 || iy >= x.side || ix >= x.side) {
              continue
            }
            const pixel = (iy * x.side + ix) * x.channels
            if (depthwise) {
              sum += (x.data[pixel + o] ?? NaN) * (kernel[(ky * size + kx) * channels + o] ?? NaN)
            } else {
              for (let i = 0; i < x.channels; i++) {
                sum +=
                  (x.data[pixel + i] ?? NaN) * (kernel[((o * size + ky) * size + kx) * x.channels + i] ?? NaN)
              }
            }
          }
        }
        values[(oy * side + ox) * channels + o] = sum
      }
    }
  }
  return { side, channels, data: values }
}

function missingTensor(index: number): never {
  throw new Error(`no tensor ${index}`)
}
