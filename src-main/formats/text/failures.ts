import { defineFailures } from '../../common/failures.ts'

const SAVE_AS_UTF8 = 'Save the file as UTF-8.'

export const failures = defineFailures('text', {
  fileMissing: { code: 'BAD_INPUT', message: 'The file {path} does not exist.' },
  fileIsFolder: { code: 'BAD_INPUT', message: 'The file {path} is a folder, not a file.' },
  fileUnreadable: { code: 'BAD_INPUT', message: "The file {path} can't be read ({reason})." },
  notUtf8: { code: 'BAD_INPUT', message: '{file} is not UTF-8 text.', remedy: SAVE_AS_UTF8 },
  notUtf8InLine: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: the text is not UTF-8.',
    remedy: SAVE_AS_UTF8,
  },
})
