import { defineFailures } from '../../common/failures.ts'

export const failures = defineFailures('neurons', {
  noTopics: {
    code: 'NOT_READY',
    message: 'This project has no topics yet, so neurons can stand for none.',
    remedy: 'Find topics first, and interpret the neurons then.',
  },
  noActivationsToTrain: {
    code: 'NOT_READY',
    message: 'No clip of the training split has activations, so no topic head can be trained on them.',
    remedy: 'Give activations of training clips, too.',
  },
  notInterpreted: {
    code: 'NOT_READY',
    message: 'The neurons of model {modelId} have not been interpreted.',
    remedy: 'Interpret them first.',
  },
  noOtherRun: {
    code: 'NOT_READY',
    message: 'Model {modelId} has no other run of its series with a neuron map.',
    remedy: 'Train several seeds as a series, and interpret their neurons.',
  },
  neuronUnknown: { code: 'NOT_FOUND', message: 'Model {modelId} has no neuron {neuron} in its map.' },
  topicUnknown: {
    code: 'BAD_INPUT',
    message: 'Model {modelId} was not trained with topic {topicId}.',
    remedy: 'Choose one of its topics.',
  },
  truthLine: {
    code: 'BAD_INPUT',
    message:
      '{file}:{line}: "{text}" is no clip, concept, from and to (seconds, to after from), with tabs between them.',
  },
  truthOfOthers: {
    code: 'BAD_INPUT',
    message: '{file} speaks of no clip of this project that has features.',
    remedy: 'Choose the file of this corpus; clips are known by their names.',
  },
  nothingToSilence: {
    code: 'BAD_INPUT',
    message: 'There is no neuron to silence.',
    remedy: 'Choose a topic, or neurons.',
  },
})
