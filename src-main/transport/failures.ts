import { defineFailures } from '../common/failures.ts'

export const failures = defineFailures('transport', {
  portTaken: {
    code: 'CONFLICT',
    message: 'Port {port} is taken by another program.',
    remedy: 'Choose another with --port, or leave it out for any free one.',
  },
})
