/**
 * From values to a graph model of TensorFlow.js, which its `loadGraphModel` opens: a graph of TensorFlow's nodes in JSON, and
 * weights beside it (https://github.com/tensorflow/tfjs/tree/master/tfjs-converter). It is written down by whoever evaluates a
 * plan: a `TensorFlow` whose functions compute nothing and note what they were asked for.
 */
import type { Tensor, Weights } from './session.ts'
import { elementCount, shapeText } from './shape.ts'
import type { Shape } from './shape.ts'
import type { TensorFlow, TfTensor } from './tensorflow-api.ts'
import { evaluatePlan, planOf } from './tensorflow-plan.ts'
import type { Constant, Input, Value } from './value.ts'

/** What the weights' file is called that a model's JSON names. */
export const WEIGHTS_FILE = 'weights.bin'

export interface GraphModel {
  /** The content of `model.json`. */
  json: string
  /** That of WEIGHTS_FILE, in pieces. */
  weights: Uint8Array[]
}

type Attribute = { type: string } | { b: boolean } | { i: string }
interface GraphNode {
  name: string
  op: string
  input: string[]
  attr: Record<string, Attribute>
}

const TYPES = { float32: 'DT_FLOAT', int32: 'DT_INT32' } as const
type NodeType = keyof typeof TYPES

/**
 * A model of `outputs` by name: what they depend on is its inputs, but for those that `weights` hold. Inputs of int64 and of
 * bytes are int32 there.
 */
export function emitGraphModel(
  outputs: Readonly<Record<string, Value>>,
  weights: Weights = new Map(),
): GraphModel {
  const recorder = new Recorder()
  const plan = planOf(Object.values(outputs), 'tfjs-cpu')
  const given = new Map<Value, TfTensor>([
    ...plan.inputs.map((leaf) => [leaf, recorder.leaf(leaf, weights.get(leaf.name))] as const),
    ...plan.constants.map((value) => [value, recorder.constant(value)] as const),
  ])
  const results = evaluatePlan(recorder.tensorFlow, plan, given)
  const names = Object.keys(outputs)
  results.forEach((result, i) => {
    recorder.output(names[i]!, result)
  })
  const fed = plan.inputs.filter(({ name }) => !weights.has(name))
  const signature = {
    inputs: portsOf(fed.map((leaf) => [leaf.name, leaf])),
    outputs: portsOf(plan.outputs.map((value, i) => [names[i]!, value])),
  }
  const model = {
    format: 'graph-model',
    generatedBy: 'Vitrine',
    convertedBy: null,
    signature,
    modelTopology: { node: recorder.nodes, versions: { producer: 1 } },
    weightsManifest: [{ paths: [WEIGHTS_FILE], weights: recorder.manifest }],
  }
  return { json: JSON.stringify(model), weights: recorder.bytes }
}

const typeOf = (dtype: Value['dtype']): NodeType => (dtype === 'float32' ? 'float32' : 'int32')

const shapeAttribute = (shape: Shape) => ({ dim: shape.map((size) => ({ size: String(size) })) })

const portsOf = (ports: readonly (readonly [string, Value])[]) =>
  Object.fromEntries(
    ports.map(([name, { shape, dtype }]) => [
      name,
      { name: `${name}:0`, dtype: TYPES[typeOf(dtype)], tensorShape: shapeAttribute(shape) },
    ]),
  )

/** A tensor that is known by the node that makes it, and never holds anything. */
interface Noted extends TfTensor {
  name: string
}

class Recorder {
  readonly nodes: GraphNode[] = []
  readonly manifest: { name: string; shape: Shape; dtype: NodeType }[] = []
  readonly bytes: Uint8Array[] = []
  readonly tensorFlow: TensorFlow
  #noted = 0

  constructor() {
    this.tensorFlow = this.#recording()
  }

  /** An input that is fed, or weights. */
  leaf({ name, shape, dtype }: Input, weight: Pick<Tensor, 'data'> | undefined): TfTensor {
    const type = typeOf(dtype)
    if (weight !== undefined) {
      return this.#constant(name, weight.data, shape)
    }
    this.nodes.push({ name, op: 'Placeholder', input: [], attr: { dtype: { type: TYPES[type] } } })
    return noted(name, shape, type)
  }

  constant({ shape, dtype, elements }: Constant): TfTensor {
    const values = dtype === 'float32' ? Float32Array.from(elements) : Int32Array.from(elements)
    return this.#constant(this.#name('constant'), values, shape)
  }

  output(name: string, tensor: TfTensor): void {
    this.#node('Identity', [tensor], { name })
  }

  #constant(name: string, elements: Tensor['data'] | Int32Array, shape: Shape): TfTensor {
    const type = elements instanceof Float32Array ? 'float32' : 'int32'
    if (elementCount(shape) !== elements.length) {
      throw new Error(`${name}: ${elements.length} elements do not fill ${shapeText(shape)}`)
    }
    this.nodes.push({ name, op: 'Const', input: [], attr: { dtype: { type: TYPES[type] } } })
    this.manifest.push({ name, shape, dtype: type })
    this.bytes.push(new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength))
    return noted(name, shape, type)
  }

  #ints(values: readonly number[]): TfTensor {
    return this.#constant(this.#name('ints'), Int32Array.from(values), [values.length])
  }

  #int(value: number): TfTensor {
    return this.#constant(this.#name('int'), Int32Array.of(value), [])
  }

  #name(kind: string): string {
    return `vitrine/${kind}_${this.#noted++}`
  }

  #node(
    op: string,
    inputs: readonly TfTensor[],
    {
      name = this.#name(op),
      attr = {},
      dtype,
    }: { name?: string; attr?: GraphNode['attr']; dtype?: NodeType } = {},
  ): TfTensor {
    const type = dtype ?? inputs[0]?.dtype ?? 'float32'
    this.nodes.push({ name, op, input: inputs.map((tensor) => (tensor as Noted).name), attr })
    return noted(name, [], type)
  }

  /** Functions of TensorFlow.js by the nodes that TensorFlow has for them. */
  #recording(): TensorFlow {
    const unary = (op: string) => (x: TfTensor) => this.#node(op, [x])
    const binary = (op: string) => (a: TfTensor, b: TfTensor) => this.#node(op, [a, b])
    const cast = (x: TfTensor, from: string, to: NodeType) =>
      this.#node('Cast', [x], { attr: { SrcT: { type: from }, DstT: { type: TYPES[to] } }, dtype: to })
    const scalar = (value: number) => this.#constant(this.#name('scalar'), Float32Array.of(value), [])
    return {
      add: binary('AddV2'),
      sub: binary('Sub'),
      mul: binary('Mul'),
      div: binary('RealDiv'),
      maximum: binary('Maximum'),
      neg: unary('Neg'),
      tanh: unary('Tanh'),
      sigmoid: unary('Sigmoid'),
      relu: unary('Relu'),
      step: (x) => cast(this.#node('Greater', [x, scalar(0)]), 'DT_BOOL', 'float32'),
      exp: unary('Exp'),
      sqrt: unary('Sqrt'),
      square: unary('Square'),
      softplus: unary('Softplus'),
      softmax: unary('Softmax'),
      logSoftmax: unary('LogSoftmax'),
      clone: unary('Identity'),
      cast: (x, dtype) => cast(x, TYPES[x.dtype], dtype),
      sum: (x, axes, keepDims = false) =>
        this.#node('Sum', [x, this.#ints(axes)], { attr: { keep_dims: { b: keepDims } } }),
      matMul: (a, b, transposeA = false, transposeB = false) =>
        this.#node('BatchMatMulV2', [a, b], { attr: { adj_x: { b: transposeA }, adj_y: { b: transposeB } } }),
      broadcastTo: (x, shape) => this.#node('BroadcastTo', [x, this.#ints(shape)]),
      reshape: (x, shape) => this.#node('Reshape', [x, this.#ints(shape)]),
      transpose: (x, axes) => this.#node('Transpose', [x, this.#ints(axes)]),
      concat: (parts, axis) =>
        this.#node('ConcatV2', [...parts, this.#int(axis)], { attr: { N: { i: String(parts.length) } } }),
      slice: (x, begin, size) => this.#node('Slice', [x, this.#ints(begin), this.#ints(size)]),
      gather: (table, indices) => this.#node('GatherV2', [table, indices, this.#int(0)]),
      gatherND: (x, indices) => this.#node('GatherNd', [x, indices]),
      scatterND: (indices, updates, shape) =>
        this.#node('ScatterNd', [indices, updates, this.#ints(shape)], { dtype: updates.dtype }),
      oneHot: (indices, depth) =>
        this.#node('OneHot', [indices, this.#int(depth), scalar(1), scalar(0)], { dtype: 'float32' }),
      range: (start, stop, step) =>
        this.#node('Range', [this.#int(start), this.#int(stop), this.#int(step)], {
          attr: { Tidx: { type: TYPES.int32 } },
        }),
      topk: (x, k) => {
        const values = this.#node('TopKV2', [x, this.#int(k)], { attr: { sorted: { b: true } } })
        return { values, indices: noted(`${(values as Noted).name}:1`, [], 'int32') }
      },
      scalar,
      tensor: (elements, shape) => this.#constant(this.#name('constant'), elements, shape),
      tidy: (work) => work(),
      memory: () => ({ numTensors: 0 }),
      setBackend: () => Promise.resolve(true),
    }
  }
}

function noted(name: string, shape: Shape, dtype: NodeType): Noted {
  return {
    name,
    shape,
    dtype,
    data: () => Promise.reject(new Error(`${name} is noted, and was not computed`)),
    dispose: () => undefined,
  }
}
