/**
 * A frame encoder inside an exported model: what becomes of frames before the network and behind it (input.ts, pooling.ts,
 * cells.ts), as nodes around the network's own.
 */
import { dirname, join } from 'node:path'
import type { InferenceSession } from 'onnxruntime-node'
import onnxProto from 'onnx-proto'
import { featuresOfFrame } from '../../common/cells.ts'
import { readWhole } from '../../formats/files.ts'
import type { NotExported } from '../../engine-host/contract/index.ts'
import { OLDEST_OPERATORS } from '../graph/onnx-assembly.ts'
import type { OnnxAssembly, Port } from '../graph/onnx-assembly.ts'
import { cellParts } from './cells.ts'
import { decodedSize, dimensionOfParts, readDescriptor } from './descriptor.ts'
import type { EncoderDescriptor, FrameInput, OutputPart } from './descriptor.ts'
import { bytesOfFrame, CHANNELS, toTensor } from './input.ts'
import { cellSpan } from './pooling.ts'
import { openSession } from './sessions.ts'

type Model = onnxProto.onnx.ModelProto
type Dims = ReadonlyMap<string, readonly number[]>

export interface FramesGraph {
  /** RGB bytes [count, height, width, 3], as they are decoded. */
  input: Port
  /** Adds it: the tensor `features` [count * cells^2, F] is made of the tensor `frames`. */
  addTo(assembly: OnnxAssembly, features: string): void
}

/** Licences under which a network may be passed on with a model, whatever that is used for. */
const PASSED_ON = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BSL-1.0',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
].map((licence) => licence.toLowerCase())

/** Parts of an exported graph have these tensors; the network's own are below NETWORK. */
const FRAMES = 'frames'
const NETWORK = 'network'
const FLOAT32 = 1
const FLOAT16 = 10
const UINT8 = 2
const TO: Readonly<Record<FrameInput['type'], number>> = { float32: FLOAT32, float16: FLOAT16, uint8: UINT8 }

/** The frame encoder that the descriptor at `path` describes, or why it can't be exported. Throws as `openSession`. */
export async function framesGraph(
  path: string,
  { grid, cells }: { grid: 1 | 2; cells: number },
): Promise<FramesGraph | NotExported> {
  const descriptor = await readDescriptor(path)
  const reason = whyNot(descriptor)
  if (reason !== null) {
    return reason
  }
  const session = await openSession(path, descriptor, 'cpu')
  const model = onnxProto.onnx.ModelProto.decode(await readWhole(join(dirname(path), descriptor.file)))
  if (!isEmbeddable(model)) {
    return 'operators'
  }
  const whole = descriptor.outputs.find((output) => output.grid === grid)?.parts ?? []
  const inCells = cells === 1 ? [] : cellParts(descriptor)
  const dims = await shapesOfOutputs(session, descriptor, [...whole, ...inCells])
  const { height, width } = decodedSize(descriptor.input)
  return {
    input: { name: FRAMES, shape: ['count', height, width, CHANNELS], dtype: 'uint8' },
    addTo(assembly, features) {
      addInput(assembly, descriptor.input, `${NETWORK}/input`)
      assembly.model(NETWORK, model, new Map([[descriptor.input.name, `${NETWORK}/input`]]))
      const pooled = new Pooling(assembly, dims)
      if (cells === 1) {
        pooled.ofFrames(whole, features)
      } else {
        pooled.ofCells(whole, inCells, { cells, features })
      }
    },
  }
}

function whyNot({ licence, externalData, input }: EncoderDescriptor): NotExported | null {
  if (!PASSED_ON.includes(licence.trim().toLowerCase())) {
    return 'licence'
  }
  if (input.stack !== undefined || input.batch !== null) {
    return 'stacks'
  }
  return externalData.length > 0 ? 'weights beside' : null
}

/** Whether it is of ONNX's own operators alone, in a version that ours have the same meaning in. */
const isEmbeddable = ({ opsetImport, functions, graph }: Model): boolean =>
  functions.length === 0 &&
  (graph?.sparseInitializer ?? []).length === 0 &&
  opsetImport.every(({ domain }) => domain === '' || domain === 'ai.onnx') &&
  opsetImport.every(({ version }) => Number(version) >= OLDEST_OPERATORS)

/** The shapes of a network's outputs for one frame, by what it gives of a black one. */
async function shapesOfOutputs(
  session: InferenceSession,
  { input }: EncoderDescriptor,
  parts: readonly OutputPart[],
): Promise<Dims> {
  const names = [...new Set(parts.map(({ output }) => output))]
  const black = new Uint8Array(bytesOfFrame(input))
  const results = await session.run({ [input.name]: toTensor(black, 1, input) }, names)
  return new Map(names.map((name) => [name, results[name]?.dims ?? []]))
}

/** `toTensor` of input.ts, of the tensor `frames`. */
function addInput(
  assembly: OnnxAssembly,
  { width, height, margin, channels, mean, deviation, layout, type }: FrameInput,
  name: string,
): void {
  const part = (step: string): string => `${FRAMES}/${step}`
  assembly.node('Cast', [FRAMES], part('float'), { to: FLOAT32 })
  const corner = Math.floor(margin / 2)
  assembly.ints(part('from'), [corner, corner])
  assembly.ints(part('to'), [corner + height, corner + width])
  assembly.ints(part('sides'), [1, 2])
  assembly.node('Slice', [part('float'), part('from'), part('to'), part('sides')], part('middle'))
  assembly.ints(part('order'), channels === 'RGB' ? [0, 1, 2] : [2, 1, 0])
  assembly.node('Gather', [part('middle'), part('order')], part('ordered'), { axis: 3 })
  assembly.floats(part('mean'), mean)
  assembly.floats(part('deviation'), deviation)
  assembly.node('Sub', [part('ordered'), part('mean')], part('centred'))
  assembly.node('Div', [part('centred'), part('deviation')], part('normalised'))
  const perm = layout === 'NCHW' ? [0, 3, 1, 2] : [0, 1, 2, 3]
  assembly.node('Transpose', [part('normalised')], part('laid_out'), { perm })
  assembly.node('Cast', [part('laid_out')], name, { to: TO[type] })
}

/** Adds what `poolPart` and `readCells` do. */
class Pooling {
  readonly #assembly: OnnxAssembly
  readonly #dims: Dims
  #added = 0

  constructor(assembly: OnnxAssembly, dims: Dims) {
    this.#assembly = assembly
    this.#dims = dims
  }

  /** [count, F]. */
  ofFrames(parts: readonly OutputPart[], name: string): void {
    this.#assembly.node(
      'Concat',
      parts.map((part) => this.#vector(part)),
      name,
      { axis: 1 },
    )
  }

  /** What the frame is as a whole, and behind it what is seen in the cell: [count * cells^2, F]. */
  ofCells(
    whole: readonly OutputPart[],
    inCells: readonly OutputPart[],
    { cells, features }: { cells: number; features: string },
  ): void {
    const count = featuresOfFrame(cells)
    const vectors = this.#name('whole')
    this.ofFrames(whole, vectors)
    const once = this.#reshaped(vectors, [0, 1, dimensionOfParts(whole)])
    const ofCells = inCells.map((part) => {
      const map = this.#pooledMap({ ...part, grid: cells })
      return this.#node('Transpose', [map], { perm: [0, 2, 1] })
    })
    const repeated = this.#node('Expand', [once, this.#ints([1, count, 1])])
    const joined = this.#node('Concat', [repeated, ...ofCells], { axis: 2 })
    const size = dimensionOfParts(whole) + dimensionOfParts(inCells)
    this.#assembly.node('Reshape', [joined, this.#ints([-1, size])], features)
  }

  /** What a part makes of each frame, [count, channels * grid^2]. */
  #vector(part: OutputPart): string {
    const isVector = part.pooling === 'none' || part.pooling === 'first'
    if (!isVector) {
      return this.#reshaped(this.#pooledMap(part), [0, -1])
    }
    const flat = this.#reshaped(this.#output(part), [0, -1])
    return this.#node('Slice', [flat, this.#ints([0]), this.#ints([part.channels]), this.#ints([1])])
  }

  /** A part's map, pooled over the cells of its grid: [count, channels, grid^2]. */
  #pooledMap(part: OutputPart): string {
    const { map, rows, columns } = this.#map(part)
    const cells = Array.from({ length: part.grid ** 2 }, (_, cell) => {
      const down = cellSpan(rows, part.grid, Math.floor(cell / part.grid))
      const across = cellSpan(columns, part.grid, cell % part.grid)
      return down.flatMap((row) =>
        across.map((column) => ({
          pixel: row.position * columns + column.position,
          share: row.share * column.share,
        })),
      )
    })
    if (part.pooling === 'max') {
      const most = cells.map((pixels) => {
        const cut = this.#node('Gather', [map, this.#ints(pixels.map(({ pixel }) => pixel))], { axis: 2 })
        return this.#node('GlobalMaxPool', [cut])
      })
      return this.#node('Concat', most, { axis: 2 })
    }
    const weights = new Float32Array(rows * columns * cells.length)
    cells.forEach((pixels, cell) => {
      const sum = pixels.reduce((total, { share }) => total + share, 0)
      for (const { pixel, share } of pixels) {
        weights[pixel * cells.length + cell] = share / sum
      }
    })
    const name = this.#name('weights')
    this.#assembly.floats(name, [...weights], [rows * columns, cells.length])
    return this.#node('MatMul', [map, name])
  }

  /** A part's output as [count, channels, rows * columns]. */
  #map(part: OutputPart): { map: string; rows: number; columns: number } {
    const [, second = 0, third = 0, fourth = 0] = this.#dims.get(part.output) ?? []
    const output = this.#output(part)
    switch (part.form) {
      case 'vector':
        throw new Error(`${part.output} is no map`)
      case 'NCHW':
        return {
          map: this.#reshaped(output, [0, part.channels, third * fourth]),
          rows: third,
          columns: fourth,
        }
      case 'NHWC': {
        const turned = this.#node('Transpose', [output], { perm: [0, 3, 1, 2] })
        return {
          map: this.#reshaped(turned, [0, part.channels, second * third]),
          rows: second,
          columns: third,
        }
      }
      case 'tokens': {
        const tokens = second - part.extra
        const side = Math.round(Math.sqrt(tokens))
        const [from, to] = [this.#ints([part.extra]), this.#ints([second])]
        const ofMap = this.#node('Slice', [output, from, to, this.#ints([1])])
        const map = this.#node('Transpose', [ofMap], { perm: [0, 2, 1] })
        // Tokens that are no square map are one row.
        return side * side === tokens ? { map, rows: side, columns: side } : { map, rows: 1, columns: tokens }
      }
    }
  }

  #output({ output }: OutputPart): string {
    return this.#node('Cast', [`${NETWORK}/${output}`], { to: FLOAT32 })
  }

  #reshaped(tensor: string, shape: readonly number[]): string {
    return this.#node('Reshape', [tensor, this.#ints(shape)])
  }

  #node(...[opType, inputs, attributes]: [string, string[], Record<string, number | number[]>?]): string {
    const name = this.#name(opType)
    this.#assembly.node(opType, inputs, name, attributes)
    return name
  }

  #ints(elements: readonly number[]): string {
    const name = this.#name('ints')
    this.#assembly.ints(name, elements)
    return name
  }

  #name(kind: string): string {
    return `pooling/${kind}.${this.#added++}`
  }
}
