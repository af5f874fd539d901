/** How fast an encoder is on a device, and how frames look to it. */
import type { EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { plainReason } from '../plain-reason.ts'
import { readDescriptor } from './descriptor.ts'
import type { FrameInput } from './descriptor.ts'
import { encodeFrames, featuresAtOnce } from './encode.ts'
import { failures } from './failures.ts'
import { bytesOfFrame, CHANNELS, toTensor } from './input.ts'
import { resolveDevice } from '../graph/session.ts'

/** Frames are encoded for this many milliseconds, the first ones aside. */
const PROBE_TIME = 1000

/** Encodes grey frames for a while; a device that can't be used is a result. */
export async function measureEncoder({
  descriptor: path,
  device,
}: EngineParams<'encoders.measure'>): Promise<EngineResult<'encoders.measure'>> {
  try {
    const { input, outputs } = await readDescriptor(path)
    const count = featuresAtOnce(input, resolveDevice(device))
    const frames = new Uint8Array(count * bytesOfFrame(input)).fill(128)
    const { stack } = input
    const stacks = stack
      ? Array.from({ length: count }, (_, place) => new Array<number>(stack.length).fill(place))
      : null
    const grid = outputs[0]?.grid ?? 1
    const signal = new AbortController().signal
    const encode = () => encodeFrames({ descriptor: path, frames, count, stacks, grid, device }, { signal })
    // The first frames open the network, and compile what a GPU compiles late.
    await encode()
    const started = performance.now()
    let encoded = 0
    do {
      await encode()
      encoded += count
    } while (performance.now() - started < PROBE_TIME)
    return { frameMs: (performance.now() - started) / encoded, reason: null }
  } catch (error) {
    return { frameMs: null, reason: plainReason(error) }
  }
}

/** Frames as the network gets them, its lowest value black and its highest white; its first channel is shown as red. */
export async function lookAtFrames({
  descriptor: path,
  frames,
  count,
}: EngineParams<'encoders.look'>): Promise<EngineResult<'encoders.look'>> {
  const { input } = await readDescriptor(path)
  const { width, height } = input
  if (frames.length !== count * bytesOfFrame(input)) {
    throw failures.notFrames({ bytes: frames.length, frames: count, width, height })
  }
  // Whatever its elements are, they are made of the same numbers.
  const plain: FrameInput = { ...input, type: 'float32', batch: null, stack: undefined }
  const values = toTensor(frames, count, plain).data as Float32Array
  return { pictures: stretched(channelsLast(values, count, plain)), width, height }
}

/** Values [n, height, width, 3] whatever the layout of the network. */
function channelsLast(values: Float32Array, n: number, { width, height, layout }: FrameInput): Float32Array {
  if (layout === 'NHWC') {
    return values
  }
  const area = width * height
  return Float32Array.from({ length: n * area * CHANNELS }, (_, at) => {
    const pixel = Math.floor(at / CHANNELS)
    const frame = Math.floor(pixel / area)
    return values[(frame * CHANNELS + (at % CHANNELS)) * area + (pixel % area)] ?? 0
  })
}

function stretched(values: Float32Array): Uint8Array {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  const range = high > low ? high - low : 1
  return Uint8Array.from(values, (value) => Math.round((255 * (value - low)) / range))
}
