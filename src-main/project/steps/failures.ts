import { defineFailures } from '../../common/failures.ts'

export const failures = defineFailures('steps', {
  noClips: {
    code: 'NOT_READY',
    message: 'This project has no clips.',
    remedy: 'Import clips and their captions first.',
  },
  noMedia: {
    code: 'NOT_READY',
    message: 'No clip of this project has a video or picture to compute features of.',
    remedy: 'Import the folder of videos, or features that were computed elsewhere.',
  },
  fewCaptions: {
    code: 'NOT_READY',
    message:
      'Of the training clips {captioned:has a caption|have captions}: topics need at least 2 such clips.',
    remedy: 'Import captions, or move captioned clips into the training split.',
  },
  nothingLeft: {
    code: 'CONFLICT',
    message: 'All steps are done.',
    remedy: 'Each can be done again in its own view.',
  },
})
