/** What every procedure of the contract starts from: the errors that any of them may answer with. */
import { oc } from '@orpc/contract'
import * as z from 'zod'
import { errorParameters, ERROR_CODES } from './errors.ts'
import type { ErrorCode } from './errors.ts'

const errors = Object.fromEntries(ERROR_CODES.map((code) => [code, { data: errorParameters }])) as Record<
  ErrorCode,
  { data: typeof errorParameters }
>

export const procedure = oc.errors(errors)

/*
 * What anybody sends has limits (test/contract/limits.test.ts): no request is larger than what its answer is for.
 */

const LARGEST = 2 ** 48

/** Of a clip, topic, model ... within its project. */
export const id = z.number().int().min(-LARGEST).max(LARGEST)
/** Some of them: of a project's clips at most all. */
export const ids = z.array(id).max(1_000_000)
/** Of chance: the same seed gives the same result. */
export const seed = z.number().int().min(-LARGEST).max(LARGEST)
/** A row of a list, counted from 0. */
export const offset = z.number().int().min(0).max(LARGEST)
/** Of a file or folder, as a person writes it: `~` is their home, and an address file:///... is one too. */
export const path = z
  .string()
  .min(1, 'A path is missing')
  .max(4096, 'A path has at most 4,096 characters')
  .refine((text) => !text.includes('\0'), 'A path has no NUL in it')
/** What a list is searched for, or a thing is found by. */
export const searchText = z.string().max(2000)
export const word = z.string().max(500)
export const words = z.array(word).max(100_000)
