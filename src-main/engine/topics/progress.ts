import type { EngineContext } from '../../engine-host/contract/index.ts'

/** Progress is reported at the end of a sweep, at most this often, in milliseconds. */
const INTERVAL = 100

/**
 * Reports the tokens of `sweeps` sweeps over so many `tokens` as progress, so that its rate is tokens a
 * second. Of several chains, `before` sweeps are done when this one starts, and `all` are to be done.
 */
export function sweepProgress(
  { progress }: EngineContext,
  phase: string,
  tokens: number,
  sweeps: { before: number; all: number },
): (sweep: number) => void {
  let reported = performance.now()
  return (sweep) => {
    const done = sweeps.before + sweep
    if (performance.now() - reported < INTERVAL && done < sweeps.all) {
      return
    }
    reported = performance.now()
    progress({ phase, done: done * tokens, total: sweeps.all * tokens, unit: 'tokens' })
  }
}
