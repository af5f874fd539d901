import { defineFailures } from '../../common/failures.ts'

export const failures = defineFailures('review', {
  splitWithoutFeatures: {
    code: 'NOT_READY',
    message: 'No clip of the {split} split has features for model {modelId}.',
    remedy: 'Compute features with the settings that the model was trained on.',
  },
  splitWithoutCaptions: {
    code: 'NOT_READY',
    message: 'No clip of the {split} split has human captions to score against.',
    remedy: 'Import captions for that split.',
  },
  notCaptioned: {
    code: 'NOT_READY',
    message: 'Model {modelId} has not captioned {clip} yet.',
    remedy: 'Caption the {split} split first.',
  },
})
