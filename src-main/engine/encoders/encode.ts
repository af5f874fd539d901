/** Runs a frame encoder over frames. */
import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { featuresOfFrame } from '../../common/cells.ts'
import { CancelledError } from '../../common/failures.ts'
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { resolveDevice } from '../graph/session.ts'
import type { DeviceName } from '../graph/session.ts'
import { cellParts, readCells } from './cells.ts'
import { dimensionOfParts, lengthOf, readDescriptor } from './descriptor.ts'
import type { EncoderDescriptor, FrameInput, OutputPart } from './descriptor.ts'
import { failures } from './failures.ts'
import { bytesOfFrame, toTensor } from './input.ts'
import { poolPart } from './pooling.ts'
import type { NetworkOutput } from './pooling.ts'
import { openSession } from './sessions.ts'

/** Frames a run: on the CPU larger batches are no faster, and a cancel waits for one run at most. */
const BATCH = { cpu: 4, other: 32 }
/** The same of stacks of frames. */
const STACKS = { cpu: 1, other: 4 }

type Output = EncoderDescriptor['outputs'][number]

/**
 * Frames to features. `frames`: RGB bytes [count, height, width, 3] of the size that the encoder is fed with; `stacks`: the
 * places of those that make each feature, or null where each makes one; `cells`: rows and columns that a frame is cut into, of
 * which each makes a feature of its own. Returns [features, F] row-major; what F consists of is in the descriptor's
 * `outputs`, and in cells.ts. A feature does not depend on the frames beside its own. Throws VitrineError BAD_INPUT or NOT_FOUND for a bad or missing encoder,
 * CancelledError when `signal` aborts.
 */
export async function encodeFrames(
  {
    descriptor: path,
    frames,
    count,
    stacks = null,
    grid,
    cells = 1,
    device: setting,
  }: EngineParams<'encoders.encode'>,
  { signal }: Pick<EngineContext, 'signal'>,
): Promise<EngineResult<'encoders.encode'>> {
  const device = resolveDevice(setting)
  const descriptor = await readDescriptor(path)
  const { input } = descriptor
  const output = outputFor(descriptor, grid)
  const inCells = cells === 1 ? [] : partsOfCells(descriptor)
  const frameBytes = bytesOfFrame(input)
  if (frames.length !== count * frameBytes) {
    throw failures.notFrames({
      bytes: frames.length,
      frames: count,
      width: input.width + input.margin,
      height: input.height + input.margin,
    })
  }

  requireStacks(descriptor, stacks, count)

  const session = await openSession(path, descriptor, device)
  const dimension = output.dimension + dimensionOfParts(inCells)
  const made = stacks?.length ?? count
  const valuesOfFrame = featuresOfFrame(cells) * dimension
  const features = new Float32Array(made * valuesOfFrame)
  const most = featuresAtOnce(input, device)
  for (let start = 0; start < made; start += most) {
    if (signal.aborted) {
      throw new CancelledError()
    }
    const end = Math.min(start + most, made)
    const batch =
      stacks === null
        ? frames.subarray(start * frameBytes, end * frameBytes)
        : framesOf(stacks.slice(start, end).flat(), frames, frameBytes)
    const vectors = await encodeBatch(session, { batch, n: end - start, descriptor, output, cells, inCells })
    features.set(vectors, start * valuesOfFrame)
  }
  return { features, dimension }
}

/** How many frames, or stacks of them, go into the network at a time. */
export function featuresAtOnce({ batch, stack }: FrameInput, device: DeviceName): number {
  const { cpu, other } = stack === undefined ? BATCH : STACKS
  return batch ?? (device === 'cpu' ? cpu : other)
}

/** Throws BAD_INPUT where an encoder gets single frames and takes stacks, the other way round, or stacks of other sizes. */
function requireStacks(
  { id, input: { stack } }: EncoderDescriptor,
  stacks: readonly (readonly number[])[] | null,
  count: number,
): void {
  const fits =
    stacks === null
      ? stack === undefined
      : stacks.every((places) => places.length === stack?.length && places.every((place) => place < count))
  if (!fits) {
    throw failures.notStacks({ encoder: id, length: stack?.length ?? 1 })
  }
}

/** Copies of frames, one after the other. */
function framesOf(places: readonly number[], frames: Uint8Array, frameBytes: number): Uint8Array {
  const copies = new Uint8Array(places.length * frameBytes)
  places.forEach((place, i) => {
    copies.set(frames.subarray(place * frameBytes, (place + 1) * frameBytes), i * frameBytes)
  })
  return copies
}

function outputFor({ id, outputs }: EncoderDescriptor, grid: number): Output {
  const output = outputs.find((offered) => offered.grid === grid)
  if (output === undefined) {
    throw failures.gridUnknown({ encoder: id, grid })
  }
  return output
}

/** Throws BAD_INPUT for an encoder that sees no cells. */
function partsOfCells(descriptor: EncoderDescriptor): OutputPart[] {
  const parts = cellParts(descriptor)
  if (parts.length === 0) {
    throw failures.noCells({ encoder: descriptor.id })
  }
  return parts
}

interface Batch {
  /** RGB bytes as decoded. */
  batch: Uint8Array
  n: number
  descriptor: EncoderDescriptor
  output: Output
  cells: number
  /** What is read of each cell beside what the frame is as a whole; empty where there is one cell. */
  inCells: readonly OutputPart[]
}

/**
 * The vectors [n, cells^2, F] of some frames. Throws BAD_INPUT where the network gives something else than it is known
 * for.
 */
async function encodeBatch(
  session: InferenceSession,
  { batch, n, descriptor: { id, input }, output, cells, inCells }: Batch,
): Promise<Float32Array> {
  const names = [...new Set([...output.parts, ...inCells].map((part) => part.output))]
  const results = await session.run({ [input.name]: toTensor(batch, n, input) }, names)
  const outputs = new Map(names.map((name) => [name, networkOutput(id, name, results[name])]))
  const size = output.dimension + dimensionOfParts(inCells)
  const vectors = new Float32Array(n * featuresOfFrame(cells) * size)
  let at = 0
  for (let frame = 0; frame < n; frame++) {
    const whole = readFrame(outputs, frame, output)
    for (const cell of readCells(outputs, { frame, cells, parts: inCells })) {
      vectors.set(whole, at)
      vectors.set(cell, at + whole.length)
      at += size
    }
  }
  if (!vectors.every(Number.isFinite)) {
    throw failures.notFinite({ encoder: id })
  }
  return vectors
}

/** What a frame is as a whole. */
function readFrame(
  outputs: ReadonlyMap<string, NetworkOutput>,
  frame: number,
  { parts, dimension }: Output,
): Float32Array {
  const vector = new Float32Array(dimension)
  let at = 0
  for (const part of parts) {
    poolPart(outputs.get(part.output)!, frame, part, vector, at)
    at += lengthOf(part)
  }
  return vector
}

/** An output as plain numbers. Throws BAD_INPUT for one of another type. */
function networkOutput(encoder: string, name: string, tensor: Tensor | undefined): NetworkOutput {
  const { data, dims = [], type } = tensor ?? {}
  if (data instanceof Float32Array) {
    return { values: data, dims }
  }
  if (type === 'float16' && ArrayBuffer.isView(data)) {
    return {
      values: new Float32Array(new Float16Array(data.buffer, data.byteOffset, data.byteLength / 2)),
      dims,
    }
  }
  throw failures.outputType({ encoder, output: name, type: type ?? 'nothing' })
}
