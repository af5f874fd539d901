import { defineFailures } from '../../common/failures.ts'

export const failures = defineFailures('project', {
  noProject: { code: 'NO_PROJECT', message: 'No project is open.', remedy: 'Open or create one.' },
  jobsAtWork: {
    code: 'CONFLICT',
    message: '{jobs:job is|jobs are} not done and would be stopped: {titles}.',
    remedy: 'Wait for the end, or say that work may be stopped.',
  },
  viewUnknown: {
    code: 'NOT_FOUND',
    message: 'There is no view "{name}" of this list.',
    remedy: 'It may have been forgotten in another window; undo there brings it back.',
  },
})
