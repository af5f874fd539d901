/** Long work of a process that has others to serve: it is done in slices. */
import { setImmediate } from 'node:timers/promises'
import { CancelledError } from './failures.ts'

/** How long others wait at most, in milliseconds, where a single step is short. */
const SLICE = 20

/** Lets others have their turn when this work has had its own; throws CancelledError on abort. */
export type Breathe = () => Promise<void> | undefined

/** Call what it returns between the steps of long work: `await breathe()`. */
export function breather(signal?: AbortSignal): Breathe {
  let began = performance.now()
  const rest = async (): Promise<void> => {
    await setImmediate()
    if (signal?.aborted === true) {
      throw new CancelledError()
    }
    began = performance.now()
  }
  return () => (performance.now() - began < SLICE ? undefined : rest())
}
