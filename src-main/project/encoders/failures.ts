import { defineFailures } from '../../common/failures.ts'

export const failures = defineFailures('encoders', {
  idTaken: {
    code: 'CONFLICT',
    message: 'There is an encoder called {encoder} already.',
    remedy: 'Choose another name, or remove that one first.',
  },
  beingFetched: {
    code: 'CONFLICT',
    message: '{model} is being fetched already.',
    remedy: 'Wait, or cancel that first; it may be in another window or program.',
  },
  downloadUnknown: {
    code: 'NOT_FOUND',
    message: 'Nothing that was fetched in part is called {name}.',
    remedy: 'Look at what there is: vitrine encoders list.',
  },
})
