/** A call of the training step takes about this many milliseconds, so that pause and cancel are heard. */
const CALL_TIME = 500
export const MAX_STEPS_PER_CALL = 16

/** How many steps a call takes, by how long the last call took. */
export class CallPace {
  #stepsPerCall = 1

  get stepsPerCall(): number {
    return this.#stepsPerCall
  }

  /** A call has taken so many steps in so many milliseconds. */
  record(steps: number, milliseconds: number): void {
    const inTime = Math.floor((CALL_TIME * steps) / milliseconds)
    this.#stepsPerCall = Math.max(1, Math.min(MAX_STEPS_PER_CALL, inTime))
  }
}
