import { defineFailures } from '../../common/failures.ts'

const CHOOSE_FOLDER = 'Choose another folder.'

export const failures = defineFailures('app', {
  folderMissing: { code: 'BAD_INPUT', message: '{folder} does not exist.', remedy: CHOOSE_FOLDER },
  notAFolder: { code: 'BAD_INPUT', message: '{folder} is a file, not a folder.', remedy: CHOOSE_FOLDER },
  folderUnreadable: { code: 'BAD_INPUT', message: '{folder} may not be read.', remedy: CHOOSE_FOLDER },
})
