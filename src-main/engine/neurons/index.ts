import type { EngineHandlers } from '../contract.ts'
import { interpret, neuronDetail } from './neuron-map.ts'

export const neuronHandlers: Pick<EngineHandlers, 'neurons.interpret' | 'neurons.neuron'> = {
  'neurons.interpret': interpret,
  'neurons.neuron': neuronDetail,
}
