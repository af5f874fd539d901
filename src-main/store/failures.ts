import { defineFailures } from '../common/failures.ts'

const CHOOSE_PLACE = 'Choose another place for the project.'
const SALVAGE =
  '"vitrine check PROJECT --repair" saves what can be read of it; "vitrine backup PROJECT --list" lists the backups that can be restored.'
const CHOOSE_PROJECT = 'Choose a folder NAME.vitrine, or create a project.'

export const failures = defineFailures('store', {
  openElsewhere: {
    code: 'CONFLICT',
    message: 'Another program has the project {folder} open.',
    remedy: 'Close it there first.',
  },

  jobElsewhere: {
    code: 'CONFLICT',
    message: 'Another program is at work on this project: "{job}".',
    remedy: 'Wait until it is done, or cancel it there.',
  },
  changedMeanwhile: {
    code: 'CONFLICT',
    message: 'Another program changed the project while it was backed up; nothing was restored.',
    remedy: 'Look at what restoring would change now, and restore again.',
  },

  // Creating and opening projects.
  nameUnfit: {
    code: 'BAD_INPUT',
    message: '{folder} is no name for a project.',
    remedy: 'Choose a name that ends in .vitrine.',
  },
  parentMissing: {
    code: 'BAD_INPUT',
    message: 'The folder {folder} does not exist.',
    remedy: 'Create it, or choose another place for the project.',
  },
  alreadyThere: {
    code: 'CONFLICT',
    message: '{folder} exists already.',
    remedy: 'Open it, or choose another name.',
  },
  pathTooLong: {
    code: 'BAD_INPUT',
    message: '{folder} is too long a path for a project: it may have {limit} bytes.',
    remedy: CHOOSE_PLACE,
  },
  projectMissing: { code: 'BAD_INPUT', message: '{folder} does not exist.', remedy: CHOOSE_PROJECT },
  noProjectFile: {
    code: 'BAD_INPUT',
    message: '{folder} is not a Vitrine project: it holds no project.sqlite.',
    remedy: CHOOSE_PROJECT,
  },
  notAProject: {
    code: 'BAD_INPUT',
    message: '{file} is not a Vitrine project.',
    remedy: 'Choose another folder.',
  },
  newerProject: {
    code: 'NEWER_PROJECT',
    message:
      '{file} was written by a newer version of Vitrine (format {version}; this one reads up to {newest}).',
    remedy: 'Update Vitrine to open it.',
  },

  // An open project that is not where it was.
  projectGone: {
    code: 'CONFLICT',
    message: '{folder} was deleted, moved or renamed while it was open.',
    remedy: 'Put it back, or open it where it is now: all that was saved is in it.',
  },
  projectReplaced: {
    code: 'CONFLICT',
    message: 'Another project.sqlite has taken the place of the open one in {folder}.',
    remedy: 'Close the project, and open it again.',
  },
  outsideProject: {
    code: 'BAD_INPUT',
    message: 'The project names {path} as a file of its own, which would lie outside of its folder.',
    remedy: "Don't use this project, or ask whoever made it: it was changed by something else than Vitrine.",
  },
  leadsOut: {
    code: 'BAD_INPUT',
    message: '{path} is a link that leads out of the project.',
    remedy: 'Put a folder in the place of the link.',
  },
  valueUnreadable: {
    code: 'BAD_INPUT',
    message: 'The project file project.sqlite holds a value that is not of its kind ({reason}).',
    remedy: 'Restore the project from a copy.',
  },
  otherTables: {
    code: 'BAD_INPUT',
    message: 'The project file project.sqlite lacks what Vitrine keeps in it ({reason}).',
    remedy: 'Restore the project from a copy.',
  },
  diskBroken: {
    code: 'BAD_INPUT',
    message: 'The disk reports an error at the project file project.sqlite.',
    remedy: 'Check the disk, and restore the project from a copy.',
  },

  // What a database says that people can do something about.
  diskFull: {
    code: 'DISK_FULL',
    message: 'No space is left on the disk to save the project.',
    remedy: 'Free some space and try again.',
  },
  inUse: {
    code: 'CONFLICT',
    message: 'Another program is writing to this project.',
    remedy: 'Wait until it is done, then try again.',
  },
  readOnly: {
    code: 'BAD_INPUT',
    message: 'This project can only be read: Vitrine may not write to its folder.',
    remedy: 'Change its permissions and open it again, or copy the project elsewhere.',
  },
  damaged: {
    code: 'BAD_INPUT',
    message: 'The project file project.sqlite is damaged.',
    remedy: SALVAGE,
  },
  damagedFile: {
    code: 'BAD_INPUT',
    message: 'The project file {file} is damaged: {problem}.',
    remedy: SALVAGE,
  },
  nothingToSalvage: {
    code: 'BAD_INPUT',
    message: 'Nothing in the project file can be read.',
    remedy: '"vitrine backup PROJECT --list" lists its backups, and --restore brings one back.',
  },
  backupUnknown: {
    code: 'NOT_FOUND',
    message: 'This project has no backup {backup}.',
    remedy: '"vitrine backup PROJECT --list" lists them.',
  },
  fileThere: {
    code: 'CONFLICT',
    message: '{file} exists already.',
    remedy: 'Choose another name.',
  },
  backupUnfit: {
    code: 'BAD_INPUT',
    message: '{file} is not a backup of a project that this version of Vitrine reads.',
    remedy: 'Choose another one.',
  },

  // What a project does not hold.
  clipUnknown: { code: 'NOT_FOUND', message: 'This project has no clip {clipId}.' },
  featuresUnknown: { code: 'NOT_FOUND', message: 'This project has no features {key}.' },
  findingUnknown: { code: 'NOT_FOUND', message: 'This project has no finding {findingId}.' },
  topicUnknown: { code: 'NOT_FOUND', message: 'This project has no topic {topicId}.' },
  topicRunMissing: { code: 'NOT_FOUND', message: 'This project has no run of topics.' },
  snapshotUnknown: { code: 'NOT_FOUND', message: 'This project has no snapshot {snapshotId}.' },
  modelUnknown: { code: 'NOT_FOUND', message: 'This project has no model {modelId}.' },
  sweepUnknown: { code: 'NOT_FOUND', message: 'This project has no sweep {sweepId}.' },
  correctionUnknown: { code: 'NOT_FOUND', message: 'This project has no correction {correctionId}.' },
  actionResultUnknown: {
    code: 'NOT_FOUND',
    message: 'This project has no comparison of actions {resultId}.',
  },
  jobUnknown: { code: 'NOT_FOUND', message: 'This project has no job {jobId}.' },
  editUnknown: { code: 'NOT_FOUND', message: 'This project has no edit {editId}.' },
  editBuiltOn: {
    code: 'CONFLICT',
    message: 'It can’t be taken back: {label}. Built on it was, by {who}: {later}.',
    remedy: 'Take that back first, or go to an earlier state in the history.',
  },
  editOvertaken: {
    code: 'CONFLICT',
    message: 'It can’t be made again: {label}. In its way is, by {who}: {other}.',
    remedy: 'Do it anew, or go to another state in the history.',
  },
})
