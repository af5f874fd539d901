import type { Failure } from '#contract'
import { expectedError } from './files/file-errors.ts'

/**
 * The Failure of anything thrown; what the file system says is put into words. Unexpected errors get the code
 * BUG and keep their message.
 */
export function toFailure(error: unknown): Failure {
  const expected = expectedError(error)
  if (expected !== null) {
    const { code, key, values, message, remedy } = expected
    return { code, key, values, message, remedy }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'BUG', key: 'bug', values: { message }, message, remedy: null }
}
