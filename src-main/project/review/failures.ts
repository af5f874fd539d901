import { defineFailures } from '../../common/failures.ts'

export const failures = defineFailures('review', {
  splitWithoutFeatures: {
    code: 'NOT_READY',
    message: 'No clip of the {split} split has features for model {modelId}.',
    remedy:
      'Compute features with the settings that the model was trained on, move clips into that split, or choose another one.',
  },
  splitWithoutCaptions: {
    code: 'NOT_READY',
    message: 'No clip of the {split} split has human captions to score against.',
    remedy: 'Import captions for its clips, move captioned clips into that split, or choose another one.',
  },
  notCaptioned: {
    code: 'NOT_READY',
    message: 'Model {modelId} has not captioned {clip} yet.',
    remedy: 'Caption the {split} split first.',
  },
  saidOtherwise: {
    code: 'CONFLICT',
    message: 'Model {modelId} says something else of {clip} by now than what was judged.',
    remedy: 'Look at its caption again, and judge that.',
  },
})
