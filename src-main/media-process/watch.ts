/** Holds work on one file to the limits, and lets this process hear that it is cancelled. */
import { setImmediate } from 'node:timers/promises'
import type { ChildContext } from '../child/messages.ts'
import { CancelledError } from '../common/failures.ts'
import type { MediaProgress } from '../media/contract.ts'
import { failures } from '../media/failures.ts'
import type { Limits } from '../media/limits.ts'

/** Milliseconds between two looks. */
const SLICE = 50

export interface Watch {
  /**
   * To be awaited between the steps of long work. Throws CancelledError, and BAD_INPUT when the file takes more
   * than the limits.
   */
  step(): Promise<void> | undefined
  /** Notes a frame. Throws BAD_INPUT when there are too many. */
  frame(): void
  /** Whether it has thrown: what was wrong is then with all of the work, and not with one file of several. */
  readonly isOver: boolean
}

/** `total`: frames, where progress is to be told. */
export function createWatch(
  file: string,
  limits: Limits,
  { signal, progress }: ChildContext<MediaProgress>,
  total = 0,
): Watch {
  const began = performance.now()
  let lastLook = began
  let lastFrame = began
  let frames = 0
  let isOver = false

  const over = (error: Error): Error => {
    isOver = true
    return error
  }
  const look = async (): Promise<void> => {
    progress({ done: Math.min(frames, total), total })
    await setImmediate()
    lastLook = performance.now()
    if (signal.aborted) {
      throw over(new CancelledError())
    }
    if (lastLook - began > 1000 * limits.seconds) {
      throw over(failures.tookTooLong({ file, seconds: limits.seconds }))
    }
    if (lastLook - lastFrame > 1000 * limits.secondsWithoutFrame) {
      throw over(failures.noProgress({ file, seconds: limits.secondsWithoutFrame }))
    }
    if (process.memoryUsage.rss() > limits.memoryBytes) {
      throw over(failures.tooMuchMemory({ file }))
    }
  }

  return {
    get isOver() {
      return isOver
    },
    step: () => (performance.now() - lastLook < SLICE ? undefined : look()),
    frame() {
      lastFrame = performance.now()
      if (++frames > limits.frames) {
        throw over(failures.tooManyFrames({ file, frames: limits.frames }))
      }
    },
  }
}
