/**
 * A graph model of TensorFlow.js evaluated by TensorFlow.js, node by node as its JSON says: nothing of the program's own
 * reader is used. The formats are the converter's (tfjs-converter/src/operations, tfjs-core/src/io/io_utils.ts).
 */
import { createRequire } from 'node:module'

interface Tensor {
  shape: number[]
  dataSync(): Float32Array
}
interface TensorFlow {
  enableProdMode(): void
  setBackend(name: string): Promise<boolean>
  tidy<Result>(work: () => Result): Result
  tensor(values: ArrayLike<number>, shape: readonly number[]): Tensor
  conv2d(x: Tensor, filter: Tensor, strides: [number, number], padding: string): Tensor
  depthwiseConv2d(x: Tensor, filter: Tensor, strides: [number, number], padding: string): Tensor
  add(a: Tensor, b: Tensor): Tensor
  mul(a: Tensor, b: Tensor): Tensor
  relu(x: Tensor): Tensor
  relu6(x: Tensor): Tensor
  mean(x: Tensor, axes: number[], keepDims: boolean): Tensor
}

interface GraphNode {
  name: string
  op: string
  input?: string[]
  attr?: {
    strides?: { list: { i: string[] } }
    padding?: { s: string }
    fused_ops?: { list: { s: string[] } }
  }
}
export interface GraphModel {
  modelTopology: { node: GraphNode[] }
  weightsManifest: {
    weights: { name: string; shape: number[]; dtype: string; quantization?: { dtype: string } }[]
  }[]
}

export interface FeatureMap {
  side: number
  channels: number
  /** [side, side, channels] */
  values: Float32Array
}

const require = createRequire(import.meta.url)

/** The map of a node for one picture, which is as `FeatureMap` says. */
export async function evaluateNode(
  model: GraphModel,
  weights: Uint8Array,
  picture: FeatureMap,
  name: string,
): Promise<FeatureMap> {
  const tf = require('@tensorflow/tfjs-core') as TensorFlow
  require('@tensorflow/tfjs-backend-cpu')
  // Without checks, and without its greeting.
  tf.enableProdMode()
  await tf.setBackend('cpu')
  return tf.tidy(() => {
    const map = new Evaluation(tf, model, weights, picture).node(name)
    const [, side = 0, , channels = 0] = map.shape
    return { side, channels, values: map.dataSync() }
  })
}

class Evaluation {
  readonly #tf: TensorFlow
  readonly #nodes: Map<string, GraphNode>
  readonly #tensors = new Map<string, Tensor>()

  constructor(tf: TensorFlow, model: GraphModel, weights: Uint8Array, picture: FeatureMap) {
    this.#tf = tf
    this.#nodes = new Map(model.modelTopology.node.map((node) => [node.name, node]))
    let offset = 0
    for (const { name, shape, dtype, quantization } of model.weightsManifest.flatMap(
      (group) => group.weights,
    )) {
      const width = quantization?.dtype === 'float16' ? 2 : 4
      const length = shape.reduce((product, size) => product * size, 1)
      const bytes = Uint8Array.from(weights.subarray(offset, offset + width * length)).buffer
      const values = new (arrayOf(quantization?.dtype ?? dtype))(bytes)
      this.#tensors.set(name, tf.tensor(Float32Array.from(values), shape))
      offset += width * length
    }
    const input = model.modelTopology.node.find(({ op }) => op === 'Placeholder')
    const { side, channels, values } = picture
    this.#tensors.set(input?.name ?? '', tf.tensor(values, [1, side, side, channels]))
  }

  node(name: string): Tensor {
    const known = this.#tensors.get(name)
    if (known) {
      return known
    }
    const node = this.#nodes.get(name)
    if (node === undefined) {
      throw new Error(`no node ${name}`)
    }
    const computed = this.#compute(
      node,
      (node.input ?? []).map((input) => this.node(input)),
    )
    this.#tensors.set(name, computed)
    return computed
  }

  #compute({ name, op, attr }: GraphNode, inputs: Tensor[]): Tensor {
    const tf = this.#tf
    const [x, y, bias] = inputs
    if (x === undefined) {
      throw new Error(`node ${name} has no input`)
    }
    switch (op) {
      case 'Relu':
        return tf.relu(x)
      case 'Relu6':
        return tf.relu6(x)
      case 'Mean':
        return tf.mean(x, [...y!.dataSync()], true)
      case 'Add':
        return tf.add(x, y!)
      case 'Mul':
        return tf.mul(x, y!)
    }
    const isDepthwise = op.includes('Depthwise')
    const strides = (attr?.strides?.list.i ?? []).map(Number).slice(1, 3) as [number, number]
    const padding = text(attr?.padding?.s ?? '').toLowerCase()
    const product = isDepthwise
      ? tf.depthwiseConv2d(x, y!, strides, padding)
      : tf.conv2d(x, y!, strides, padding)
    const sum = bias ? tf.add(product, bias) : product
    return (attr?.fused_ops?.list.s ?? []).map(text).includes('Relu') ? tf.relu(sum) : sum
  }
}

const text = (base64: string): string => Buffer.from(base64, 'base64').toString()

const arrayOf = (dtype: string): { new (bytes: ArrayBuffer): ArrayLike<number> } =>
  ({ float16: Float16Array, int32: Int32Array })[dtype] ?? Float32Array
