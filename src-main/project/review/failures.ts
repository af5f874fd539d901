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
  splitWithoutImported: {
    code: 'NOT_READY',
    message: 'Model {modelId} ({name}) is another system’s and came without a caption of the {split} split.',
    remedy: 'Choose a split that it captioned, or import its captions of this one as another model.',
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
