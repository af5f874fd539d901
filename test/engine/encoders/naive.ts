/**
 * A plain evaluation of a TensorFlow Lite backbone, straight from its definition: maps are [height, width,
 * channels], one image.
 */
import { tensorValues } from '../../../src-main/engine/encoders/tflite.ts'
import type { TfliteModel } from '../../../src-main/engine/encoders/tflite.ts'

export interface FeatureMap {
  side: number
  channels: number
  data: Float64Array
}

/** The map of the first computed tensor whose name starts with `layer`. */
export function evaluateLayer(model: TfliteModel, input: FeatureMap, layer: string): FeatureMap {
  const maps = new Map([[model.inputs[0], input]])
  const widened = new Map<number, number>()
  for (const op of model.operators) {
    const [first = -1, second = -1, third = -1] = op.inputs
    if (op.type === 'dequantize') {
      widened.set(op.output, first)
      continue
    }
    const x = maps.get(first)
    if (x === undefined || op.type === 'other') {
      continue
    }
    let y: FeatureMap
    if (op.type === 'add') {
      const b = maps.get(second)
      if (b === undefined) {
        continue
      }
      y = { ...x, data: x.data.map((value, i) => value + (b.data[i] ?? NaN)) }
    } else {
      const constant = (index: number) => model.tensors[widened.get(index) ?? index] ?? expectTensor(index)
      const kernel = tensorValues(constant(second))
      const bias = tensorValues(constant(third))
      const [, size = 0] = constant(second).shape
      y = convolve(x, kernel, bias, size, op.strides[0], op.type === 'depthwise')
    }
    if (op.activation === 'relu6') {
      y.data = y.data.map((value) => Math.min(6, Math.max(0, value)))
    }
    maps.set(op.output, y)
    if (model.tensors[op.output]?.name.startsWith(layer)) {
      return y
    }
  }
  throw new Error(`no layer ${layer}`)
}

function convolve(
  x: FeatureMap,
  kernel: Float32Array,
  bias: Float32Array,
  size: number,
  stride: number,
  depthwise: boolean,
): FeatureMap {
  const side = Math.ceil(x.side / stride)
  const before = Math.floor(Math.max(0, (side - 1) * stride + size - x.side) / 2)
  const channels = bias.length
  const data = new Float64Array(side * side * channels)
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
        data[(oy * side + ox) * channels + o] = sum
      }
    }
  }
  return { side, channels, data }
}

function expectTensor(index: number): never {
  throw new Error(`no tensor ${index}`)
}
