/** Throws CancelledError once the signal has aborted. */
import { CancelledError } from '../common/failures.ts'
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) {
    throw new CancelledError()
  }
}
