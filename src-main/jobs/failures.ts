import { defineFailures } from '../common/failures.ts'

export const failures = defineFailures('jobs', {
  jobUnknown: { code: 'NOT_FOUND', message: 'No job {jobId} was started here.' },
  notPausable: {
    code: 'CONFLICT',
    message: '"{job}" can\'t be paused now.',
    remedy: 'Wait, or cancel it.',
  },
})
