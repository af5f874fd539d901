import { defineFailures } from '../../common/failures.ts'

export const failures = defineFailures('engine.actions', {
  tooFewClips: {
    code: 'BAD_INPUT',
    message: 'The smallest class has {clips} clips, fewer than the {folds} folds.',
    remedy: 'Use fewer folds, or more clips for each class.',
  },
})
