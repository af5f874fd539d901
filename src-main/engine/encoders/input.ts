/** Frames as a network takes them. */
import type { Tensor } from 'onnxruntime-node'
import { ort } from '../onnx-runtime.ts'
import { decodedSize } from './descriptor.ts'
import type { FrameInput } from './descriptor.ts'

export const CHANNELS = 3

/** Bytes of a decoded frame. */
export function bytesOfFrame(input: FrameInput): number {
  const { width, height } = decodedSize(input)
  return width * height * CHANNELS
}

/** Frames that make one feature. */
export const framesOfFeature = ({ stack }: Pick<FrameInput, 'stack'>): number => stack?.length ?? 1

/**
 * The tensor of `n` frames, or of `n` stacks of them, RGB bytes [n, height, width, 3] as decoded: the middle of each, its
 * channels in the network's order, normalised. A network that takes a fixed number of them gets that many; those
 * that are missing are zero.
 */
export function toTensor(frames: Uint8Array, n: number, input: FrameInput): Tensor {
  const count = input.batch ?? n
  const values = valuesOf(frames, n * framesOfFeature(input), input)
  const shape = shapeOf(input, count)
  const padded =
    count === n
      ? values
      : extended(
          values,
          shape.reduce((product, size) => product * size, 1),
        )
  switch (input.type) {
    case 'float32':
      return new ort.Tensor('float32', padded, shape)
    case 'uint8':
      return new ort.Tensor('uint8', Uint8Array.from(padded), shape)
    case 'float16':
      return halfTensor(padded, shape)
  }
}

/** The runtime takes float16 as bits; its JavaScript half makes numbers of them, which the other half can't read. */
function halfTensor(values: Float32Array, shape: number[]): Tensor {
  const bits = new Uint16Array(new Float16Array(values).buffer)
  return Object.defineProperty(new ort.Tensor('float16', bits, shape), 'data', { value: bits })
}

function shapeOf({ width, height, layout, stack }: FrameInput, count: number): number[] {
  const frame = layout === 'NCHW' ? [CHANNELS, height, width] : [height, width, CHANNELS]
  if (stack === undefined) {
    return [count, ...frame]
  }
  return stack.channelsFirst
    ? [count, CHANNELS, stack.length, height, width]
    : [count, stack.length, ...frame]
}

/** Where in the tensor a frame begins, and how far its neighbours are. */
interface Placing {
  startOf(frame: number): number
  channelStride: number
  pixelStride: number
}

function placingOf({ width, height, layout, stack }: FrameInput): Placing {
  const area = width * height
  if (stack?.channelsFirst) {
    const { length } = stack
    return {
      startOf: (frame) => (Math.floor(frame / length) * CHANNELS * length + (frame % length)) * area,
      channelStride: length * area,
      pixelStride: 1,
    }
  }
  const startOf = (frame: number) => frame * area * CHANNELS
  return layout === 'NCHW'
    ? { startOf, channelStride: area, pixelStride: 1 }
    : { startOf, channelStride: 1, pixelStride: CHANNELS }
}

/** Of `n` frames. */
function valuesOf(frames: Uint8Array, n: number, input: FrameInput): Float32Array {
  const { width, height, margin, channels, mean, deviation } = input
  const area = width * height
  const decodedWidth = width + margin
  const frameBytes = decodedWidth * (height + margin) * CHANNELS
  const corner = Math.floor(margin / 2)
  const values = new Float32Array(n * area * CHANNELS)
  const { startOf, channelStride, pixelStride } = placingOf(input)
  for (let channel = 0; channel < CHANNELS; channel++) {
    const source = channels === 'RGB' ? channel : CHANNELS - 1 - channel
    const table = Float32Array.from(
      { length: 256 },
      (_, byte) => (byte - (mean[channel] ?? 0)) / (deviation[channel] ?? 1),
    )
    for (let frame = 0; frame < n; frame++) {
      for (let row = 0; row < height; row++) {
        let from = frame * frameBytes + ((row + corner) * decodedWidth + corner) * CHANNELS + source
        let to = startOf(frame) + channel * channelStride + row * width * pixelStride
        for (let column = 0; column < width; column++) {
          values[to] = table[frames[from] ?? 0] ?? 0
          from += CHANNELS
          to += pixelStride
        }
      }
    }
  }
  return values
}

function extended(values: Float32Array, length: number): Float32Array {
  const longer = new Float32Array(length)
  longer.set(values)
  return longer
}
