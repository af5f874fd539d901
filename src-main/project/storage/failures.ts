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

  projectThere: {
    code: 'CONFLICT',
    message: '{folder} is there already.',
    remedy: 'Name another folder, or another project: NAME.vitrine.',
  },
  noProjectInArchive: {
    code: 'BAD_INPUT',
    message: '{file} holds no project that can be opened.',
    remedy:
      'Make the archive anew where it comes from; "vitrine check" there says what is wrong with the project.',
  },
  newerInArchive: {
    code: 'NEWER_PROJECT',
    message: 'The project in {file} was written by a newer version of Vitrine.',
    remedy: 'Update Vitrine.',
  },
  foreignInArchive: {
    code: 'BAD_INPUT',
    message: '{file} holds "{name}", which is no part of a project.',
    remedy: 'Nothing was unpacked. Ask whoever made it: Vitrine writes no such archive.',
  },

  featuresElsewhere: {
    code: 'BAD_INPUT',
    message: 'The project names "{key}" as settings of features, which no folder has the name of.',
    remedy: "Don't use this project, or ask whoever made it: it was changed by something else than Vitrine.",
  },
})
