import type { Progress } from '#contract'

/** What a task reports of its running phase. */
export interface Report {
  phase: string
  done: number
  total: number | null
  unit: string
}

/** Seconds over which the rate forgets: long enough to be steady, short enough to follow a change of pace. */
const MEMORY = 10
/** Seconds of a phase before its time left is guessed at. */
const FIRST_GUESS = 1

export interface RateMeter {
  progress(report: Report): Progress
  /** Leaves the time since the last report out: the work was held. */
  skip(): void
}

/**
 * Turns reports into progress with a smoothed rate (units a second) and the time left. The rate is the
 * quotient of two exponentially fading sums, units done and seconds passed, so that a late report neither
 * inflates nor stalls it. It starts afresh with each phase. `now`: milliseconds, monotonic.
 */
export function rateMeter(now: () => number): RateMeter {
  let phase: string | null = null
  let began = 0
  let last = { at: 0, done: 0 }
  let units = 0
  let seconds = 0
  const progress = (report: Report): Progress => {
    const at = now()
    if (report.phase !== phase || report.done < last.done) {
      phase = report.phase
      began = at
      last = { at, done: report.done }
      units = seconds = 0
    }
    const passed = (at - last.at) / 1000
    const fade = Math.exp(-passed / MEMORY)
    units = units * fade + report.done - last.done
    seconds = seconds * fade + passed
    last = { at, done: report.done }
    const known = seconds > 0 && at - began >= FIRST_GUESS * 1000
    const rate = known ? units / seconds : null
    const secondsLeft =
      rate !== null && rate > 0 && report.total !== null
        ? Math.max(0, report.total - report.done) / rate
        : null
    return { ...report, rate, secondsLeft }
  }
  const skip = () => {
    const held = now() - last.at
    began += held
    last.at += held
  }
  return { progress, skip }
}
