/** What may be wrong with captions of any format; what is wrong in a format's own way stands in its file. */
import { defineFailures } from '../../common/failures.ts'

export const failures = defineFailures('captions', {
  noCaptions: {
    code: 'BAD_INPUT',
    message: '{file} holds no captions.',
    remedy: 'Accepted are {accepted}.',
  },
  clipUnnamed: { code: 'BAD_INPUT', message: '{file} line {line}: the clip has no name.' },
  captionEmpty: { code: 'BAD_INPUT', message: '{file} line {line}: the caption of {clip} is empty.' },
  formatUnknown: {
    code: 'BAD_INPUT',
    message: 'There is no caption format {format}.',
    remedy: 'Use one of {formats}.',
  },
})
