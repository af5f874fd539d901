/** The kinds of nodes that values are compiled to: what a device has to have kernels for. */
import { ELEMENT_TYPE, emitGraph } from './onnx-graph.ts'
import type { OnnxNode, OnnxConstant } from './onnx-graph.ts'
import { encodeModel } from './onnx.ts'
import type { DeviceName } from './session.ts'
import { inputsOf } from './value.ts'
import type { Value } from './value.ts'

/** One way in which an operation occurs: its types, and which of its inputs are constants. */
export interface NodeKind {
  /** Equal for equal kinds. */
  key: string
  opType: string
  /** Element types of the inputs as ONNX numbers them. */
  inputTypes: readonly number[]
  /** A model of nothing but one such node. */
  model(): Uint8Array
}

/** Operations whose output is BOOL whatever their inputs are. */
const COMPARISONS = ['Equal', 'Greater']

/** Every kind of node that `values` are compiled to on a device. */
export function nodeKinds(values: readonly Value[], device: DeviceName): NodeKind[] {
  const { graph } = emitGraph(values, device)
  const constants = new Map(graph.constants.map((tensor) => [tensor.name, tensor]))
  /** Element types by tensor name. */
  const types = new Map([
    ...graph.constants.map(({ name, dataType }) => [name, dataType] as const),
    ...inputsOf(values).map(({ name, dtype }) => [name, ELEMENT_TYPE[dtype]] as const),
  ])
  const kinds = new Map<string, NodeKind>()
  for (const node of graph.nodes) {
    const kind = kindOf(node, constants, types)
    if (!kinds.has(kind.key)) {
      kinds.set(kind.key, kind)
    }
  }
  return [...kinds.values()]
}

/** The kind of a node, whose outputs' types it adds to `types`. */
function kindOf(
  node: OnnxNode,
  constants: ReadonlyMap<string, OnnxConstant>,
  types: Map<string, number>,
): NodeKind {
  const { opType, input: inputs, output: outputs } = node
  const inputTypes = inputs.map((name) => types.get(name)!)
  const outputType = outputTypeOf(node, inputTypes)
  // Only TopK has a second output: indices.
  outputs.forEach((name, i) => types.set(name, i === 0 ? outputType : ELEMENT_TYPE.int64))
  const described = inputs.map((name, i) => `${inputTypes[i]}${constants.has(name) ? ' constant' : ''}`)
  const attributes = node.attribute.map(({ name, s }) => `${name} ${s?.toString() ?? ''}`)
  return {
    key: `${opType} ${described.join()} ${outputType} ${attributes.join()}`,
    opType,
    inputTypes,
    model: () => modelOf(node, constants, types),
  }
}

function outputTypeOf({ opType, attribute }: OnnxNode, inputTypes: readonly number[]): number {
  const castTo = attribute.find(({ name }) => name === 'to')?.i
  if (castTo !== undefined && castTo !== null) {
    return Number(castTo)
  }
  return COMPARISONS.includes(opType) ? ELEMENT_TYPE.bool : inputTypes[0]!
}

/** A model of nothing but one node. */
function modelOf(
  node: OnnxNode,
  constants: ReadonlyMap<string, OnnxConstant>,
  types: ReadonlyMap<string, number>,
): Uint8Array {
  const inputs = [...new Set(node.input)]
  const declared = (name: string) => ({ name, type: { tensorType: { elemType: types.get(name)! } } })
  return encodeModel({
    node: [node],
    input: inputs.filter((name) => !constants.has(name)).map(declared),
    output: node.output.map(declared),
    initializer: inputs.flatMap((name) => constants.get(name) ?? []),
  })
}
