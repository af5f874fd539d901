import type { EngineHandlers } from '../contract.ts'
import { interpret, neuronDetail, neuronMatrix } from './neuron-map.ts'
import { silence, silencedWords } from './silencing.ts'
import { neighbours, stability } from './similarity.ts'
import { topicStrip } from './strip.ts'

type NeuronMethods = Extract<keyof EngineHandlers, `neurons.${string}`>

export const neuronHandlers: Pick<EngineHandlers, NeuronMethods> = {
  'neurons.interpret': interpret,
  'neurons.matrix': neuronMatrix,
  'neurons.neuron': neuronDetail,
  'neurons.strip': topicStrip,
  'neurons.words': silencedWords,
  'neurons.silence': silence,
  'neurons.stability': stability,
  'neurons.neighbours': neighbours,
}
