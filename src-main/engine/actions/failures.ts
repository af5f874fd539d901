import { defineFailures } from '../../common/failures.ts'

export const failures = defineFailures('engine.actions', {
  noModel: { code: 'BAD_INPUT', message: 'Classifying by {features} needs a model.' },
})
