/** From values to ONNX nodes and constants: the inside of a model. Equal subexpressions are emitted once. */
import type onnxProto from 'onnx-proto'
import type { Emitter, OnnxAttributes } from './emitter.ts'
import type { DeviceName } from './session.ts'
import { foldGraph } from './value.ts'
import type { DType, Shape, Value } from './value.ts'

type AttributeProto = onnxProto.onnx.IAttributeProto

/** A node as it is emitted here. */
export interface OnnxNode extends onnxProto.onnx.INodeProto {
  opType: string
  input: string[]
  output: string[]
  attribute: AttributeProto[]
}

/** A constant as it is emitted here. */
export interface OnnxConstant extends onnxProto.onnx.ITensorProto {
  name: string
  dataType: number
}

/** Types of elements and of attributes, as ONNX numbers them. */
export const ELEMENT_TYPE: Readonly<Record<DType | 'bool', number>> = {
  float32: 1,
  uint8: 2,
  int64: 7,
  bool: 9,
}
export const ATTRIBUTE = { float: 1, int: 2, string: 3, graph: 5, ints: 7 } as const

/**
 * Operations of ours that a device's runtime has no kernel for (ONNX Runtime 1.30): what they mean is
 * composed of others.
 */
const LACKING: Partial<Record<DeviceName, readonly string[]>> = { webgpu: ['LogSoftmax'] }

/**
 * Emits everything that `outputs` depend on into one graph; returns it with each output's tensor name. Names that are
 * made up begin with `prefix`.
 */
export function emitGraph(
  outputs: readonly Value[],
  device: DeviceName,
  prefix = '',
): { graph: OnnxGraph; names: string[] } {
  const graph = new OnnxGraph(LACKING[device] ?? [], prefix)
  const names = foldGraph<string>(outputs, (value, inputs) => {
    switch (value.kind) {
      case 'input':
        return value.name
      case 'constant':
        return graph.constant(value.dtype, value.shape, value.elements)
      case 'application':
        return value.op.onnx(graph, inputs, value)
    }
  })
  return { graph, names }
}

/** Nodes in the order of emission, and the constants that they read. */
export class OnnxGraph implements Emitter {
  readonly nodes: OnnxNode[] = []
  readonly constants: OnnxConstant[] = []
  readonly #lacking: readonly string[]
  readonly #prefix: string
  /** Names of what was emitted, by what it is. */
  readonly #names = new Map<string, string>()

  constructor(lacking: readonly string[], prefix = '') {
    this.#lacking = lacking
    this.#prefix = prefix
  }

  lacks(opType: string): boolean {
    return this.#lacking.includes(opType)
  }

  node(opType: string, inputs: readonly string[], attributes: OnnxAttributes = {}): string {
    return this.#emitOnce(nodeKey(opType, inputs, attributes), `${opType}_`, (name) => {
      this.nodes.push(nodeProto(opType, inputs, [name], attributes))
    })
  }

  nodeOfTwo(opType: string, inputs: readonly string[], attributes: OnnxAttributes = {}): [string, string] {
    const second = (first: string) => `${first}.1`
    const name = this.#emitOnce(nodeKey(opType, inputs, attributes), `${opType}_`, (first) => {
      this.nodes.push(nodeProto(opType, inputs, [first, second(first)], attributes))
    })
    return [name, second(name)]
  }

  ints(values: readonly number[], shape: Shape = [values.length]): string {
    return this.constant('int64', shape, values)
  }

  float(value: number): string {
    return this.constant('float32', [], [value])
  }

  constant(dtype: DType, shape: Shape, elements: readonly number[]): string {
    return this.#emitOnce(`constant ${dtype} [${shape.join()}] ${elements.join()}`, 'c', (name) => {
      const content = elementsProto(dtype, elements)
      this.constants.push({ ...content, name, dims: [...shape], dataType: ELEMENT_TYPE[dtype] })
    })
  }

  /** The name of what `key` describes, emitted under a new name when it is the first of its kind. */
  #emitOnce(key: string, prefix: string, emit: (name: string) => void): string {
    const known = this.#names.get(key)
    if (known !== undefined) {
      return known
    }
    const name = `${this.#prefix}${prefix}${this.#names.size}`
    this.#names.set(key, name)
    emit(name)
    return name
  }
}

const nodeKey = (opType: string, inputs: readonly string[], attributes: OnnxAttributes): string =>
  `${opType}(${inputs.join()}) ${JSON.stringify(attributes)}`

export const nodeProto = (
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: OnnxAttributes,
): OnnxNode => ({
  opType,
  input: [...inputs],
  output: [...outputs],
  attribute: Object.entries(attributes).map(([name, value]) => ({ name, ...attributeProto(value) })),
})

function attributeProto(value: OnnxAttributes[string]): AttributeProto {
  if (typeof value === 'string') {
    return { type: ATTRIBUTE.string, s: Buffer.from(value) }
  }
  if (typeof value === 'number') {
    return { type: ATTRIBUTE.int, i: value }
  }
  if ('float' in value) {
    return { type: ATTRIBUTE.float, f: value.float }
  }
  return { type: ATTRIBUTE.ints, ints: [...value] }
}

function elementsProto(dtype: DType, elements: readonly number[]): onnxProto.onnx.ITensorProto {
  switch (dtype) {
    case 'int64':
      return { int64Data: [...elements] }
    case 'uint8':
      return { int32Data: [...elements] }
    case 'float32':
      return { floatData: [...elements] }
  }
}
