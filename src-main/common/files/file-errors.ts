/**
 * The one place where an error of the file system becomes a sentence with its file and what to do. Whoever
 * knows better what a file is for throws a failure of its own; all else goes through `fileError` where the
 * path is known, and at the latest in `toFailure`, which every error passes on its way to people.
 */
import { CancelledError, VitrineError } from '../failures.ts'
import { failures } from './failures.ts'

type FailureOfPath = (values: { path: string }, options: ErrorOptions) => VitrineError

const BY_CODE: Readonly<Record<string, FailureOfPath>> = {
  ENOENT: failures.missing,
  EACCES: failures.denied,
  EPERM: failures.denied,
  EROFS: failures.readOnly,
  EISDIR: failures.isFolder,
  ENOTDIR: failures.notAFolder,
  ENXIO: failures.notAFile,
  ENODEV: failures.notAFile,
  ESPIPE: failures.notAFile,
  ELOOP: failures.linkLoop,
  ENAMETOOLONG: failures.nameTooLong,
  EEXIST: failures.exists,
  ENOTEMPTY: failures.notEmpty,
  ENOSPC: failures.diskFull,
  EDQUOT: failures.quotaFull,
  EFBIG: failures.fileTooLarge,
  ERR_FS_FILE_TOO_LARGE: failures.fileTooLarge,
  EMFILE: failures.tooManyOpen,
  ENFILE: failures.tooManyOpen,
  EBUSY: failures.busy,
  ETXTBSY: failures.busy,
  EIO: failures.diskBroken,
  ESTALE: failures.diskGone,
  EHOSTDOWN: failures.diskGone,
  ENOTCONN: failures.diskGone,
  EXDEV: failures.otherDisk,
  ENOTSUP: failures.unsupported,
  EOPNOTSUPP: failures.unsupported,
  ENOSYS: failures.unsupported,
}

/** Calls of the system that are not about files. */
const OTHER_CALLS = /^(spawn|connect|listen|bind|accept|getaddrinfo|query|kill|uv_)/

/** A path longer than this is cut in the middle. */
const LONGEST_PATH = 500

/**
 * The VitrineError of what the file system threw at `path` (which the error itself may know better); anything
 * else unchanged.
 */
export function fileError(error: unknown, path?: string): unknown {
  return systemFailure(error, path) ?? error
}

/** Throws what `fileError` says: `.catch(throwFileError(path))`. */
export function throwFileError(path: string): (error: unknown) => never {
  return (error) => {
    throw fileError(error, path)
  }
}

/** What is expected of anything thrown, in words; null for a bug and for a cancel. */
export function expectedError(error: unknown): VitrineError | null {
  return error instanceof VitrineError ? error : systemFailure(error)
}

/** Whether a failure is of the one file alone, so that work on others can go on. */
export const isAboutOneFile = (error: unknown): error is VitrineError =>
  error instanceof VitrineError && (error.code === 'BAD_INPUT' || error.code === 'NOT_FOUND')

/** The system's name of an error, such as `ENOENT`; null for any other error. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}

function systemFailure(error: unknown, path?: string): VitrineError | null {
  const code = systemCode(error)
  if (code === null || error instanceof VitrineError || error instanceof CancelledError) {
    return null
  }
  const { syscall, path: at } = error as NodeJS.ErrnoException
  if (syscall !== undefined && OTHER_CALLS.test(syscall)) {
    return null
  }
  const shown = shortPath(path ?? at ?? 'a file')
  const fail = BY_CODE[code]
  if (fail !== undefined) {
    return fail({ path: shown }, { cause: error })
  }
  const isOfFile = syscall !== undefined && (path ?? at) !== undefined
  return isOfFile ? failures.refused({ path: shown, reason: code }, { cause: error }) : null
}

const shortPath = (path: string): string =>
  path.length > LONGEST_PATH ? `${path.slice(0, 300)}...${path.slice(-150)}` : path
