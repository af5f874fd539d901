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

/** The values in a failure's sentence, by name. */
export const failureValues = z.record(z.string(), z.union([z.string(), z.number()]))

/** What an error of the contract says beside its code and its sentence. */
export const errorParameters = z.object({
  /** Names the sentence, whatever language it is said in: `training.inTraining`. */
  key: z.string(),
  values: failureValues,
  remedy: z.string().nullable(),
})

/**
 * What a person sees of a failure: what happened and where (`message`), and what to do (`remedy`), in
 * English; `key` and `values` say the same to a program.
 */
export const failure = errorParameters.extend({
  code: z.union([errorCode, z.literal('BUG')]),
  message: z.string(),
})
export type Failure = z.infer<typeof failure>

/** An expected failure: one clear sentence, an optional remedy, and the file and line where they are known. */
export class VitrineError extends Error {
  override readonly name = 'VitrineError'
  readonly code: ErrorCode
  readonly key: string
  readonly values: Failure['values']
  readonly remedy: string | null

  constructor(failure: Failure & { code: ErrorCode }, options?: ErrorOptions)
  constructor(code: ErrorCode, message: string, remedy?: string | null, options?: ErrorOptions)
  constructor(
    first: (Failure & { code: ErrorCode }) | ErrorCode,
    second?: string | ErrorOptions,
    remedy: string | null = null,
    options?: ErrorOptions,
  ) {
    const failure =
      typeof first === 'string'
        ? { code: first, key: '', values: {}, message: String(second), remedy }
        : first
    super(failure.message, typeof second === 'object' ? second : options)
    this.code = failure.code
    this.key = failure.key
    this.values = failure.values
    this.remedy = failure.remedy
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
    const { code, key, values, message, remedy } = error
    return { code, key, values, message, remedy }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'BUG', key: 'bug', values: { message }, message, remedy: null }
}
