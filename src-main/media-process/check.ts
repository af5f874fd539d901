import { AVERROR_ENOMEM, AVERROR_ENOSPC } from 'node-av/constants'
import { FFmpegError } from 'node-av/lib'
import { failures } from '../media/failures.ts'

/** Hands a call's answer on. Throws BAD_INPUT with FFmpeg's own words, or DISK_FULL, when the call has failed. */
export function check(code: number, file: string): number {
  if (code >= 0) {
    return code
  }
  switch (code) {
    case AVERROR_ENOMEM:
      throw failures.tooMuchMemory({ file })
    case AVERROR_ENOSPC:
      throw failures.diskFull({ file })
    default:
      throw failures.ffmpegFailed({ file, reason: FFmpegError.strerror(code) })
  }
}

/** The same for what answers nothing at all. */
export function made<Made>(result: Made | null, file: string): Made {
  if (result === null) {
    throw failures.ffmpegSilent({ file })
  }
  return result
}
