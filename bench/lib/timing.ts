/**
 * The shortest of `rounds` runs of `work`, in milliseconds, after one run that is not counted. Other load on the machine
 * can only make a run longer, so the shortest is the one that says what the work costs.
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
