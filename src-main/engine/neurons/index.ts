import type { NeuronHandlers } from '../../engine-host/contract/neurons.ts'
import { neuronsOfTopic } from './intervention.ts'
import { interpret, neuronDetail, neuronMatrix, readNeuronMap } from './neuron-map.ts'
import { silence, silencedWords } from './silencing.ts'
import { neighbours, stability } from './similarity.ts'
import { topicStrip } from './strip.ts'

export const neuronHandlers: NeuronHandlers = {
  'neurons.interpret': interpret,
  'neurons.matrix': neuronMatrix,
  'neurons.neuron': neuronDetail,
  'neurons.strip': topicStrip,
  'neurons.words': silencedWords,
  'neurons.of-topic': async ({ modelDir, topic }) => ({
    neurons: neuronsOfTopic(await readNeuronMap(modelDir), topic),
  }),
  'neurons.silence': silence,
  'neurons.stability': stability,
  'neurons.neighbours': neighbours,
}
