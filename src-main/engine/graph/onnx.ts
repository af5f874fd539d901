/**
 * From values to ONNX bytes. Two forms: a plain model (inputs to outputs), and a loop model, whose body runs
 * once per minibatch with parameters and moments carried from iteration to iteration inside the runtime; only
 * what the caller asks for comes out. Equal subexpressions are emitted once.
 */
import onnxProto from 'onnx-proto'
import type { Emitter } from './op.ts'
import { opOf } from './ops.ts'
import type { DeviceName } from './session.ts'
import { reachable } from './value.ts'
import type { DType, Shape, Value } from './value.ts'

const { onnx } = onnxProto

const IR_VERSION = 8
const OPERATOR_SET = 18
const ELEMENT_TYPE: Record<DType, number> = { float32: 1, uint8: 2, int64: 7 }
const BOOL = 9
/** Operations whose output is BOOL whatever their inputs are. */
const COMPARISONS = ['Equal', 'Greater']
const ATTRIBUTE = { float: 1, int: 2, string: 3, graph: 5, ints: 7 } as const

type Graph = onnxProto.onnx.IGraphProto

interface GraphBody {
  nodes: onnxProto.onnx.INodeProto[]
  constants: onnxProto.onnx.ITensorProto[]
}

/** A name for an axis whose size is known only when the model runs. */
type Axis = number | 'steps'

function valueInfo(
  name: string,
  elementType: number,
  shape: readonly Axis[],
): onnxProto.onnx.IValueInfoProto {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }))
  return { name, type: { tensorType: { elemType: elementType, shape: { dim } } } }
}

const tensorInfo = (name: string, value: Value): onnxProto.onnx.IValueInfoProto =>
  valueInfo(name, ELEMENT_TYPE[value.dtype], value.shape)

const nameOf = (value: Value): string => {
  if (value.name === undefined) {
    throw new Error(`${value.op} is not an input`)
  }
  return value.name
}

/**
 * Operations of ours that a device's runtime has no kernel for (ONNX Runtime 1.30): what they mean is
 * composed of others.
 */
const LACKING: Partial<Record<DeviceName, readonly string[]>> = { webgpu: ['LogSoftmax'] }

/** Emits everything that `outputs` depend on into one body; returns it with each output's tensor name. */
function emitBody(outputs: readonly Value[], device: DeviceName): { body: GraphBody; names: string[] } {
  const body: GraphBody = { nodes: [], constants: [] }
  const lacking = LACKING[device] ?? []
  const known = new Map<string, string[]>()
  let count = 0
  const once = (key: string, make: () => string[]): string[] => {
    const found = known.get(key)
    if (found) {
      return found
    }
    const names = make()
    known.set(key, names)
    return names
  }
  const addConstant = (dtype: DType, shape: Shape, data: readonly number[]): string => {
    const [made = ''] = once(`constant ${dtype} [${shape.join()}] ${data.join()}`, () => {
      const name = `c${count++}`
      const values =
        dtype === 'int64'
          ? { int64Data: [...data] }
          : dtype === 'uint8'
            ? { int32Data: [...data] }
            : { floatData: [...data] }
      body.constants.push({ name, dims: [...shape], dataType: ELEMENT_TYPE[dtype], ...values })
      return [name]
    })
    return made
  }
  const emitter: Emitter = {
    lacks: (opType) => lacking.includes(opType),
    node: (opType, inputs, attributes) => emitter.nodeOf(1, opType, inputs, attributes)[0] ?? '',
    nodeOf: (outputs, opType, inputs, attributes = {}) =>
      once(`${opType}(${inputs.join()}) ${JSON.stringify(attributes)}`, () => {
        const name = `${opType}_${count++}`
        const names = Array.from({ length: outputs }, (_, i) => (i === 0 ? name : `${name}.${i}`))
        const attribute = Object.entries(attributes).map(([key, value]) =>
          typeof value === 'string'
            ? { name: key, type: ATTRIBUTE.string, s: Buffer.from(value) }
            : typeof value === 'number'
              ? { name: key, type: ATTRIBUTE.int, i: value }
              : 'float' in value
                ? { name: key, type: ATTRIBUTE.float, f: value.float }
                : { name: key, type: ATTRIBUTE.ints, ints: [...value] },
        )
        body.nodes.push({ opType, input: [...inputs], output: names, attribute })
        return names
      }),
    ints: (values, shape) => addConstant('int64', shape ?? [values.length], values),
    float: (value) => addConstant('float32', [], [value]),
  }

  const names = new Map<number, string>()
  const emitted = (value: Value): string => names.get(value.id) ?? ''
  for (const value of reachable(outputs)) {
    if (value.op === 'input') {
      names.set(value.id, nameOf(value))
    } else if (value.op === 'constant') {
      names.set(value.id, addConstant(value.dtype, value.shape, value.data ?? []))
    } else {
      names.set(value.id, opOf(value).emit(emitter, value.inputs.map(emitted), value))
    }
  }
  return { body, names: outputs.map(emitted) }
}

function encode(graph: Graph): Uint8Array {
  const model = {
    irVersion: IR_VERSION,
    producerName: 'vitrine',
    opsetImport: [{ domain: '', version: OPERATOR_SET }],
    graph,
  }
  return onnx.ModelProto.encode(onnx.ModelProto.create(model)).finish()
}

const identity = (from: string, to: string): onnxProto.onnx.INodeProto => ({
  opType: 'Identity',
  input: [from],
  output: [to],
})

/** Tensors to build into the model, by input name: the parameters of an exported model. */
export type Weights = ReadonlyMap<string, { shape: Shape; data: Float32Array }>

function weightTensors(weights: Weights): onnxProto.onnx.ITensorProto[] {
  return [...weights].map(([name, { shape, data }]) => ({
    name,
    dims: [...shape],
    dataType: ELEMENT_TYPE.float32,
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  }))
}

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

/** Every kind of node that `values` are compiled to on a device. */
export function nodeKinds(values: readonly Value[], device: DeviceName): NodeKind[] {
  const { body } = emitBody(values, device)
  const constants = new Map(body.constants.map((tensor) => [tensor.name ?? '', tensor]))
  const types = new Map([...constants].map(([name, { dataType }]) => [name, dataType ?? 0]))
  for (const value of reachable(values)) {
    if (value.op === 'input') {
      types.set(nameOf(value), ELEMENT_TYPE[value.dtype])
    }
  }
  const kinds = new Map<string, NodeKind>()
  for (const node of body.nodes) {
    const [opType, inputs, outputs] = [node.opType ?? '', node.input ?? [], node.output ?? []]
    const inputTypes = inputs.map((name) => types.get(name) ?? 0)
    const cast = node.attribute?.find(({ name }) => name === 'to')?.i
    const outputType =
      cast !== undefined && cast !== null
        ? Number(cast)
        : COMPARISONS.includes(opType)
          ? BOOL
          : (inputTypes[0] ?? 0)
    // Only TopK has a second output: indices.
    outputs.forEach((name, i) => types.set(name, i === 0 ? outputType : ELEMENT_TYPE.int64))
    const key = `${opType} ${inputs.map((name, i) => `${inputTypes[i] ?? 0}${constants.has(name) ? ' constant' : ''}`).join()} ${outputType} ${(node.attribute ?? []).map(({ name, s }) => `${name ?? ''} ${s?.toString() ?? ''}`).join()}`
    if (kinds.has(key)) {
      continue
    }
    const fed = inputs.filter((name, i) => !constants.has(name) && inputs.indexOf(name) === i)
    const info = (name: string): onnxProto.onnx.IValueInfoProto => ({
      name,
      type: { tensorType: { elemType: types.get(name) ?? 0 } },
    })
    kinds.set(key, {
      key,
      opType,
      inputTypes,
      model: () =>
        encode({
          name: 'vitrine',
          node: [node],
          input: fed.map(info),
          output: outputs.map(info),
          initializer: [...new Set(inputs)].flatMap((name) => constants.get(name) ?? []),
        }),
    })
  }
  return [...kinds.values()]
}

/** A plain model: what `outputs` (by name) depend on is its inputs, but for those that `weights` hold. */
export function emitModel(
  outputs: Readonly<Record<string, Value>>,
  weights: Weights = new Map(),
  device: DeviceName = 'cpu',
): Uint8Array {
  const values = Object.values(outputs)
  const { body, names } = emitBody(values, device)
  const leaves = reachable(values).filter((value) => value.op === 'input')
  const fed = leaves.filter((leaf) => !weights.has(nameOf(leaf)))
  const builtIn = new Map(leaves.flatMap((leaf) => [...weights].filter(([name]) => name === nameOf(leaf))))
  return encode({
    name: 'vitrine',
    node: [...body.nodes, ...Object.keys(outputs).map((name, i) => identity(names[i] ?? '', name))],
    initializer: [...body.constants, ...weightTensors(builtIn)],
    input: fed.map((value) => tensorInfo(nameOf(value), value)),
    output: Object.entries(outputs).map(([name, value]) => tensorInfo(name, value)),
  })
}

export interface LoopModel {
  /** What is carried: an input leaf and the value that takes its place in the next iteration (same shape). */
  state: readonly { current: Value; next: Value }[]
  /** Input leaves that change with every iteration: fed as [steps, ...shape]. */
  perStep: readonly Value[]
  /** What to collect of every iteration, by name: comes out as [steps, ...shape]. */
  collect: Readonly<Record<string, Value>>
}

/**
 * A model that runs its body as often as its input `steps` says. Its other inputs: `first.NAME` for every
 * state leaf (its value before the first iteration), `all.NAME` for every per-step leaf as [steps, ...shape],
 * and any other leaf as it is. Outputs: `next.NAME` for every state leaf, and what is collected.
 */
export function emitLoop({ state, perStep, collect }: LoopModel, device: DeviceName = 'cpu'): Uint8Array {
  const collected = Object.entries(collect)
  const outputs = [...state.map(({ next }) => next), ...collected.map(([, value]) => value)]
  const { body, names } = emitBody(outputs, device)
  const stateNames = new Set(state.map(({ current }) => nameOf(current)))
  const perStepNames = new Set(perStep.map(nameOf))
  const fixed = reachable(outputs).filter(
    (value) => value.op === 'input' && !stateNames.has(nameOf(value)) && !perStepNames.has(nameOf(value)),
  )
  // A value that leaves the body needs a name of its own: a copy, when it is a leaf or leaves under another
  // name too.
  const taken = new Set(reachable(outputs).flatMap((value) => (value.op === 'input' ? [nameOf(value)] : [])))
  body.constants.forEach(({ name }) => taken.add(name ?? ''))
  const copies: onnxProto.onnx.INodeProto[] = []
  const outputNames = names.map((name, i) => {
    if (!taken.has(name)) {
      taken.add(name)
      return name
    }
    copies.push(identity(name, `body.out.${i}`))
    return `body.out.${i}`
  })

  const bodyGraph: Graph = {
    name: 'step',
    node: [
      ...perStep.map((value) => ({
        opType: 'Gather',
        input: [`all.${nameOf(value)}`, 'iteration'],
        output: [nameOf(value)],
        attribute: [{ name: 'axis', type: ATTRIBUTE.int, i: 0 }],
      })),
      ...body.nodes,
      identity('go_on', 'go_on.next'),
      ...copies,
    ],
    initializer: body.constants,
    input: [
      valueInfo('iteration', ELEMENT_TYPE.int64, []),
      valueInfo('go_on', BOOL, []),
      ...state.map(({ current }) => tensorInfo(nameOf(current), current)),
    ],
    output: [
      valueInfo('go_on.next', BOOL, []),
      ...outputs.map((value, i) => tensorInfo(outputNames[i] ?? '', value)),
    ],
  }
  return encode({
    name: 'vitrine',
    node: [
      {
        opType: 'Loop',
        input: ['steps', 'always', ...state.map(({ current }) => `first.${nameOf(current)}`)],
        output: [
          ...state.map(({ current }) => `next.${nameOf(current)}`),
          ...collected.map(([name]) => name),
        ],
        attribute: [{ name: 'body', type: ATTRIBUTE.graph, g: bodyGraph }],
      },
    ],
    initializer: [{ name: 'always', dims: [], dataType: BOOL, int32Data: [1] }],
    input: [
      valueInfo('steps', ELEMENT_TYPE.int64, []),
      ...state.map(({ current }) => tensorInfo(`first.${nameOf(current)}`, current)),
      ...perStep.map((value) =>
        valueInfo(`all.${nameOf(value)}`, ELEMENT_TYPE[value.dtype], ['steps', ...value.shape]),
      ),
      ...fixed.map((value) => tensorInfo(nameOf(value), value)),
    ],
    output: [
      ...state.map(({ current }) => tensorInfo(`next.${nameOf(current)}`, current)),
      ...collected.map(([name, value]) =>
        valueInfo(name, ELEMENT_TYPE[value.dtype], ['steps', ...value.shape]),
      ),
    ],
  })
}
