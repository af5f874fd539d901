/**
 * What an ONNX file is: its one picture input, and what its outputs are. Input, types and sizes stand in the file; what
 * the outputs look like is seen by running it once, for many files leave their shapes open. Whatever is wrong is a
 * sentence with the file's name.
 */
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import onnxProto from 'onnx-proto'
import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { EncoderChoices } from '#contract'
import type { VitrineError } from '../../common/failures.ts'
import { readWhole, statFile } from '../../formats/files.ts'
import { createOrtSession } from '../graph/session.ts'
import { layoutOf } from './layout.ts'
import { isFileName, LARGEST_SIDE } from './descriptor.ts'
import type { FrameInput, OutputPart } from './descriptor.ts'
import { failures } from './failures.ts'
import { CHANNELS, framesOfFeature, toTensor } from './input.ts'

/** Where a file leaves width and height open. */
const USUAL_SIDE = 224
/** Of files in protocol buffers, by that format's own limit. */
const LARGEST = 2 ** 31 - 1
const EXTERNAL = onnxProto.onnx.TensorProto.DataLocation.EXTERNAL

export interface Network {
  path: string
  /** The file, and those beside it that hold its weights. */
  files: { file: string; bytes: number }[]
  input: NetworkInput
  /** The file leaves width and height open. */
  anySize: boolean
  outputs: SeenOutput[]
}
export type NetworkInput = Pick<
  FrameInput,
  'name' | 'width' | 'height' | 'layout' | 'type' | 'batch' | 'stack'
>

/** An output as it was for one frame. */
export interface SeenOutput {
  name: string
  type: string
  shape: number[]
  /** Null: it can't be made into features. */
  form: OutputPart['form'] | null
}

/** What a file may leave open. */
export type OpenChoices = Pick<EncoderChoices, 'width' | 'height' | 'layout' | 'stack' | 'stride'>

/**
 * Reads an ONNX file and runs it once. Throws NOT_FOUND for one that is not there, BAD_INPUT for one that is no
 * network of frames, naming what it takes instead.
 */
export async function readNetwork(path: string, choices: OpenChoices): Promise<Network> {
  const files = await filesOf(path)
  const session = await createOrtSession(path, 'cpu').catch((error: unknown) => {
    throw unreadable(path, error)
  })
  try {
    const { input, anySize } = readInput(path, session, choices)
    return { path, files, anySize, ...(await runOnce(path, session, input)) }
  } finally {
    await session.release()
  }
}

/** The file and those that hold its weights, which must lie beside it. */
async function filesOf(path: string): Promise<Network['files']> {
  const { size } = await statFile(path)
  const file = basename(path)
  if (size > LARGEST) {
    throw failures.networkTooLarge({ path })
  }
  const model = decodeModel(path, await readWhole(path))
  const beside = await Promise.all(
    externalFiles(model.graph).map(async (location) => {
      if (!isFileName(location)) {
        throw failures.weightsElsewhere({ path, file: location })
      }
      const found = await stat(join(dirname(path), location)).catch(() => null)
      if (found?.isFile() !== true) {
        throw failures.weightsMissing({ path, file: location })
      }
      return { file: location, bytes: found.size }
    }),
  )
  return [{ file, bytes: size }, ...beside]
}

function decodeModel(path: string, bytes: Buffer): onnxProto.onnx.ModelProto {
  let model: onnxProto.onnx.ModelProto
  try {
    model = onnxProto.onnx.ModelProto.decode(bytes)
  } catch (error) {
    throw failures.notOnnx({ path }, { cause: error })
  }
  if ((model.graph?.node?.length ?? 0) === 0) {
    throw failures.notOnnx({ path })
  }
  return model
}

/** The files that a graph, and those inside it, take weights from, each once. */
function externalFiles(graph: onnxProto.onnx.IGraphProto | null | undefined): string[] {
  const tensors = [
    ...(graph?.initializer ?? []),
    ...(graph?.node ?? []).flatMap(({ attribute }) =>
      (attribute ?? []).flatMap(({ t, tensors: several }) => [...(t ? [t] : []), ...(several ?? [])]),
    ),
  ]
  const inner = (graph?.node ?? []).flatMap(({ attribute }) =>
    (attribute ?? []).flatMap(({ g, graphs }) => [...(g ? [g] : []), ...(graphs ?? [])]),
  )
  const here = tensors
    .filter(({ dataLocation }) => dataLocation === EXTERNAL)
    .map(({ externalData }) => externalData?.find(({ key }) => key === 'location')?.value ?? '')
  return [...new Set([...here, ...inner.flatMap(externalFiles)])]
}

/** What ONNX Runtime's messages for what people meet mean. */
function unreadable(path: string, error: unknown): VitrineError {
  const reason = runtimeReason(error)
  const operator =
    /No Op registered for (\S+)/.exec(reason)?.[1] ??
    /Could not find an implementation for (\w+)/.exec(reason)?.[1] ??
    /(\S+) is not a registered function\/op/.exec(reason)?.[1]?.split(':').at(-1)
  if (operator !== undefined) {
    return failures.operatorUnknown({ path, operator }, { cause: error })
  }
  if (
    /Unsupported model IR version|opset \d+ is under development|ONNX Runtime only \*guarantees\*/.test(
      reason,
    )
  ) {
    return failures.networkTooNew({ path }, { cause: error })
  }
  return failures.networkRefused({ path, reason }, { cause: error })
}

/** What the runtime says, in one line without a full stop. */
const runtimeReason = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim().replace(/\.$/, '')

const TYPES: readonly string[] = ['float32', 'float16', 'uint8']
const isFrameType = (type: string): type is FrameInput['type'] => TYPES.includes(type)

function readInput(
  path: string,
  { inputMetadata }: InferenceSession,
  choices: OpenChoices,
): { input: NetworkInput; anySize: boolean } {
  const [input, ...others] = inputMetadata
  if (input === undefined || others.length > 0) {
    throw failures.severalInputs({ path, inputs: inputMetadata.map(({ name }) => name).join(', ') || 'none' })
  }
  if (!input.isTensor || !isFrameType(input.type)) {
    throw failures.inputType({ path, input: input.name, type: input.isTensor ? input.type : 'no tensor' })
  }
  const shape = input.shape.map((dimension) => (Number(dimension) > 0 ? Number(dimension) : null))
  const { layout, stack, rows, columns } = layoutOf(shape, choices, { path, input: input.name })
  const fixed = { width: shape[columns] ?? null, height: shape[rows] ?? null }
  return {
    input: {
      name: input.name,
      type: input.type,
      layout,
      width: sideOf(path, fixed.width, choices.width) ?? fixed.height ?? USUAL_SIDE,
      height: sideOf(path, fixed.height, choices.height ?? choices.width) ?? fixed.width ?? USUAL_SIDE,
      batch: shape[0] ?? null,
      ...(stack !== null && { stack }),
    },
    anySize: fixed.width === null || fixed.height === null,
  }
}

/**
 * A side of the input: as the file has it, or as it was chosen; null: neither says. Throws BAD_INPUT where
 * these are not the same, and for too large a side.
 */
function sideOf(path: string, fixed: number | null, chosen: number | undefined): number | null {
  if (fixed !== null && chosen !== undefined && chosen !== fixed) {
    throw failures.otherSize({ path, fixed, chosen })
  }
  if (fixed !== null && fixed > LARGEST_SIDE) {
    throw failures.framesTooLarge({ path, fixed, most: LARGEST_SIDE })
  }
  return fixed ?? chosen ?? null
}

/** Runs it on grey frames: one by itself and, where it takes any number, two together. */
async function runOnce(
  path: string,
  session: InferenceSession,
  input: NetworkInput,
): Promise<Pick<Network, 'input' | 'outputs'>> {
  const first = await run(session, input, input.batch ?? 1).catch((error: unknown) => {
    throw failures.doesNotRun(
      { path, width: input.width, height: input.height, reason: runtimeReason(error).slice(0, 300) },
      { cause: error },
    )
  })
  const count = input.batch ?? 1
  const outputs = session.outputNames.map((name) => seenOutput(name, first[name], count, input.layout))
  const takesAny = input.batch !== null || (await runsTogether(session, input, outputs))
  return { input: takesAny ? input : { ...input, batch: 1 }, outputs }
}

/** The network's answer to `count` grey frames. */
function run(
  session: InferenceSession,
  input: NetworkInput,
  count: number,
): Promise<InferenceSession.ReturnType> {
  const grey = new Uint8Array(count * framesOfFeature(input) * input.width * input.height * CHANNELS).fill(
    128,
  )
  const plain: FrameInput = {
    ...input,
    channels: 'RGB',
    mean: [0, 0, 0],
    deviation: [255, 255, 255],
    fit: 'squash',
    margin: 0,
  }
  return session.run({ [input.name]: toTensor(grey, count, plain) })
}

/** Some networks say that they take any number of frames, and were made for one. */
async function runsTogether(
  session: InferenceSession,
  input: NetworkInput,
  alone: readonly SeenOutput[],
): Promise<boolean> {
  try {
    const together = await run(session, input, 2)
    return alone
      .filter(({ form }) => form !== null)
      .every(({ name, shape }) => {
        const dims = together[name]?.dims ?? []
        return dims[0] === 2 && shape.slice(1).every((dimension, axis) => dims[axis + 1] === dimension)
      })
  } catch {
    return false
  }
}

function seenOutput(
  name: string,
  tensor: Tensor | undefined,
  count: number,
  layout: FrameInput['layout'],
): SeenOutput {
  const { type = 'nothing', dims = [] } = tensor ?? {}
  const isReadable = (type === 'float32' || type === 'float16') && dims[0] === count && !dims.includes(0)
  return { name, type, shape: [...dims], form: isReadable ? formOf(dims, layout) : null }
}

function formOf(
  [, second, third, fourth, fifth]: readonly number[],
  layout: FrameInput['layout'],
): SeenOutput['form'] {
  if (second === undefined || fifth !== undefined) {
    return null
  }
  if (third === undefined) {
    return 'vector'
  }
  if (fourth === undefined) {
    return 'tokens'
  }
  // A square side by side is the map; what is left over counts the channels.
  if (second === third && third !== fourth) {
    return 'NHWC'
  }
  return third === fourth && second !== third ? 'NCHW' : layout
}
