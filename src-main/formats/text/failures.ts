import { defineFailures } from '../../common/failures.ts'

const SAVE_AS_UTF8 = 'Save the file as UTF-8.'

export const failures = defineFailures('text', {
  textTooLarge: {
    code: 'BAD_INPUT',
    message: '{path} is larger than {megabytes} MB, the most that a file of text may have.',
    remedy: 'Divide it.',
  },
  notUtf8: { code: 'BAD_INPUT', message: '{file} is not UTF-8 text.', remedy: SAVE_AS_UTF8 },
  notUtf8InLine: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: the text is not UTF-8.',
    remedy: SAVE_AS_UTF8,
  },
})
