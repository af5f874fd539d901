/** Runs a frame encoder over frames. */
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { CancelledError } from '../../common/failures.ts'
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { ort } from '../onnx-runtime.ts'
import { readDescriptor, sha256 } from './descriptor.ts'
import type { EncoderDescriptor } from './descriptor.ts'
import { failures } from './failures.ts'

/** Frames a run: larger batches are no faster, and a cancel waits for one run at most. */
const BATCH = 4
const CHANNELS = 3

const sessions = new Map<string, Promise<InferenceSession>>()

/**
 * Frames to features. `frames`: RGB bytes [count, size, size, 3], where size is the descriptor's. Returns
 * [count, F] row-major; what F consists of is in the descriptor's `outputs`. A frame's features do not depend
 * on the frames beside it. Throws VitrineError BAD_INPUT or NOT_FOUND for a bad or missing encoder,
 * CancelledError when `signal` aborts.
 */
export async function encodeFrames(
  { descriptor: path, frames, count, grid }: EngineParams<'encoders.encode'>,
  { signal }: Pick<EngineContext, 'signal'>,
): Promise<EngineResult<'encoders.encode'>> {
  const descriptor = await readDescriptor(path)
  const { input } = descriptor
  const output = descriptor.outputs.find((offered) => offered.grid === grid)
  if (output === undefined) {
    throw failures.gridUnknown({ encoder: descriptor.id, grid })
  }
  const frameBytes = input.size ** 2 * CHANNELS
  if (frames.length !== count * frameBytes) {
    throw failures.notFrames({ bytes: frames.length, frames: count, size: input.size })
  }

  const session = await openSession(join(dirname(path), descriptor.file), descriptor.checksum)
  const { dimension } = output
  const features = new Float32Array(count * dimension)
  for (let start = 0; start < count; start += BATCH) {
    if (signal.aborted) {
      throw new CancelledError()
    }
    const end = Math.min(start + BATCH, count)
    const batch = toInput(frames.subarray(start * frameBytes, end * frameBytes), end - start, input)
    const results = await session.run({ [input.name]: batch }, [output.name])
    const values = results[output.name]?.data
    if (!(values instanceof Float32Array) || values.length !== (end - start) * dimension) {
      throw failures.outputShape({ output: output.name, file: descriptor.file, dimension })
    }
    features.set(values, start * dimension)
  }
  return { features, dimension }
}

/** Bytes [n, size, size, 3] to the normalised float tensor that the encoder takes. */
function toInput(
  frames: Uint8Array,
  n: number,
  { size, layout, channels, mean, deviation }: EncoderDescriptor['input'],
): Tensor {
  const area = size * size
  const pixels = new Float32Array(frames.length)
  for (let channel = 0; channel < CHANNELS; channel++) {
    const source = channels === 'RGB' ? channel : CHANNELS - 1 - channel
    const table = Float32Array.from(
      { length: 256 },
      (_, byte) => (byte - (mean[channel] ?? 0)) / (deviation[channel] ?? 1),
    )
    for (let frame = 0; frame < n; frame++) {
      const base = frame * area * CHANNELS
      const [target, step] = layout === 'NCHW' ? [base + channel * area, 1] : [base + channel, CHANNELS]
      for (let i = 0; i < area; i++) {
        pixels[target + i * step] = table[frames[base + i * CHANNELS + source] ?? 0] ?? 0
      }
    }
  }
  return new ort.Tensor(
    'float32',
    pixels,
    layout === 'NCHW' ? [n, CHANNELS, size, size] : [n, size, size, CHANNELS],
  )
}

/** The session of an ONNX file, opened once a process and checksum. */
function openSession(path: string, checksum: string): Promise<InferenceSession> {
  const key = `${checksum} ${path}`
  const open = sessions.get(key)
  if (open) {
    return open
  }
  const session = createSession(path, checksum)
  sessions.set(key, session)
  // A failure is not kept: the next call tries again.
  session.catch(() => sessions.delete(key))
  return session
}

async function createSession(path: string, checksum: string): Promise<InferenceSession> {
  let onnx: Buffer
  try {
    onnx = await readFile(path)
  } catch (error) {
    throw failures.networkUnreadable({ path }, { cause: error })
  }
  if (sha256(onnx) !== checksum) {
    throw failures.networkDamaged({ path })
  }
  return ort.InferenceSession.create(onnx, {
    intraOpNumThreads: availableParallelism(),
    graphOptimizationLevel: 'all',
    // Threads that spin while they wait take the cores away from decoding and from other sessions.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  })
}
