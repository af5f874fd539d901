import { defineFailures } from '../../common/failures.ts'

const INTERPRET_AGAIN = 'Interpret the neurons again.'

export const failures = defineFailures('engine.neurons', {
  // The map.
  noClips: {
    code: 'NOT_READY',
    message: 'There are no clips to interpret the neurons with.',
    remedy: 'Import clips and compute their features.',
  },
  notInterpreted: {
    code: 'NOT_READY',
    message: 'The neurons of this model have not been interpreted.',
    remedy: 'Run "Interpret neurons" for it first.',
  },
  mapIncomplete: { code: 'BAD_INPUT', message: '{path} has no {tensor}.', remedy: INTERPRET_AGAIN },
  otherFrames: {
    code: 'BAD_INPUT',
    message: 'The features of clip {clipId} have {frames} frames, and what it shows is known of {shown}.',
    remedy: 'Compute its features again, or measure without a truth over time.',
  },
  tooFewShared: {
    code: 'NOT_READY',
    message: 'The neuron maps of these runs have too few clips in common.',
    remedy: 'Interpret their neurons again.',
  },
  clipNotInMap: {
    code: 'NOT_FOUND',
    message: 'Clip {clipId} is not in the neuron map.',
    remedy: INTERPRET_AGAIN,
  },

  // Neurons.
  neuronUnknown: {
    code: 'NOT_FOUND',
    message: 'There is no neuron {neuron}; this model has neurons 0 to {last}.',
  },
  notLearnt: {
    code: 'BAD_INPUT',
    message: 'Neuron {neuron} is a feature of the frame, not learnt.',
    remedy: 'Choose one from {firstLearnt} on.',
  },
})
