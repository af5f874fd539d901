import { defineFailures } from '../../common/failures.ts'

export const failures = defineFailures('storage', {
  jobRuns: {
    code: 'CONFLICT',
    message: '"{job}" is at work on this project.',
    remedy: 'Wait until it is done, or cancel it.',
  },
  isOpen: {
    code: 'CONFLICT',
    message: 'The project {project} is open.',
    remedy: 'Close it first.',
  },
  notDamaged: {
    code: 'BAD_INPUT',
    message: 'The project file of {project} is not damaged.',
    remedy: 'There is nothing to save.',
  },
  noRoom: {
    code: 'DISK_FULL',
    message: '{work} may need {needed}; the disk of {folder} has {free} free.',
    remedy:
      'Free some space: "vitrine check PROJECT --storage", or Storage in the window, says what takes how much.',
  },
})
