import { setImmediate } from 'node:timers/promises'
import { CancelledError } from '../common/failures.ts'

/** How long work may hold the event loop before a cancel can be heard, in milliseconds. */
const SLICE = 40

/** Lets waiting messages in; `due` says whether the work has held the thread for a slice. */
export interface Pacer {
  (): Promise<void>
  due(): boolean
}

/**
 * Lets long synchronous work share its thread. The returned function is called often (it costs a clock
 * reading): once the work has held the thread for a slice it lets waiting messages in, and when the signal is
 * aborted it throws CancelledError. `if (pause.due()) await pause()` avoids a promise where none is needed.
 */
export function createPacer(signal: AbortSignal): Pacer {
  let since = performance.now()
  const pause = async (): Promise<void> => {
    await setImmediate()
    since = performance.now()
    if (signal.aborted) {
      throw new CancelledError()
    }
  }
  return Object.assign(pause, { due: () => performance.now() - since >= SLICE })
}
