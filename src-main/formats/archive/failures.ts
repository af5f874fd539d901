import { defineFailures } from '../../common/failures.ts'

const ANEW = 'Copy the archive anew, or make it anew where it comes from.'
const DISTRUST = 'Nothing was unpacked. Ask whoever made it: Vitrine writes no such archive.'

export const failures = defineFailures('archive', {
  broken: { code: 'BAD_INPUT', message: "{file} can't be unpacked ({reason}).", remedy: ANEW },
  notAnArchive: {
    code: 'BAD_INPUT',
    message: '{file} is no archive of a project: no list of its files is in it.',
    remedy: 'Name a file that "vitrine archive", or Export in the window, has made.',
  },
  newer: {
    code: 'BAD_INPUT',
    message: '{file} was made by a newer version of Vitrine.',
    remedy: 'Update Vitrine.',
  },
  listUnfit: {
    code: 'BAD_INPUT',
    message: 'The list of files in {file} is damaged: {reason}.',
    remedy: ANEW,
  },
  nameUnfit: {
    code: 'BAD_INPUT',
    message: '{file} holds "{name}", which is no name that a file in a folder can have on every system.',
    remedy: DISTRUST,
  },
  twice: { code: 'BAD_INPUT', message: '{file} holds "{name}" twice.', remedy: DISTRUST },
  link: {
    code: 'BAD_INPUT',
    message: '{file} holds "{name}", which is a link or something else that is no file.',
    remedy: DISTRUST,
  },
  notListed: {
    code: 'BAD_INPUT',
    message: '{file} holds "{name}", which its list of files does not name.',
    remedy: DISTRUST,
  },
  missing: {
    code: 'BAD_INPUT',
    message: '{file} lacks "{name}", which its list of files names.',
    remedy: ANEW,
  },
  altered: {
    code: 'BAD_INPUT',
    message: '{file} is damaged: "{name}" in it is not what was packed.',
    remedy: ANEW,
  },
  bomb: {
    code: 'BAD_INPUT',
    message: '{file} would unpack to {unpacked}, from {packed}: no project packs so small.',
    remedy: DISTRUST,
  },
})
