/**
 * A model that is put together from parts: plain graphs, and loops that end by what they compute. Tensors go from
 * part to part by their names, and a loop's body sees those of the parts before it.
 */
import type onnxProto from 'onnx-proto'
import type { OnnxAttributes } from './emitter.ts'
import { ATTRIBUTE, ELEMENT_TYPE, emitGraph, nodeProto } from './onnx-graph.ts'
import { declared, declaredLike, encodeModel, identity, IR_VERSION, weightTensors } from './onnx.ts'
import type { Axis } from './onnx.ts'
import type { Weights } from './session.ts'
import { inputsOf } from './value.ts'
import type { DType, Input, Shape, Value } from './value.ts'

type GraphProto = onnxProto.onnx.IGraphProto
type ModelProto = onnxProto.onnx.IModelProto
type NodeProto = onnxProto.onnx.INodeProto
type TensorProto = onnxProto.onnx.ITensorProto

/** What a loop carries: the tensor that it begins with, and what takes its place. */
export interface Carried {
  first: string
  current: Input
  next: Value
}

export interface LoopUntil {
  /** Iterations at most. */
  most: number
  /** The name of a bool: whether the first iteration is taken; left out: it is. */
  when?: string
  carried: readonly Carried[]
  /** One number: another iteration is taken while it is above zero. */
  goOn: Value
  /** Collected of every iteration under this name, [iterations, ...shape]. */
  collect: { name: string; value: Value }
}

/** A tensor that goes into the model, or comes out of it. */
export interface Port {
  name: string
  shape: readonly Axis[]
  dtype: DType
}

/** The first version of ONNX's operators in which those that are emitted here mean what they do in ours. */
export const OLDEST_OPERATORS = 13

export class OnnxAssembly {
  readonly #nodes: NodeProto[] = []
  readonly #constants: TensorProto[] = []
  /** Names of all inputs of the parts: weights are among them. */
  readonly #read = new Set<string>()
  /** Versions of the format and of the operators, where a model came in. */
  #versions: { irVersion?: number; operatorSet?: number } = {}

  /** Adds a graph, whose outputs are known by their names from here on. `name`: of the part, unique. */
  graph(name: string, outputs: Readonly<Record<string, Value>>): void {
    const { nodes, constants } = this.#emit(`${name}/`, outputs)
    this.#nodes.push(...nodes)
    this.#constants.push(...constants)
  }

  /** Adds a node of the tensors `inputs`, whose output is known as `output`. */
  node(opType: string, inputs: readonly string[], output: string, attributes: OnnxAttributes = {}): void {
    this.#nodes.push(nodeProto(opType, inputs, [output], attributes))
  }

  /** Adds int64 constants: a scalar, a vector unless a shape is given. */
  ints(name: string, values: number | readonly number[], shape?: Shape): void {
    const isScalar = typeof values === 'number'
    const elements = isScalar ? [values] : [...values]
    const dims = shape ?? (isScalar ? [] : [elements.length])
    this.#constants.push({ name, dims: [...dims], dataType: ELEMENT_TYPE.int64, int64Data: elements })
  }

  /** Adds float32 constants, a vector unless a shape is given. */
  floats(name: string, elements: readonly number[], shape: Shape = [elements.length]): void {
    this.#constants.push({
      name,
      dims: [...shape],
      dataType: ELEMENT_TYPE.float32,
      floatData: [...elements],
    })
  }

  /**
   * Adds a model of somebody else's, which goes on to be one of its version of the operators (OLDEST_OPERATORS or later):
   * one at most. Its inputs are the tensors that `feeds` names; all others are known as NAME/TENSOR.
   */
  model(
    name: string,
    { graph, irVersion, opsetImport }: ModelProto,
    feeds: ReadonlyMap<string, string>,
  ): void {
    const rename = (tensor: string): string =>
      tensor === '' ? '' : (feeds.get(tensor) ?? `${name}/${tensor}`)
    const { node, initializer } = renamed(graph ?? {}, rename)
    this.#nodes.push(...(node ?? []))
    this.#constants.push(...(initializer ?? []))
    this.#versions = {
      irVersion: Math.max(IR_VERSION, Number(irVersion ?? 0)),
      operatorSet: Number(opsetImport?.[0]?.version ?? 0),
    }
  }

  /** Adds a loop. `name`: of the part, unique. */
  loop(name: string, { most, when, carried, goOn, collect }: LoopUntil): void {
    const next = carried.map((_, i) => `${name}/next.${i}`)
    const collected = `${name}/collected`
    const [going, goingOn] = [`${name}/going`, `${name}/going_on`]
    const body = this.#emit(`${name}/body/`, {
      ...Object.fromEntries(carried.map((state, i) => [next[i]!, state.next])),
      [collected]: collect.value,
      [going]: goOn,
    })
    const [zero, scalar] = [`${name}/zero`, `${name}/scalar`]
    this.ints(`${name}/most`, most)
    this.#nodes.push({
      opType: 'Loop',
      input: [`${name}/most`, when ?? '', ...carried.map(({ first }) => first)],
      output: [...carried.map((_, i) => `${name}/last.${i}`), collect.name],
      attribute: [
        {
          name: 'body',
          type: ATTRIBUTE.graph,
          g: {
            name: `${name}/body`,
            node: [
              ...body.nodes,
              nodeProto('Greater', [going, zero], [`${name}/is_going`], {}),
              nodeProto('Reshape', [`${name}/is_going`, scalar], [goingOn], {}),
            ],
            initializer: [
              ...body.constants,
              { name: zero, dims: [], dataType: ELEMENT_TYPE.float32, floatData: [0] },
              { name: scalar, dims: [0], dataType: ELEMENT_TYPE.int64, int64Data: [] },
            ],
            input: [
              declared(`${name}/iteration`, ELEMENT_TYPE.int64, []),
              declared(`${name}/was_going`, ELEMENT_TYPE.bool, []),
              ...carried.map(({ current }) => declaredLike(current, current.name)),
            ],
            output: [
              declared(goingOn, ELEMENT_TYPE.bool, []),
              ...carried.map((state, i) => declaredLike(state.next, next[i]!)),
              declaredLike(collect.value, collected),
            ],
          },
        },
      ],
    })
  }

  /** The bytes of the model. Of `weights` those that a part reads are built in. */
  encode(inputs: readonly Port[], outputs: readonly Port[], weights: Weights): Uint8Array {
    const port = ({ name, shape, dtype }: Port) => declared(name, ELEMENT_TYPE[dtype], shape)
    return encodeModel(
      {
        node: this.#nodes,
        initializer: [...this.#constants, ...weightTensors(this.#read, weights)],
        input: inputs.map(port),
        output: outputs.map(port),
      },
      this.#versions,
    )
  }

  #emit(prefix: string, outputs: Readonly<Record<string, Value>>) {
    const values = Object.values(outputs)
    const { graph, names } = emitGraph(values, 'cpu', prefix)
    for (const { name } of inputsOf(values)) {
      this.#read.add(name)
    }
    const copies = Object.keys(outputs).map((name, i) => identity(names[i]!, name))
    return { nodes: [...graph.nodes, ...copies], constants: graph.constants }
  }
}

/** A graph with other names for its tensors, and for those of the graphs inside it; what it only says of shapes is left out. */
function renamed(
  { node, initializer, input, output, name }: GraphProto,
  rename: (tensor: string) => string,
): GraphProto {
  const port = (value: onnxProto.onnx.IValueInfoProto) => ({ ...value, name: rename(value.name ?? '') })
  return {
    name: name ?? '',
    node: (node ?? []).map((one) => ({
      ...one,
      name: one.name ? rename(one.name) : '',
      input: (one.input ?? []).map(rename),
      output: (one.output ?? []).map(rename),
      attribute: (one.attribute ?? []).map((attribute) => ({
        ...attribute,
        ...(attribute.g && { g: renamed(attribute.g, rename) }),
        ...(attribute.graphs && { graphs: attribute.graphs.map((graph) => renamed(graph, rename)) }),
      })),
    })),
    initializer: (initializer ?? []).map((tensor) => ({ ...tensor, name: rename(tensor.name ?? '') })),
    input: (input ?? []).map(port),
    output: (output ?? []).map(port),
  }
}
