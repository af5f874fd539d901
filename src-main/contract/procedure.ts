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

/** Of a clip, topic, model ... within its project. */
export const id = z.number().int()
