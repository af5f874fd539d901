/**
 * Writes the backbone of a network as an ONNX frame encoder.
 *
 * Works backwards from the layers that are wanted, so that heads nobody asks for are never built. Pooling over cells and
 * normalisation are part of the graph, so that it gives finished feature vectors.
 */
import type { FeaturePart } from './descriptor.ts'
import type { Activation, ConvolutionLayer, Layer, LayerGraph } from './layers.ts'
import { OnnxBuilder } from './onnx.ts'
import type { Value } from './onnx.ts'

export interface BackboneOutput {
  name: string
  parts: readonly FeaturePart[]
}

/** A map that a frame is cut into cells of: layers, each averaged over `side` x `side` cells and L2-normalised in each. */
export interface BackboneMap {
  name: string
  layers: readonly Pick<FeaturePart, 'layer' | 'channels'>[]
  side: number
}

/**
 * The ONNX file: input `input` [N, 3, size, size], each output [N, F], the map [N, F, side, side]. `layerPrefix` stands before the layers' names in
 * the network. Throws when a layer is missing, is not as wide as a part says, or needs an operator that the layers of
 * layers.ts don't express.
 */
export function buildBackbone(
  graph: LayerGraph,
  {
    input,
    size,
    layerPrefix,
    outputs,
    map,
  }: {
    input: string
    size: number
    layerPrefix: string
    outputs: readonly BackboneOutput[]
    map?: BackboneMap | undefined
  },
): Uint8Array {
  const builder = new OnnxBuilder()
  const maps = new FeatureMaps(graph, builder, {
    value: builder.input(input, ['N', 3, size, size]),
    channels: 3,
    side: size,
  })
  const features = new Map<string, Value>()
  const feature = (part: FeaturePart): Value => {
    const key = `${part.layer} ${part.pooling} ${part.grid}`
    const known = features.get(key)
    if (known) {
      return known
    }
    const map = maps.find(layerPrefix + part.layer, part.channels)
    const vector = builder.l2Normalize(
      builder.reshape(poolCells(builder, map, part), [0, featureLength(part)]),
    )
    features.set(key, vector)
    return vector
  }
  for (const output of outputs) {
    builder.output(output.name, builder.concat(output.parts.map(feature), 1), [
      'N',
      dimensionOf(output.parts),
    ])
  }
  if (map !== undefined) {
    const parts = map.layers.map(({ layer, channels }) =>
      builder.l2Normalize(
        averageCells(builder, maps.find(layerPrefix + layer, channels), { channels, grid: map.side }),
      ),
    )
    const channels = map.layers.reduce((sum, layer) => sum + layer.channels, 0)
    builder.output(map.name, builder.reshape(builder.concat(parts, 1), [0, channels, map.side, map.side]), [
      'N',
      channels,
      map.side,
      map.side,
    ])
  }
  return builder.build('frame-encoder')
}

/** A square map [N, channels, side, side] in the ONNX graph. */
interface SquareMap {
  value: Value
  channels: number
  side: number
}

/** The maps that the layers of a network give, each built when it is first asked for. */
class FeatureMaps {
  readonly #graph: LayerGraph
  readonly #builder: OnnxBuilder
  /** By the layer's name. */
  readonly #maps: Map<string, SquareMap>

  constructor(graph: LayerGraph, builder: OnnxBuilder, input: SquareMap) {
    this.#graph = graph
    this.#builder = builder
    this.#maps = new Map([[graph.input, input]])
  }

  /** The map of a layer, which must have so many channels. */
  find(name: string, channels: number): SquareMap {
    const map = this.#map(this.#fullName(name))
    if (map.channels !== channels) {
      throw new Error(`layer ${name} has ${map.channels} channels, not ${channels}`)
    }
    return map
  }

  /** TensorFlow Lite appends to a name what was folded into the layer. */
  #fullName(name: string): string {
    const names = [...this.#graph.layers.keys()]
    return names.includes(name) ? name : (names.find((longer) => longer.startsWith(name)) ?? name)
  }

  #map(name: string): SquareMap {
    const known = this.#maps.get(name)
    if (known) {
      return known
    }
    const layer = this.#graph.layers.get(name)
    if (layer === undefined) {
      throw new Error(`the network has no layer ${name}`)
    }
    const computed = this.#compute(name, layer)
    this.#maps.set(name, computed)
    return computed
  }

  #compute(name: string, layer: Layer): SquareMap {
    const builder = this.#builder
    switch (layer.type) {
      case 'convolution':
        return this.#convolve(layer)
      case 'add':
      case 'multiply': {
        const [a, b] = [this.#map(layer.inputs[0]), this.#map(layer.inputs[1])]
        const value =
          layer.type === 'add' ? builder.add(a.value, b.value) : builder.multiply(a.value, b.value)
        return { value, channels: a.channels, side: Math.max(a.side, b.side) }
      }
      case 'activation': {
        const map = this.#map(layer.input)
        return { ...map, value: activate(builder, map.value, layer.activation) }
      }
      case 'mean': {
        const map = this.#map(layer.input)
        return { ...map, value: builder.globalAverage(map.value), side: 1 }
      }
      case 'other':
        throw new Error(`layer ${name} needs an operator that is not supported (${layer.operator})`)
    }
  }

  #convolve({ input, weights, isDepthwise, strides, padding, activation }: ConvolutionLayer): SquareMap {
    const map = this.#map(input)
    const { kernel, shape, bias } = weights()
    const groups = isDepthwise ? map.channels : 1
    const value = this.#builder.convolution(map.value, { kernel, shape, bias }, { strides, padding, groups })
    const positions = padding === 'SAME' ? map.side : map.side - shape[2] + 1
    return {
      value: activate(this.#builder, value, activation),
      channels: shape[0],
      side: Math.ceil(positions / strides[0]),
    }
  }
}

function activate(builder: OnnxBuilder, value: Value, activation: Activation): Value {
  switch (activation) {
    case 'none':
      return value
    case 'relu':
      return builder.relu(value)
    case 'relu6':
      return builder.clip(value, 0, 6)
    case 'hardSigmoid':
      return builder.hardSigmoid(value)
    case 'hardSwish':
      return builder.hardSwish(value)
  }
}

/** F: how long the feature vector of these parts is. */
export function dimensionOf(parts: readonly FeaturePart[]): number {
  return parts.reduce((sum, part) => sum + featureLength(part), 0)
}

/** A map [N, C, side, side] pooled over cells: as many values as [N, C, grid, grid], in that order. */
function poolCells(
  builder: OnnxBuilder,
  map: SquareMap,
  { layer, channels, pooling, grid }: FeaturePart,
): Value {
  if (pooling === 'mean') {
    return averageCells(builder, map, { channels, grid })
  }
  if (map.side % grid !== 0) {
    throw new Error(`layer ${layer} is ${map.side} wide: it has no maximum over ${grid} equal cells`)
  }
  return builder.maxPool(map.value, map.side / grid)
}

/** A map [N, C, side, side] averaged over cells, [N, C, grid^2]. */
function averageCells(
  builder: OnnxBuilder,
  { value, side }: SquareMap,
  { channels, grid }: { channels: number; grid: number },
): Value {
  const averages = builder.floats(cellAverages(side, grid), [side * side, grid * grid])
  return builder.matMul(builder.reshape(value, [0, channels, side * side]), averages)
}

/**
 * The matrix [side^2, grid^2] that averages a square map over each cell of a grid x grid division. A row or
 * column that a cell's edge cuts counts for the share of it that lies inside, so the cells weigh the same
 * even when 7 is cut in 2.
 */
export function cellAverages(side: number, grid: number): Float32Array {
  const cell = side / grid
  const overlap = (position: number, index: number) =>
    Math.max(0, Math.min(position + 1, (index + 1) * cell) - Math.max(position, index * cell)) / cell
  const matrix = new Float32Array(side * side * grid * grid)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      for (let row = 0; row < grid; row++) {
        for (let column = 0; column < grid; column++) {
          matrix[((y * side + x) * grid + row) * grid + column] = overlap(y, row) * overlap(x, column)
        }
      }
    }
  }
  return matrix
}

function featureLength(part: FeaturePart): number {
  return part.channels * part.grid ** 2
}
