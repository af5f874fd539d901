import { defineFailures } from '../../common/failures.ts'

const FREE_SPACE =
  'Free some space: "vitrine check PROJECT --storage", or Storage in the window, says what takes how much.'

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
  noFolder: {
    code: 'NOT_FOUND',
    message: 'There is no folder {folder}.',
    remedy: 'Name the folder of a project, NAME.vitrine.',
  },
  notDamaged: {
    code: 'BAD_INPUT',
    message: 'The project file of {project} is not damaged.',
    remedy: 'There is nothing to save.',
  },

  featuresElsewhere: {
    code: 'BAD_INPUT',
    message: 'The project names "{key}" as settings of features, which no folder has the name of.',
    remedy: "Don't use this project, or ask whoever made it: it was changed by something else than Vitrine.",
  },

  // Room on the disk.
  noRoomForFeatures: {
    code: 'DISK_FULL',
    message: 'The features may take {needed}; the disk of {folder} has {free} free.',
    remedy: FREE_SPACE,
  },
  noRoomForTraining: {
    code: 'DISK_FULL',
    message: 'The training may take {needed} with its checkpoints; the disk of {folder} has {free} free.',
    remedy: FREE_SPACE,
  },
  noRoomForModel: {
    code: 'DISK_FULL',
    message:
      'The model takes {needed}, with the copy that becomes the encoder; the disk of {folder} has {free} free.',
    remedy: FREE_SPACE,
  },
  noRoomForExport: {
    code: 'DISK_FULL',
    message: 'The export may take {needed}; the disk of {folder} has {free} free.',
    remedy: FREE_SPACE,
  },
  noRoomForCopy: {
    code: 'DISK_FULL',
    message: 'A copy that the window can play may take {needed}; the disk of {folder} has {free} free.',
    remedy: FREE_SPACE,
  },
  noRoomForBackup: {
    code: 'DISK_FULL',
    message: 'The backup may take {needed}; the disk of {folder} has {free} free.',
    remedy: FREE_SPACE,
  },
  noRoomForRestore: {
    code: 'DISK_FULL',
    message: 'Restoring may take {needed}; the disk of {folder} has {free} free.',
    remedy: FREE_SPACE,
  },
  noRoomForSalvage: {
    code: 'DISK_FULL',
    message: 'Saving what can be read may take {needed}; the disk of {folder} has {free} free.',
    remedy: FREE_SPACE,
  },
})
