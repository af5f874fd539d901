import { defineFailures } from '../../common/failures.ts'

export const failures = defineFailures('project', {
  noProject: { code: 'NO_PROJECT', message: 'No project is open.', remedy: 'Open or create one.' },
})
