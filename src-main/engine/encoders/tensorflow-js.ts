/**
 * Reads a graph model of TensorFlow.js as layers. Such a model is two files: JSON with a TensorFlow GraphDef (whose
 * byte strings are base64) and a manifest of its constants, and their values one after the other. Both are trusted
 * (callers check their SHA-256), so damage shows up as a thrown error, not as a diagnosis.
 *
 * The hard-swish and hard-sigmoid of MobileNetV3 are written out as sums, products and clips there. They are put
 * together again, because ONNX Runtime needs half the time for them then.
 */
import * as z from 'zod'
import type { Activation, ConvolutionLayer, ConvolutionWeights, Layer, LayerGraph } from './layers.ts'

const base64 = z.string().transform((text) => Buffer.from(text, 'base64').toString())
const attributes = z
  .object({
    strides: z.object({ list: z.object({ i: z.array(z.coerce.number()) }) }),
    dilations: z.object({ list: z.object({ i: z.array(z.coerce.number()) }) }),
    padding: z.object({ s: base64 }),
    data_format: z.object({ s: base64 }),
    fused_ops: z.object({ list: z.object({ s: z.array(base64).default([]) }) }),
    keep_dims: z.object({ b: z.boolean() }),
  })
  .partial()
const graphNode = z.object({
  name: z.string(),
  op: z.string(),
  input: z.array(z.string()).default([]),
  attr: attributes.default({}),
})
type GraphNode = z.infer<typeof graphNode>
const constant = z.object({
  name: z.string(),
  shape: z.array(z.number()),
  dtype: z.string(),
  quantization: z.object({ dtype: z.string() }).optional(),
})
const graphModel = z.object({
  modelTopology: z.object({ node: z.array(graphNode) }),
  weightsManifest: z.array(z.object({ weights: z.array(constant) })),
})

/** The layers of a model whose constants are stored as float32, float16 or int32. */
export function readTensorflowJs(json: string, weights: Uint8Array): LayerGraph {
  const { modelTopology, weightsManifest } = graphModel.parse(JSON.parse(json))
  const constants = readConstants(
    weightsManifest.flatMap((group) => group.weights),
    weights,
  )
  return new GraphReader(modelTopology.node, constants).read()
}

interface Constant {
  shape: readonly number[]
  values: () => Float32Array
}

/** Where each constant lies; values are read when they are asked for. */
function readConstants(
  manifest: readonly z.infer<typeof constant>[],
  bytes: Uint8Array,
): Map<string, Constant> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const constants = new Map<string, Constant>()
  let offset = 0
  for (const { name, shape, dtype, quantization } of manifest) {
    const { width, read } = storedType(quantization?.dtype ?? dtype)
    const [start, length] = [offset, shape.reduce((product, size) => product * size, 1)]
    const values = () => Float32Array.from({ length }, (_, i) => read(view, start + width * i))
    constants.set(name, { shape, values })
    offset += width * length
  }
  if (offset !== bytes.length) {
    throw new Error(`the TensorFlow.js weights have ${bytes.length} bytes, not ${offset}`)
  }
  return constants
}

function storedType(name: string): { width: number; read: (view: DataView, at: number) => number } {
  switch (name) {
    case 'float32':
      return { width: 4, read: (view, at) => view.getFloat32(at, true) }
    case 'float16':
      return { width: 2, read: (view, at) => view.getFloat16(at, true) }
    case 'int32':
      return { width: 4, read: (view, at) => view.getInt32(at, true) }
    default:
      throw new Error(`TensorFlow.js weights of type ${name} are not supported`)
  }
}

/** The share of x and the offset of x in `x/6 * min(max(x + 3, 0), 6)`; float16 stores 1/6 as 0.16663. */
const [SIXTH, THREE, TOLERANCE] = [1 / 6, 3, 1e-3]
const FUSED: Readonly<Record<string, Activation>> = { Relu: 'relu', Relu6: 'relu6' }

class GraphReader {
  readonly #nodes: ReadonlyMap<string, GraphNode>
  readonly #constants: ReadonlyMap<string, Constant>

  constructor(nodes: readonly GraphNode[], constants: ReadonlyMap<string, Constant>) {
    this.#nodes = new Map(nodes.map((node) => [node.name, node]))
    this.#constants = constants
  }

  read(): LayerGraph {
    const nodes = [...this.#nodes.values()]
    const input = nodes.find(({ op }) => op === 'Placeholder')
    if (input === undefined) {
      throw new Error('the TensorFlow.js model has no input')
    }
    const computed = nodes.filter(({ op }) => op !== 'Const' && op !== 'Placeholder')
    return { input: input.name, layers: new Map(computed.map((node) => [node.name, this.#layer(node)])) }
  }

  #layer(node: GraphNode): Layer {
    const { op } = node
    switch (op) {
      case 'Conv2D':
      case '_FusedConv2D':
        return this.#convolution(node, false)
      case 'DepthwiseConv2dNative':
      case 'FusedDepthwiseConv2dNative':
        return this.#convolution(node, true)
      case 'Add':
      case 'AddV2':
        return { type: 'add', inputs: pairOf(node) }
      case 'Mul':
        return this.#product(node)
      case 'Relu':
      case 'Relu6':
        return { type: 'activation', input: inputOf(node, 0), activation: FUSED[op] ?? 'none' }
      case 'Mean':
        return this.#isOverMap(node)
          ? { type: 'mean', input: inputOf(node, 0) }
          : { type: 'other', operator: op }
      default:
        return { type: 'other', operator: op }
    }
  }

  #convolution(node: GraphNode, isDepthwise: boolean): Layer {
    const { attr, op } = node
    const fused = attr.fused_ops?.list.s.filter((name) => name !== 'BiasAdd') ?? []
    const [, height = 1, width = 1] = attr.strides?.list.i ?? []
    const padding = attr.padding?.s
    const isPlain =
      attr.data_format?.s !== 'NCHW' &&
      (attr.dilations?.list.i ?? []).every((dilation) => dilation === 1) &&
      fused.every((name) => name in FUSED)
    if (!isPlain || (padding !== 'SAME' && padding !== 'VALID')) {
      return { type: 'other', operator: `${op} (${fused.join(', ')}, ${padding ?? 'no padding'})` }
    }
    return {
      type: 'convolution',
      input: inputOf(node, 0),
      weights: () => this.#weights(node, isDepthwise),
      isDepthwise,
      strides: [height, width],
      padding,
      activation: FUSED[fused[0] ?? ''] ?? 'none',
    } satisfies ConvolutionLayer
  }

  /** Kernels are stored as [height, width, in, out], or [height, width, channels, 1] when depthwise. */
  #weights(node: GraphNode, isDepthwise: boolean): ConvolutionWeights {
    const { shape, values } = this.#constant(inputOf(node, 1))
    const [height = 0, width = 0, inner = 0, last = 0] = shape
    if (isDepthwise && last !== 1) {
      throw new Error(`${node.name} has ${last} kernels a channel, not 1`)
    }
    const [out, into] = isDepthwise ? [inner, 1] : [last, inner]
    const stored = values()
    const kernel = new Float32Array(stored.length)
    const pixels = height * width
    stored.forEach((value, at) => {
      const [pixel, channel] = [Math.floor(at / (inner * last)), at % (inner * last)]
      const [i, o] = isDepthwise ? [0, channel] : [Math.floor(channel / last), channel % last]
      kernel[(o * into + i) * pixels + pixel] = value
    })
    const bias = node.input[2]
    return {
      kernel,
      shape: [out, into, height, width],
      bias: bias === undefined ? new Float32Array(out) : this.#constant(bias).values(),
    }
  }

  #constant(name: string): Constant {
    const found = this.#constants.get(name)
    if (found === undefined) {
      throw new Error(`the TensorFlow.js model has no constant ${name}`)
    }
    return found
  }

  #product(node: GraphNode): Layer {
    const [first, second] = pairOf(node)
    const clipped = this.#clippedBy3(second)
    if (clipped !== null && this.#isScalar(first, SIXTH)) {
      return { type: 'activation', input: clipped, activation: 'hardSigmoid' }
    }
    if (clipped !== null && this.#sixthOf(first) === clipped) {
      return { type: 'activation', input: clipped, activation: 'hardSwish' }
    }
    return { type: 'multiply', inputs: [first, second] }
  }

  /** The x of relu6(x + 3). */
  #clippedBy3(name: string): string | null {
    const clip = this.#nodes.get(name)
    const sum = clip?.op === 'Relu6' ? this.#nodes.get(inputOf(clip, 0)) : undefined
    if (sum?.op !== 'Add' && sum?.op !== 'AddV2') {
      return null
    }
    const [x, offset] = pairOf(sum)
    return this.#isScalar(offset, THREE) ? x : null
  }

  /** The x of x / 6. */
  #sixthOf(name: string): string | null {
    const product = this.#nodes.get(name)
    if (product?.op !== 'Mul') {
      return null
    }
    const [factor, x] = pairOf(product)
    return this.#isScalar(factor, SIXTH) ? x : null
  }

  #isScalar(name: string, expected: number): boolean {
    const found = this.#constants.get(name)
    return found?.shape.length === 0 && Math.abs((found.values()[0] ?? NaN) - expected) < TOLERANCE
  }

  /** Whether a mean is over height and width, and keeps both as 1. */
  #isOverMap({ input: [, axes = ''], attr }: GraphNode): boolean {
    const values = this.#constants.get(axes)?.values() ?? []
    return attr.keep_dims?.b === true && [...values].sort().join() === '1,2'
  }
}

function inputOf({ name, input }: GraphNode, index: number): string {
  const found = input[index]
  if (found === undefined) {
    throw new Error(`node ${name} of the TensorFlow.js model lacks input ${index}`)
  }
  return found
}

const pairOf = (node: GraphNode): [string, string] => [inputOf(node, 0), inputOf(node, 1)]
