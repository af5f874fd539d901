import { defineFailures } from '../../common/failures.ts'

const COMPUTE_FEATURES = 'Compute features: what is missing or damaged is computed again, and only that.'
const TRAIN_AGAIN = 'Train the model again, or choose another.'

export const failures = defineFailures('engine.captioner', {
  // Clips and their features.
  noCaptions: {
    code: 'NOT_READY',
    message: 'No {split} clip has a caption.',
    remedy: 'Import captions for the {split} split.',
  },
  featuresMissing: {
    code: 'NOT_READY',
    message: 'The feature file {file} is gone.',
    remedy: COMPUTE_FEATURES,
  },
  featuresAltered: {
    code: 'NOT_READY',
    message: 'The feature file {file} is not as it was written.',
    remedy: COMPUTE_FEATURES,
  },
  featureShape: {
    code: 'BAD_INPUT',
    message: '{file} holds an array of shape ({shape}); 1 to {frames} frames by features are needed.',
    remedy: 'Compute the features again.',
  },
  featureSizesDiffer: {
    code: 'BAD_INPUT',
    message: '{file} has {size} features a frame where {first} has {expected}.',
    remedy: 'Compute the features of all clips with the same settings.',
  },
  featureSizeOfModel: {
    code: 'BAD_INPUT',
    message: '{file} has {size} features a frame where the model takes {expected}.',
    remedy: 'Compute the features with the settings that the model was trained with.',
  },

  // Files of a model.
  modelUnreadable: {
    code: 'NOT_FOUND',
    message: "The model file {path} can't be read.",
    remedy: TRAIN_AGAIN,
  },
  modelDamaged: { code: 'BAD_INPUT', message: 'The model file {path} is damaged.', remedy: TRAIN_AGAIN },
  exportUnreadable: {
    code: 'BAD_INPUT',
    message: '{path} is no whole export of a model: {reason}.',
    remedy: 'Export the model again, and take all of its files along.',
  },
  noCheckpoint: {
    code: 'NOT_FOUND',
    message: 'There is no checkpoint to go on from in {folder}.',
    remedy: 'Train the model anew.',
  },

  // A loss is text here: NaN and Infinity are no numbers on the wire.
  trainingDiverged: {
    code: 'DIVERGED',
    message: 'The loss became {loss} at step {step}.',
    remedy: 'Lower the learning rate or the clip norm. The best parameters so far are kept.',
  },
  refinementDiverged: {
    code: 'DIVERGED',
    message: 'The loss became {loss} by step {step} of the refinement.',
    remedy: 'The model is as it was. Train a new one on these topics.',
  },
})
