import { defineFailures } from '../failures.ts'

const OTHER_PLACE = 'Choose another place.'
const FREE_SPACE = 'Free some space and try again.'
const CHECK_DISK = 'Check the disk, and take the file from a copy.'

/** What the system says of files, in the words of people; see file-errors.ts. */
export const failures = defineFailures('files', {
  missing: {
    code: 'NOT_FOUND',
    message: '{path} does not exist.',
    remedy: 'Check the path, or put the file back.',
  },
  denied: {
    code: 'BAD_INPUT',
    message: '{path} may not be read or written: permission denied.',
    remedy: 'Change its permissions, or choose another place.',
  },
  readOnly: {
    code: 'BAD_INPUT',
    message: '{path} is on a disk that can only be read.',
    remedy: OTHER_PLACE,
  },
  isFolder: {
    code: 'BAD_INPUT',
    message: '{path} is a folder, not a file.',
    remedy: 'Name a file.',
  },
  notAFolder: {
    code: 'BAD_INPUT',
    message: '{path} is, or leads through, a file and not a folder.',
    remedy: 'Check the path.',
  },
  notAFile: {
    code: 'BAD_INPUT',
    message: '{path} is neither a file nor a folder, but a pipe, a socket or a device.',
    remedy: 'Name a file.',
  },
  linkLoop: {
    code: 'BAD_INPUT',
    message: '{path} is a symbolic link that leads back to itself.',
    remedy: 'Remove the link.',
  },
  nameTooLong: {
    code: 'BAD_INPUT',
    message: '{path} is too long a name for this disk.',
    remedy:
      'Choose a shorter one: most disks take 255 bytes a name, and fewer letters where they need several bytes.',
  },
  exists: { code: 'CONFLICT', message: '{path} exists already.', remedy: 'Choose another name.' },
  notEmpty: { code: 'CONFLICT', message: '{path} is not empty.', remedy: 'Choose another folder.' },
  diskFull: {
    code: 'DISK_FULL',
    message: 'No space is left on the disk to write {path}.',
    remedy: FREE_SPACE,
  },
  quotaFull: {
    code: 'DISK_FULL',
    message: 'Your share of the disk is used up: {path} could not be written.',
    remedy: FREE_SPACE,
  },
  fileTooLarge: {
    code: 'BAD_INPUT',
    message: '{path} is too large a file for this disk, or for this program.',
    remedy: 'Divide it, or use another disk.',
  },
  tooManyOpen: {
    code: 'CONFLICT',
    message: 'Too many files are open to open {path}.',
    remedy: 'Close other programs, or raise the limit (ulimit -n).',
  },
  busy: {
    code: 'CONFLICT',
    message: '{path} is in use by another program.',
    remedy: 'Close it there and try again.',
  },
  diskBroken: {
    code: 'BAD_INPUT',
    message: 'The disk reports an error at {path}.',
    remedy: CHECK_DISK,
  },
  diskGone: {
    code: 'BAD_INPUT',
    message: '{path} is on a disk that does not answer.',
    remedy: 'Connect the disk or the network again.',
  },
  otherDisk: {
    code: 'BAD_INPUT',
    message: '{path} would have to move to another disk.',
    remedy: 'Choose a place on the same disk.',
  },
  unsupported: {
    code: 'BAD_INPUT',
    message: 'The disk of {path} can not do what is needed.',
    remedy: 'Choose a place on another disk.',
  },
  pathWithNul: {
    code: 'BAD_INPUT',
    message: 'The path {path} holds a NUL character.',
    remedy: 'Write it without.',
  },
  notALocalFile: {
    code: 'BAD_INPUT',
    message: '{path} names no file of this machine.',
    remedy: 'Write a path, or an address such as file:///home/me/clips.',
  },
  refused: {
    code: 'BAD_INPUT',
    message: 'The system refuses to use {path} ({reason}).',
    remedy: 'Check the path.',
  },
})
