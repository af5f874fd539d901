/** The time of a run over all its sessions, pauses left out. */
export class Stopwatch {
  #startedAt: number

  /** `seconds`: what earlier sessions took. */
  constructor(seconds: number) {
    this.#startedAt = performance.now() - 1000 * seconds
  }

  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1000
  }

  /** Waits; that time is not the run's own. */
  async exclude(wait: () => Promise<void>): Promise<void> {
    const since = performance.now()
    await wait()
    this.#startedAt += performance.now() - since
  }
}
