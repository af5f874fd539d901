import { CancelledError } from '#contract'

/** Throws CancelledError once the signal has aborted. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) {
    throw new CancelledError()
  }
}
