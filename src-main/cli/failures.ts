import { defineFailures } from '../common/failures.ts'

const LIST_EDITS = '"vitrine history PROJECT" lists what was edited.'
const LIST_MODELS = '"vitrine models PROJECT" lists its models.'

export const failures = defineFailures('cli', {
  // Edits and snapshots.
  nothingToUndo: { code: 'NOT_READY', message: 'There is nothing to undo.', remedy: LIST_EDITS },
  nothingToRedo: { code: 'NOT_READY', message: 'There is nothing to redo.', remedy: LIST_EDITS },
  featuresUnknown: {
    code: 'NOT_FOUND',
    message: 'There is no set of features "{set}".',
    remedy: '"vitrine feature-sets PROJECT" lists them.',
  },
  snapshotUnknown: {
    code: 'NOT_FOUND',
    message: 'There is no snapshot "{snapshot}".',
    remedy: '"vitrine snapshots PROJECT" lists them.',
  },

  // Jobs.
  nothingToRestart: {
    code: 'NOT_READY',
    message: 'No job of this project ended early.',
    remedy: '"vitrine jobs PROJECT" lists them.',
  },

  // Sweeps, and models compared.
  notTrainedHere: {
    code: 'NOT_FOUND',
    message: 'This project has no model {modelId} that was trained here.',
    remedy: LIST_MODELS,
  },
  noSweepToResume: {
    code: 'NOT_READY',
    message: 'Every sweep of this project is at its end.',
    remedy: '"vitrine sweeps PROJECT" lists them.',
  },

  // Topics.
  topicAmbiguous: {
    code: 'CONFLICT',
    message: 'Several topics are called "{label}": {topicIds}.',
    remedy: 'Use an id.',
  },
  topicUnknown: {
    code: 'NOT_FOUND',
    message: 'This project has no topic called "{label}".',
    remedy: '"vitrine topics PROJECT --list" lists them.',
  },

  // Captions.
  captionUnknown: {
    code: 'NOT_FOUND',
    message: '{clip} has no caption "{caption}".',
    remedy: 'Its captions: {captions}.',
  },

  // Models.
  noModel: {
    code: 'NOT_READY',
    message: 'No model is trained yet.',
    remedy: 'Train one first: vitrine train PROJECT',
  },
  nothingToKeep: {
    code: 'NOT_FOUND',
    message: 'This project has no run whose parameters can be kept.',
    remedy: LIST_MODELS,
  },
  nothingToResume: {
    code: 'NOT_FOUND',
    message: 'This project has no run that can go on.',
    remedy: LIST_MODELS,
  },

  // Neurons.
  notInterpreted: {
    code: 'NOT_READY',
    message: 'The neurons of model {modelId} have not been interpreted.',
    remedy: 'Run "vitrine neurons" with --model {modelId} alone first.',
  },
  topicWithoutNeurons: {
    code: 'NOT_FOUND',
    message: 'No neuron stands for this topic.',
    remedy: 'Choose another one, or name neurons.',
  },
  neuronUnknown: { code: 'NOT_FOUND', message: 'Model {modelId} has no neuron {neuron} in its map.' },
})
