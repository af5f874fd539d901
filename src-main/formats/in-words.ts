/** What a library throws about a file that it can't read, in the sentence that the file's format has for it. */
import { VitrineError } from '../common/failures.ts'

/** A format's failure for a file that is broken; the library's words are the reason. */
type Broken = (values: { file: string; reason: string }, options: ErrorOptions) => VitrineError

/** The failure; one that is in words already stays as it is. */
export const brokenFile = (broken: Broken, file: string, error: unknown): VitrineError =>
  error instanceof VitrineError
    ? error
    : broken({ file, reason: error instanceof Error ? error.message : String(error) }, { cause: error })

/** Does work with a library, and says what it throws by `broken`. */
export async function inWords<Result>(
  broken: Broken,
  file: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw brokenFile(broken, file, error)
  }
}
