import type { EngineHandlers } from '../../engine-host/contract/index.ts'
import { neuronDetail, neuronMatrix } from './detail.ts'
import { interpret } from './interpret.ts'
import { neuronsOfTopic } from './intervention.ts'
import { matchedNeurons } from './matched.ts'
import { readNeuronMap } from './neuron-map.ts'
import { probe } from './probe.ts'
import { silence, silencedWords } from './silencing.ts'
import { neighbours, stability } from './similarity.ts'
import { topicStrip } from './strip.ts'

type NeuronMethods = Extract<keyof EngineHandlers, `neurons.${string}`>

export const neuronHandlers: Pick<EngineHandlers, NeuronMethods> = {
  'neurons.probe': probe,
  'neurons.interpret': interpret,
  'neurons.matrix': neuronMatrix,
  'neurons.neuron': neuronDetail,
  'neurons.strip': topicStrip,
  'neurons.words': silencedWords,
  'neurons.of-topic': async ({ modelDir, topic }) => ({
    neurons: neuronsOfTopic(await readNeuronMap(modelDir), topic),
  }),
  'neurons.matched': async ({ modelDir, neurons, seed }) => ({
    neurons: matchedNeurons(await readNeuronMap(modelDir), neurons, { seed }),
  }),
  'neurons.silence': silence,
  'neurons.stability': stability,
  'neurons.neighbours': neighbours,
}
