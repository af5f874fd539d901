/**
 * Expected failures. Each has a code that crosses every boundary unchanged (IPC, HTTP, command line);
 * anything that is not a VitrineError is a bug and is reported as one.
 */
import * as z from 'zod'

/** Every code an expected failure can have. A cancel is an outcome of a job, never an error that is shown. */
export const ERROR_CODES = [
  'BAD_INPUT', // a file, setting or argument is wrong: the message says what, where and what to do
  'NOT_FOUND', // the named thing does not exist in this project
  'NO_PROJECT', // nothing is open
  'NEWER_PROJECT', // written by a newer version of Vitrine
  'NOT_READY', // an earlier stage has to run first
  'CONFLICT', // the state changed underneath, or the thing is in use
  'DISK_FULL',
  'ENGINE_DIED', // the engine process ended while it worked
  'DIVERGED', // a loss became NaN or infinite
  'TOOL_MISSING', // ffmpeg, a browser or a device is not there
] as const
export const errorCode = z.enum(ERROR_CODES)
export type ErrorCode = z.infer<typeof errorCode>

/** What an error of the contract says beside its code and sentence. */
export const errorParameters = z.object({ remedy: z.string().nullable() })

/** What a person sees of a failure: what happened and where (`message`), and what to do (`remedy`). */
export const failure = z.object({
  code: z.union([errorCode, z.literal('BUG')]),
  message: z.string(),
  remedy: z.string().nullable(),
})
export type Failure = z.infer<typeof failure>

/**
 * An expected failure: one clear sentence, an optional remedy, and the file and line where they are known.
 */
export class VitrineError extends Error {
  override readonly name = 'VitrineError'
  readonly code: ErrorCode
  readonly remedy: string | null

  constructor(code: ErrorCode, message: string, remedy: string | null = null, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.remedy = remedy
  }
}

/** Thrown by long work when its signal aborts; jobs turn it into the state `cancelled`. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError'
  constructor() {
    super('cancelled')
  }
}

/** The Failure of anything thrown. Unexpected errors get the code BUG and keep their message. */
export function toFailure(error: unknown): Failure {
  if (error instanceof VitrineError) {
    return { code: error.code, message: error.message, remedy: error.remedy }
  }
  return { code: 'BUG', message: error instanceof Error ? error.message : String(error), remedy: null }
}
