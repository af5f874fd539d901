/** Running compiled graphs on ONNX Runtime: typed arrays by name in, typed arrays by name out. */
import { availableParallelism } from 'node:os'
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import type { VitrineError } from '../../common/failures.ts'
import { heapIsPool } from '../../engine-host/heap.ts'
import { ort } from '../onnx-runtime.ts'
import { failures } from './failures.ts'
import { elementCount, shapeText } from './shape.ts'
import type { Shape } from './shape.ts'
import type { Input } from './value.ts'

/** A tensor outside the runtime: float32, int64 or bytes, row-major. */
export interface Tensor {
  shape: Shape
  data: Float32Array | BigInt64Array | Uint8Array
}
export type Tensors = Readonly<Record<string, Tensor>>

/** Tensors to build into a graph, by input name: the parameters of an exported model. */
export type Weights = ReadonlyMap<string, { shape: Shape; data: Float32Array }>

/** Where a graph runs. What `auto` means here is the cpu; main knows what was measured, and names the device. */
export const DEVICES = [
  'cpu',
  'webgpu',
  'cuda',
  'dml',
  'coreml',
  'tensorflow',
  'tfjs-wasm',
  'tfjs-cpu',
] as const
export type DeviceName = (typeof DEVICES)[number]

/** The device that a setting means. Throws BAD_INPUT for a name that is none. */
export function resolveDevice(setting: string): DeviceName {
  const wanted = setting === 'auto' ? 'cpu' : setting
  const device = DEVICES.find((name) => name === wanted)
  if (!device) {
    throw failures.deviceUnknown({ device: setting, devices: DEVICES.join(', ') })
  }
  return device
}

export interface Session {
  readonly device: DeviceName
  /**
   * Feeds every input and returns every output, as views that stay valid; but outputs that `into` names are
   * written into its arrays and not returned.
   */
  run(feeds: Tensors, into?: Tensors): Promise<Record<string, Tensor>>
  /** Frees the compiled graph; it can't run after this. */
  release(): Promise<void>
}

export interface OrtSettings {
  /** Where outputs are left, by name; the CPU when left out. */
  locations?: Readonly<Record<string, 'cpu' | 'gpu-buffer'>>
  /** Refuses a model of which anything would run on the CPU. */
  withoutCpu?: boolean
}

/**
 * ONNX Runtime's session of a model, its bytes or its path, on a device. Throws TOOL_MISSING when the device is not to be had here:
 * nothing falls back to another in silence.
 */
export async function createOrtSession(
  model: Uint8Array | string,
  device: DeviceName,
  { locations, withoutCpu }: OrtSettings = {},
): Promise<InferenceSession> {
  try {
    return await createFrom(model, {
      ...(locations && { preferredOutputLocation: locations }),
      executionProviders: [device],
      intraOpNumThreads: availableParallelism(),
      // Errors; not where one is the answer to a question.
      logSeverityLevel: withoutCpu ? 4 : 3,
      enableCpuMemArena: !heapIsPool(),
      // Threads that spin between operations save a large model a twentieth of its time, and cost a small one
      // as much again as it takes, or any model on a busy machine.
      extra: {
        session: { intra_op: { allow_spinning: '0' }, ...(withoutCpu && { disable_cpu_ep_fallback: '1' }) },
      },
    })
  } catch (error) {
    if (device === 'cpu') {
      throw error
    }
    throw unusable(device, error)
  }
}

/** By its path the runtime finds weights that lie beside a model. */
function createFrom(
  model: Uint8Array | string,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  return typeof model === 'string'
    ? ort.InferenceSession.create(model, options)
    : ort.InferenceSession.create(model, options)
}

/** What ONNX Runtime's messages for what people meet mean. */
const MEANINGS = [
  [/backend not found/, failures.notInRuntime],
  [/Failed to get a WebGPU adapter/, failures.noGpu],
  [/Failed to load shared library/, failures.librariesMissing],
] as const

function unusable(device: DeviceName, cause: unknown): VitrineError {
  const reason = (cause instanceof Error ? cause.message : String(cause)).trim().replace(/\.$/, '')
  const meaning = MEANINGS.find(([pattern]) => pattern.test(reason))?.[1]
  return meaning ? meaning({ device }, { cause }) : failures.deviceUnusable({ device, reason }, { cause })
}

/** Compiles an ONNX model for a device. Throws as `createOrtSession`. */
export async function createSession(model: Uint8Array, device: DeviceName = 'cpu'): Promise<Session> {
  const session = await createOrtSession(model, device)
  return {
    device,
    async run(feeds, into) {
      const fed = runtimeTensors(feeds)
      const results = await (into ? session.run(fed, placesFor(session.outputNames, into)) : session.run(fed))
      return written(results, into)
    },
    release: () => session.release(),
  }
}

const runtimeTensors = (tensors: Tensors): Record<string, OrtTensor> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, runtimeTensor(name, tensor)]))

/** Where the runtime is to write each output; null: where it likes. */
const placesFor = (outputNames: readonly string[], into: Tensors): Record<string, OrtTensor | null> =>
  Object.fromEntries(outputNames.map((name) => [name, into[name] ? runtimeTensor(name, into[name]) : null]))

/** What the runtime returned, but for what it was to write `into` arrays of ours. */
function written(results: InferenceSession.ReturnType, into: Tensors = {}): Record<string, Tensor> {
  const outputs: Record<string, Tensor> = {}
  for (const [name, result] of Object.entries(results)) {
    const output = tensorOf(name, result)
    const place = into[name]
    if (!place) {
      outputs[name] = output
    }
    // The runtime returns a copy all the same: as large as a model's state, and garbage collection would be
    // slow to free it.
    else if (output.data.buffer instanceof ArrayBuffer && output.data.buffer !== place.data.buffer) {
      output.data.buffer.transfer(0)
    }
  }
  return outputs
}

/** An output of ONNX Runtime as it lies in the CPU's memory. */
export function tensorOf(name: string, { dims, data, type }: OrtTensor): Tensor {
  if (data instanceof Float32Array || data instanceof BigInt64Array || data instanceof Uint8Array) {
    return { shape: dims, data }
  }
  throw new Error(`output ${name} has the type ${type}`)
}

/** A tensor of ours as ONNX Runtime takes it. Throws when it is not of its shape. */
export function runtimeTensor(name: string, { shape, data }: Tensor): OrtTensor {
  if (elementCount(shape) !== data.length) {
    throw new Error(`${name}: ${data.length} elements do not fill ${shapeText(shape)}`)
  }
  if (data instanceof Float32Array) {
    return new ort.Tensor('float32', data, [...shape])
  }
  if (data instanceof BigInt64Array) {
    return new ort.Tensor('int64', data, [...shape])
  }
  return new ort.Tensor('uint8', data, [...shape])
}

/** The float32 output `name`. Throws when there is none. */
export function floats(outputs: Tensors, name: string): Float32Array {
  const elements = outputs[name]?.data
  if (!(elements instanceof Float32Array)) {
    throw new Error(`there is no float32 output ${name}`)
  }
  return elements
}

/** A tensor for an input, checked against its shape by `run`. */
export const tensorFor = ({ shape }: Input, elements: Tensor['data']): Tensor => ({ shape, data: elements })
