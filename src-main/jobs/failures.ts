import { defineFailures } from '../common/failures.ts'

export const failures = defineFailures('jobs', {
  jobUnknown: { code: 'NOT_FOUND', message: 'No job {jobId} was started here.' },
  jobElsewhere: {
    code: 'CONFLICT',
    message: '"{job}" is the work of another program.',
    remedy: 'Hold or cancel it there.',
  },
  notPausable: {
    code: 'CONFLICT',
    message: '"{job}" can\'t be paused now.',
    remedy: 'Wait, or cancel it.',
  },
  requestUnknown: {
    code: 'CONFLICT',
    message: '"{job}" can\'t be started again: an older version of Vitrine did not note its settings.',
    remedy: 'Start it from its view.',
  },
  requestOutdated: {
    code: 'CONFLICT',
    message: '"{job}" can\'t be started again: this version of Vitrine has other settings for it.',
    remedy: 'Start it from its view.',
  },
  restartedAlready: {
    code: 'CONFLICT',
    message: '"{job}" was started again already.',
    remedy: 'Its successor is in the list of jobs.',
  },
  jobNotEndedEarly: {
    code: 'CONFLICT',
    message: '"{job}" did not end early: it is {state}.',
    remedy: 'Only work that failed, was cancelled or was interrupted is started again.',
  },
})
