import { defineFailures } from '../common/failures.ts'

const FREE_SPACE =
  'Free some space: "vitrine check PROJECT --storage", or Storage in the window, says what takes how much.'

/** What a use case asks of the project, the disk and the place that it writes to before it can begin. */
export const failures = defineFailures('workspace', {
  noModel: {
    code: 'NOT_READY',
    message: 'No model is trained yet.',
    remedy: 'Train one first, or name a model.',
  },
  modelInTraining: {
    code: 'NOT_READY',
    message: 'Model {modelId} is still being trained.',
    remedy: 'Wait, or choose another model.',
  },
  modelStopped: {
    code: 'NOT_READY',
    message: 'The training of model {modelId} has stopped.',
    remedy: 'Resume it, keep its best parameters so far, or choose another model.',
  },
  modelFailed: {
    code: 'NOT_READY',
    message: "Model {modelId} failed: it can't be used.",
    remedy: 'Choose another model.',
  },
  modelTrashed: {
    code: 'NOT_READY',
    message: 'Model {modelId} is in the trash.',
    remedy: 'Restore it, or choose another model.',
  },
  modelEmptied: {
    code: 'NOT_FOUND',
    message: 'The files of model {modelId} went with the trash when it was emptied.',
    remedy: 'Choose another model.',
  },
  externalModel: {
    code: 'CONFLICT',
    message:
      'Model {modelId} ({name}) is another system’s, which nothing here can run: there are only its captions.',
    remedy: 'Choose a model that was trained here.',
  },
  withoutActivations: {
    code: 'CONFLICT',
    message: 'Model {modelId} ({name}) came without activations, so it has no neurons to look at.',
    remedy: 'Import it once more, with a file of activations.',
  },
  noFeatures: {
    code: 'NOT_READY',
    message: 'The clips have no features yet.',
    remedy: 'Compute features first.',
  },
  clipWithoutFeatures: {
    code: 'NOT_READY',
    message: 'The clip {clip} has no features for this model.',
    remedy: 'Compute features with the settings that the model was trained on.',
  },

  // Where something is to be written.
  exists: {
    code: 'CONFLICT',
    message: '{path} exists already.',
    remedy:
      'Name another place, or have it replaced (Replace in the window, --overwrite on the command line).',
  },
  insideProject: {
    code: 'BAD_INPUT',
    message: '{path} is inside the folder of the project, whose files are its own.',
    remedy: 'Name a place outside of it.',
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
  noRoomForArchive: {
    code: 'DISK_FULL',
    message: 'The archive may take {needed} while it is made; the disk of {folder} has {free} free.',
    remedy: FREE_SPACE,
  },
  noRoomForUnarchive: {
    code: 'DISK_FULL',
    message: 'The project takes {needed} when it is unpacked; the disk of {folder} has {free} free.',
    remedy: 'Free some space, or name a folder on another disk.',
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
