/** Running compiled graphs on ONNX Runtime: typed arrays by name in, typed arrays by name out. */
import { availableParallelism } from 'node:os'
import * as ort from 'onnxruntime-node'
import { VitrineError } from '#contract'
import { heapIsPool } from '../../engine-host/heap.ts'
import { elementCount } from './value.ts'
import type { Shape, Value } from './value.ts'

/** A tensor outside the runtime: float32, int64 or bytes, row-major. */
export interface Tensor {
  shape: Shape
  data: Float32Array | BigInt64Array | Uint8Array
}
export type Tensors = Readonly<Record<string, Tensor>>

/** Where a graph runs. `auto` is `cpu`: on a machine with a GPU `vitrine doctor` says what it offers. */
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
  const found = DEVICES.find((name) => name === wanted)
  if (!found) {
    throw new VitrineError(
      'BAD_INPUT',
      `There is no device called "${setting}".`,
      `Choose one of auto, ${DEVICES.join(', ')}.`,
    )
  }
  return found
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
 * ONNX Runtime's session of a model on a device. Throws TOOL_MISSING when the device is not to be had here:
 * nothing falls back to another in silence.
 */
export async function createOrtSession(
  model: Uint8Array,
  device: DeviceName,
  { locations, withoutCpu }: OrtSettings = {},
): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(model, {
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
    throw new VitrineError(
      'TOOL_MISSING',
      `The device ${device} can't be used here: ${whyNot(error)}`,
      'See docs/devices.md, or use the device cpu.',
      { cause: error },
    )
  }
}

/** ONNX Runtime's messages for what people meet, in plain words. */
const REASONS: readonly [RegExp, string][] = [
  [/backend not found/, 'the ONNX Runtime of this platform does not have it'],
  [
    /Failed to get a WebGPU adapter/,
    'no GPU with a driver for it was found (Vulkan on Linux, Direct3D 12 on Windows, Metal on macOS)',
  ],
  [
    /Failed to load shared library/,
    'its libraries are not installed (CUDA, cuDNN and the CUDA files of ONNX Runtime)',
  ],
]

function whyNot(error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).trim()
  return REASONS.find(([pattern]) => pattern.test(message))?.[1] ?? message
}

/** Compiles an ONNX model for a device. Throws as `createOrtSession`. */
export async function createSession(model: Uint8Array, device: DeviceName = 'cpu'): Promise<Session> {
  const session = await createOrtSession(model, device)
  return {
    device,
    async run(feeds, into) {
      const fed = Object.fromEntries(
        Object.entries(feeds).map(([name, tensor]) => [name, runtimeTensor(name, tensor)]),
      )
      const fetched =
        into &&
        Object.fromEntries(
          session.outputNames.map((name) => [name, into[name] ? runtimeTensor(name, into[name]) : null]),
        )
      const outputs: Record<string, Tensor> = {}
      for (const [name, tensor] of Object.entries(
        await (fetched ? session.run(fed, fetched) : session.run(fed)),
      )) {
        const output = tensorOf(name, tensor)
        if (!into?.[name]) {
          outputs[name] = output
        }
        // The runtime returns a copy all the same: as large as a model's state, and garbage collection would
        // be slow to free it.
        else if (output.data.buffer instanceof ArrayBuffer && output.data.buffer !== into[name].data.buffer) {
          output.data.buffer.transfer(0)
        }
      }
      return outputs
    },
    release: () => session.release(),
  }
}

/** An output of ONNX Runtime as it lies in the CPU's memory. */
export function tensorOf(name: string, { dims, data, type }: ort.Tensor): Tensor {
  if (data instanceof Float32Array || data instanceof BigInt64Array || data instanceof Uint8Array) {
    return { shape: dims, data }
  }
  throw new Error(`output ${name} has the type ${type}`)
}

export function runtimeTensor(name: string, { shape, data }: Tensor): ort.Tensor {
  if (elementCount(shape) !== data.length) {
    throw new Error(`${name}: ${data.length} elements do not fill [${shape.join(', ')}]`)
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
export function floats(outputs: Readonly<Record<string, Tensor>>, name: string): Float32Array {
  const data = outputs[name]?.data
  if (!(data instanceof Float32Array)) {
    throw new Error(`there is no float32 output ${name}`)
  }
  return data
}

/** A tensor for an input leaf, checked against its shape by `run`. */
export const tensorFor = (leaf: Value, data: Tensor['data']): Tensor => ({ shape: leaf.shape, data })
