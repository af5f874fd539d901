/**
 * Expected failures as they cross every boundary (IPC, HTTP, command line), unchanged. What is thrown besides
 * is a bug and has the code BUG.
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
