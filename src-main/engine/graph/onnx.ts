/**
 * From values to ONNX bytes. Two forms: a plain model (inputs to outputs), and a loop model, whose body runs
 * once per minibatch with parameters and moments carried from iteration to iteration inside the runtime; only
 * what the caller asks for comes out.
 */
import onnxProto from 'onnx-proto'
import { bodyOutputs, perStepNames, stateNames } from './loop.ts'
import type { LoopBody } from './loop.ts'
import { ATTRIBUTE, ELEMENT_TYPE, emitGraph } from './onnx-graph.ts'
import type { OnnxGraph } from './onnx-graph.ts'
import type { DeviceName, Weights } from './session.ts'
import { inputsOf } from './value.ts'
import type { Input, Value } from './value.ts'

const { onnx } = onnxProto

type GraphProto = onnxProto.onnx.IGraphProto
type NodeProto = onnxProto.onnx.INodeProto
type ValueProto = onnxProto.onnx.IValueInfoProto

export const IR_VERSION = 8
const OPERATOR_SET = 18

/** The bytes of a model of one graph. */
export function encodeModel(
  graph: GraphProto,
  { irVersion = IR_VERSION, operatorSet = OPERATOR_SET }: { irVersion?: number; operatorSet?: number } = {},
): Uint8Array {
  const model = {
    irVersion,
    producerName: 'vitrine',
    opsetImport: [{ domain: '', version: operatorSet }],
    graph: { name: 'vitrine', ...graph },
  }
  return onnx.ModelProto.encode(onnx.ModelProto.create(model)).finish()
}

/** An axis whose size is known only when the model runs has a name. */
export type Axis = number | string

export function declared(name: string, elementType: number, shape: readonly Axis[]): ValueProto {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }))
  return { name, type: { tensorType: { elemType: elementType, shape: { dim } } } }
}

export const declaredLike = (value: Value, name: string): ValueProto =>
  declared(name, ELEMENT_TYPE[value.dtype], value.shape)

/** As many of them as there are steps. */
const declaredPerStep = (value: Value, name: string): ValueProto =>
  declared(name, ELEMENT_TYPE[value.dtype], ['steps', ...value.shape])

export const identity = (from: string, to: string): NodeProto => ({
  opType: 'Identity',
  input: [from],
  output: [to],
})

/** A plain model: what `outputs` (by name) depend on is its inputs, but for those that `weights` hold. */
export function emitModel(
  outputs: Readonly<Record<string, Value>>,
  weights: Weights = new Map(),
  device: DeviceName = 'cpu',
): Uint8Array {
  const values = Object.values(outputs)
  const { graph, names } = emitGraph(values, device)
  const inputs = inputsOf(values)
  return encodeModel({
    node: [...graph.nodes, ...Object.keys(outputs).map((name, i) => identity(names[i]!, name))],
    initializer: [...graph.constants, ...weightTensors(new Set(inputs.map(({ name }) => name)), weights)],
    input: inputs.filter(({ name }) => !weights.has(name)).map((value) => declaredLike(value, value.name)),
    output: Object.entries(outputs).map(([name, value]) => declaredLike(value, name)),
  })
}

export function weightTensors(names: ReadonlySet<string>, weights: Weights): onnxProto.onnx.ITensorProto[] {
  return [...names].flatMap((name) => {
    const weight = weights.get(name)
    if (!weight) {
      return []
    }
    const { shape, data } = weight
    return {
      name,
      dims: [...shape],
      dataType: ELEMENT_TYPE.float32,
      rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    }
  })
}

/**
 * A model that runs its body as often as its input `steps` says. Its other inputs: `first.NAME` for what is
 * carried as NAME (its value before the first iteration), `all.NAME` for every per-step input as [steps,
 * ...shape], and any other input as it is. Outputs: `next.NAME` for what is carried, and what is collected.
 */
export function emitLoop(loop: LoopBody, device: DeviceName = 'cpu'): Uint8Array {
  const outputs = bodyOutputs(loop)
  const { graph, names } = emitGraph(outputs, device)
  const inputs = inputsOf(outputs)
  const { state, perStep, collect } = loop
  const changing = new Set([...stateNames(loop), ...perStepNames(loop)])
  const fixed = inputs.filter(({ name }) => !changing.has(name))
  return encodeModel({
    node: [
      {
        opType: 'Loop',
        input: ['steps', 'always', ...stateNames(loop).map((name) => `first.${name}`)],
        output: [...stateNames(loop).map((name) => `next.${name}`), ...Object.keys(collect)],
        attribute: [
          {
            name: 'body',
            type: ATTRIBUTE.graph,
            g: iterationGraph(loop, graph, distinct(names, inputs, graph)),
          },
        ],
      },
    ],
    initializer: [{ name: 'always', dims: [], dataType: ELEMENT_TYPE.bool, int32Data: [1] }],
    input: [
      declared('steps', ELEMENT_TYPE.int64, []),
      ...state.map(({ current }) => declaredLike(current, `first.${current.name}`)),
      ...perStep.map((value) => declaredPerStep(value, `all.${value.name}`)),
      ...fixed.map((value) => declaredLike(value, value.name)),
    ],
    output: [
      ...state.map(({ current }) => declaredLike(current, `next.${current.name}`)),
      ...Object.entries(collect).map(([name, value]) => declaredPerStep(value, name)),
    ],
  })
}

/** The outputs of an iteration under names of their own, and the nodes that copy what had to be renamed. */
interface DistinctOutputs {
  names: string[]
  copies: NodeProto[]
}

/**
 * What leaves a loop's body needs a name of its own: a copy, when it is an input or a constant, or leaves
 * under another name too.
 */
function distinct(names: readonly string[], inputs: readonly Input[], graph: OnnxGraph): DistinctOutputs {
  const taken = new Set([...inputs.map(({ name }) => name), ...graph.constants.map(({ name }) => name)])
  const copies: NodeProto[] = []
  const distinctNames = names.map((name, i) => {
    if (!taken.has(name)) {
      taken.add(name)
      return name
    }
    copies.push(identity(name, `body.out.${i}`))
    return `body.out.${i}`
  })
  return { names: distinctNames, copies }
}

/** The body of ONNX's Loop: picks the iteration's part of what is fed per step, and goes on. */
function iterationGraph(
  loop: LoopBody,
  graph: OnnxGraph,
  { names: outputNames, copies }: DistinctOutputs,
): GraphProto {
  const { state, perStep } = loop
  return {
    name: 'step',
    node: [
      ...perStep.map(({ name }) => ({
        opType: 'Gather',
        input: [`all.${name}`, 'iteration'],
        output: [name],
        attribute: [{ name: 'axis', type: ATTRIBUTE.int, i: 0 }],
      })),
      ...graph.nodes,
      identity('go_on', 'go_on.next'),
      ...copies,
    ],
    initializer: graph.constants,
    input: [
      declared('iteration', ELEMENT_TYPE.int64, []),
      declared('go_on', ELEMENT_TYPE.bool, []),
      ...state.map(({ current }) => declaredLike(current, current.name)),
    ],
    output: [
      declared('go_on.next', ELEMENT_TYPE.bool, []),
      ...bodyOutputs(loop).map((value, i) => declaredLike(value, outputNames[i]!)),
    ],
  }
}
