/** The captioner's parameters: their names, shapes and first values. docs/method.md gives each its symbol. */
import type { CaptionerSettings } from '#contract'
import type { FloatTensor } from '../../formats/safetensors.ts'
import { elementCount, input } from '../graph/value.ts'
import type { Input, Shape } from '../graph/value.ts'
import type { Random } from '../../common/random.ts'

/** Everything that sizes the model: its settings and what its data gave. */
export interface Architecture {
  settings: CaptionerSettings
  /** n: frames a clip is padded to. */
  frames: number
  /** F: components of what the network is fed a frame: the features, or their projection. */
  inputSize: number
  /** V: words, the four special ones included. */
  vocabularySize: number
  /** K. */
  topics: number
}

/** D: components of v_i, the neurons. Order: frame features (when kept), forward LSTM, backward LSTM. */
export function neuronCount({ settings, inputSize }: Architecture): number {
  return (settings.keepFeatures ? inputSize : 0) + 2 * settings.encoderSize
}

/** Components of what the encoder reads a frame: x_i, and its delta. */
export function readSize({ settings, inputSize }: Architecture): number {
  return (settings.deltas ? 2 : 1) * inputSize
}

/** What a neuron is. */
export function neuronPart(architecture: Architecture, neuron: number): 'feature' | 'forward' | 'backward' {
  const { settings, inputSize } = architecture
  const unit = neuron - (settings.keepFeatures ? inputSize : 0)
  if (unit < 0) {
    return 'feature'
  }
  return unit < settings.encoderSize ? 'forward' : 'backward'
}

/** How a parameter starts: Glorot's uniform, an embedding's small normal, or a bias (forget gates at 1). */
type Start = 'glorot' | 'embedding' | 'zero' | 'lstm bias'

/**
 * Parameter name to shape and start, in a fixed order. LSTM gates are laid out input, forget, candidate,
 * output.
 */
export function parameterTable(architecture: Architecture): Map<string, { shape: Shape; start: Start }> {
  const { settings, vocabularySize: V, topics: K } = architecture
  const { encoderSize: E, hiddenSize: H, attentionSize: A, embeddingSize: W, topicHiddenSize: P } = settings
  const D = neuronCount(architecture)
  const table = new Map<string, { shape: Shape; start: Start }>()
  const weight = (name: string, ...shape: number[]) => table.set(name, { shape, start: 'glorot' })
  const bias = (name: string, size: number, start: Start = 'zero') =>
    table.set(name, { shape: [size], start })
  for (const direction of ['forward', 'backward']) {
    weight(`encoder.${direction}.input`, readSize(architecture), 4 * E)
    weight(`encoder.${direction}.hidden`, E, 4 * E)
    bias(`encoder.${direction}.bias`, 4 * E, 'lstm bias')
  }
  weight('topics.hidden', D, P)
  bias('topics.hidden_bias', P)
  weight('topics.output', P, K)
  bias('topics.output_bias', K)
  weight('attention.frame', D, A)
  bias('attention.bias', A)
  weight('attention.hidden', H, A)
  weight('attention.score', A, 1)
  weight('gate.hidden', H, 1)
  bias('gate.bias', 1)
  weight('initial.hidden', D, H)
  bias('initial.hidden_bias', H)
  weight('initial.memory', D, H)
  bias('initial.memory_bias', H)
  table.set('embedding', { shape: [V, W], start: 'embedding' })
  weight('decoder.word', W, 4 * H)
  weight('decoder.context', D, 4 * H)
  weight('decoder.hidden', H, 4 * H)
  bias('decoder.bias', 4 * H, 'lstm bias')
  weight('output.hidden', H, W)
  weight('output.context', D, W)
  bias('output.bias', W)
  weight('output.word', W, V)
  bias('output.word_bias', V)
  return table
}

/** The parameters that a refinement changes: the encoder E and the topic head f. */
export const isRefinable = (name: string): boolean =>
  name.startsWith('encoder.') || name.startsWith('topics.')

export type Parameters = Map<string, FloatTensor>

/** Throws when the model has no parameter of that name. */
export function parameterTensor(parameters: Parameters, name: string): FloatTensor {
  const tensor = parameters.get(name)
  if (!tensor) {
    throw new Error(`the model has no parameter ${name}`)
  }
  return tensor
}

/** First values of all parameters; the same for the same generator state. */
export function initialParameters(architecture: Architecture, random: Random): Parameters {
  const parameters: Parameters = new Map(
    [...parameterTable(architecture)].map(([name, { shape, start }]) => [
      name,
      { shape, data: firstValues(shape, start, random) },
    ]),
  )
  scaleHead(architecture, parameterTensor(parameters, 'topics.hidden'))
  // The weights that f is without are zero, and learning leaves them so: whoever reads f need not know of it.
  for (const [name, mask] of topicHeadMasks(architecture)) {
    const { data } = parameterTensor(parameters, name)
    data.forEach((weight, i) => {
      data[i] = mask[i]! > 0 ? Math.abs(weight) * Math.sqrt(architecture.topics) : 0
    })
  }
  return parameters
}

/** f starts by saying of its LSTM neurons what it would say if they were not multiplied. */
function scaleHead({ settings }: Architecture, { shape, data }: FloatTensor): void {
  const [D, P] = [shape[0]!, shape[1]!]
  for (let i = (D - 2 * settings.encoderSize) * P; i < data.length; i++) {
    data[i]! /= settings.neuronGain
  }
}

function firstValues(shape: Shape, start: Start, random: Random): Float32Array {
  const values = new Float32Array(elementCount(shape))
  switch (start) {
    case 'glorot': {
      const limit = Math.sqrt(6 / shape.reduce((total, size) => total + size, 0))
      return values.map(() => limit * (2 * random.next() - 1))
    }
    case 'embedding':
      return values.map(() => 0.1 * random.normal())
    case 'lstm bias':
      return values.fill(1, values.length / 4, values.length / 2)
    case 'zero':
      return values
  }
}

/**
 * Which weights a tied topic head has (1) and which not (0), by parameter name: f is K heads side by side,
 * neuron j feeds the hidden units of topic j mod K alone, and unit p the topic p mod K. `tied-learnt` counts LSTM
 * neurons only: kept features, which nobody taught a topic, feed none. No masks for a joint head, and where there are
 * fewer such neurons, or units, than topics. Of these weights there are K times fewer, so
 * they start larger by sqrt(K), and positive: a topic's neurons begin by saying that it is there.
 */
export function topicHeadMasks(architecture: Architecture): Map<'topics.hidden' | 'topics.output', number[]> {
  const {
    topics: K,
    inputSize,
    settings: { topicHead, topicHiddenSize: P, keepFeatures },
  } = architecture
  const D = neuronCount(architecture)
  /** Neurons before this one belong to no topic. */
  const first = topicHead === 'tied-learnt' && keepFeatures ? inputSize : 0
  if (topicHead === 'joint' || K > P || K > D - first) {
    return new Map()
  }
  const mask = (rows: number, columns: number, firstRow: number): number[] =>
    Array.from({ length: rows * columns }, (_, i) => {
      const row = Math.floor(i / columns) - firstRow
      return row >= 0 && row % K === (i % columns) % K ? 1 : 0
    })
  return new Map([
    ['topics.hidden', mask(D, P, first)],
    ['topics.output', mask(P, K, 0)],
  ])
}

/**
 * The same with a topic head that may read all neurons for each topic: for heads whose topics are not those
 * they were trained with.
 */
export const withJointHead = (architecture: Architecture): Architecture => ({
  ...architecture,
  settings: { ...architecture.settings, topicHead: 'joint' },
})

/** Input leaves of a graph, one for each parameter. */
export function parameterLeaves(architecture: Architecture): Map<string, Input> {
  return new Map([...parameterTable(architecture)].map(([name, { shape }]) => [name, input(name, shape)]))
}
