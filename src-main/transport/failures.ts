import { defineFailures } from '../common/failures.ts'

const OTHER_PORT = 'Choose another with --port, or leave it out for any free one.'

export const failures = defineFailures('transport', {
  portTaken: {
    code: 'CONFLICT',
    message: 'Port {port} is taken by another program.',
    remedy: OTHER_PORT,
  },
  portForbidden: {
    code: 'BAD_INPUT',
    message: 'Port {port} may not be used: permission denied.',
    remedy: OTHER_PORT,
  },
})
