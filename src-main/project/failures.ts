import { defineFailures } from '../common/failures.ts'

/** What a use case asks of the project before it can begin. */
export const failures = defineFailures('workspace', {
  noModel: {
    code: 'NOT_READY',
    message: 'No model is trained yet.',
    remedy: 'Train one first, or name a model.',
  },
  modelInTraining: {
    code: 'NOT_READY',
    message: 'Model {modelId} is still being trained.',
    remedy: 'Wait, or choose another model.',
  },
  modelStopped: {
    code: 'NOT_READY',
    message: 'The training of model {modelId} has stopped.',
    remedy: 'Resume it, keep its best parameters so far, or choose another model.',
  },
  modelFailed: {
    code: 'NOT_READY',
    message: "Model {modelId} failed: it can't be used.",
    remedy: 'Choose another model.',
  },
  modelTrashed: {
    code: 'NOT_READY',
    message: 'Model {modelId} is in the trash.',
    remedy: 'Restore it, or choose another model.',
  },
  modelEmptied: {
    code: 'NOT_FOUND',
    message: 'The files of model {modelId} went with the trash when it was emptied.',
    remedy: 'Choose another model.',
  },
  noFeatures: {
    code: 'NOT_READY',
    message: 'The clips have no features yet.',
    remedy: 'Compute features first.',
  },
  clipWithoutFeatures: {
    code: 'NOT_READY',
    message: 'The clip {clip} has no features for this model.',
    remedy: 'Compute features with the settings that the model was trained on.',
  },
})
