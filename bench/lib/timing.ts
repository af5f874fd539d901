import { figure } from './table.ts'

/**
 * The shortest of `rounds` runs of `work`, in milliseconds, after one run that is not counted. Other load on
 * the machine can only make a run longer, so the shortest is the one that says what the work costs.
 */
export async function bestOf(rounds: number, work: () => unknown): Promise<number> {
  await work()
  let best = Infinity
  for (let round = 0; round < rounds; round++) {
    const started = performance.now()
    await work()
    best = Math.min(best, performance.now() - started)
  }
  return best
}

/** The row of a table: median and 95th percentile of calls, in milliseconds. */
export async function timed(
  name: string,
  rounds: number,
  work: (round: number) => Promise<unknown>,
): Promise<string[]> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const started = performance.now()
    await work(round)
    times.push(performance.now() - started)
  }
  times.sort((a, b) => a - b)
  const quantile = (share: number) =>
    figure(times[Math.min(times.length - 1, Math.ceil(share * times.length) - 1)]!, 1)
  return [name, String(rounds), quantile(0.5), quantile(0.95)]
}
