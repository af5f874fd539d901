import { defineFailures } from '../../common/failures.ts'

export const failures = defineFailures('sweeps', {
  noValidation: {
    code: 'NOT_READY',
    message:
      'No clip of the validation split has both captions and features: nothing could tell the runs of a sweep apart.',
    remedy: 'Move captioned clips into the validation split, or compute their features.',
  },
  givenTwice: {
    code: 'BAD_INPUT',
    message: '{setting} is given as one value for all runs and as values to try.',
    remedy: 'Leave one of the two out.',
  },
  headsAlike: {
    code: 'BAD_INPUT',
    message:
      'tied and tied-learnt are the same topic head where the frame’s features are not kept (keepFeatures=false): every run would be trained twice.',
    remedy: 'Leave one of them out, or keep the features.',
  },
  headTooSmall: {
    code: 'BAD_INPUT',
    message:
      'A {head} topic head needs as many hidden units and neurons as there are topics: {topics} here, with topicHiddenSize={hidden} and {neurons:neuron|neurons}. It would be a joint one.',
    remedy: 'Make topicHiddenSize or encoderSize larger, or leave this head out.',
  },
  tooManyRuns: {
    code: 'BAD_INPUT',
    message: 'These values and seeds make {runs:run|runs}; a sweep has {most} at most.',
    remedy: 'Try fewer values or seeds.',
  },
  nothingToTry: {
    code: 'BAD_INPUT',
    message: 'With lambda 0 alone there are only baselines.',
    remedy: 'Give lambda a value above 0, too.',
  },
  atWork: { code: 'CONFLICT', message: 'Sweep {sweepId} is being trained.' },
  nothingLeft: {
    code: 'CONFLICT',
    message: 'Every run of sweep {sweepId} has ended: nothing is left to do.',
  },
  trashed: {
    code: 'CONFLICT',
    message: 'Sweep {sweepId} is in the trash.',
    remedy: 'Restore one of its models, or undo its deletion.',
  },
  inputsChanged: {
    code: 'CONFLICT',
    message:
      "Sweep {sweepId} can't go on: {inputs} have changed since it began, and its runs would not compare.",
    remedy: 'Undo the change, or begin a new sweep.',
  },
})
