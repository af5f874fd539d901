/**
 * A model that is put together from parts: plain graphs, and loops that end by what they compute. Tensors go from
 * part to part by their names, and a loop's body sees those of the parts before it.
 */
import type onnxProto from 'onnx-proto'
import type { OnnxAttributes } from './emitter.ts'
import { ATTRIBUTE, ELEMENT_TYPE, emitGraph, nodeProto } from './onnx-graph.ts'
import { declared, declaredLike, encodeModel, identity, weightTensors } from './onnx.ts'
import type { Weights } from './session.ts'
import { inputsOf } from './value.ts'
import type { DType, Input, Shape, Value } from './value.ts'

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
  shape: Shape
  dtype: DType
}

export class OnnxAssembly {
  readonly #nodes: NodeProto[] = []
  readonly #constants: TensorProto[] = []
  /** Names of all inputs of the parts: weights are among them. */
  readonly #read = new Set<string>()

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
    return encodeModel({
      node: this.#nodes,
      initializer: [...this.#constants, ...weightTensors(this.#read, weights)],
      input: inputs.map(port),
      output: outputs.map(port),
    })
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
