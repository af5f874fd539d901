import { defineFailures } from '../../common/failures.ts'

export const failures = defineFailures('encoders', {
  idTaken: {
    code: 'CONFLICT',
    message: 'There is an encoder called {encoder} already.',
    remedy: 'Choose another name, or remove that one first.',
  },
})
